package console

import (
	"net/http"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// routes returns every path of the console, with its permission and its handlers.
// Paths that only handle a form redirect GET to the page with the form: a reload after
// signing in again requests them with GET.
func (c *console) routes() []auth.Route {
	return []auth.Route{
		{Path: view.HomePath, Permission: auth.Admin, Get: redirect(view.CallbacksPath)},
		{Path: view.HomePath + "/{$}", Permission: auth.Admin, Get: redirect(view.CallbacksPath)},
		{Path: view.AssetsPath + "{name}", Permission: auth.Anyone, Get: auth.Asset(c.assets)},

		{Path: view.CallbacksPath, Permission: auth.Admin, Confirm: true, Get: c.integration.ShowCallbacks, Post: c.integration.SaveCallbacks},
		{Path: view.CallbackTokenPath, Permission: auth.Exporter, Confirm: true, Get: redirect(view.CallbacksPath), Post: c.integration.ChangeToken},
		{Path: view.CallbackTestPath, Permission: auth.Admin, Get: redirect(view.CallbacksPath), Post: c.integration.TestService},
		{Path: view.ActivityPath, Permission: auth.Admin, Get: c.integration.ShowActivity},

		{Path: view.ConversationsPath, Permission: auth.Admin, Confirm: true, Get: c.integration.ShowConversations, Post: c.integration.SaveConversations},
		{Path: view.ConversationsTestPath, Permission: auth.Admin, Get: redirect(view.ConversationsPath), Post: c.integration.TestConversations},
		{Path: view.ConversationsSetUpPath, Permission: auth.Admin, Confirm: true, Get: redirect(view.ConversationsPath), Post: c.integration.SetUpConversations},
		{Path: view.TemplatesPath, Permission: auth.Admin, Get: c.integration.ShowTemplates, Post: c.integration.ChangeTemplates},

		{Path: view.PeoplePath, Permission: auth.Admin, Get: c.people.ShowList},
		{Path: view.AddPersonPath, Permission: auth.Admin, Confirm: true, Get: c.people.ShowAdd, Post: c.people.Add},
		{Path: view.PersonPath, Permission: auth.Admin, Confirm: true, Get: c.people.ShowPerson, Post: c.people.ChangePerson},
		{Path: view.ConfirmPersonPath, Permission: auth.Admin, Get: c.people.ShowConfirm},
		{Path: view.OwnersPath, Permission: auth.Admin, Get: c.customers.ShowOwners, Post: c.customers.ChangeOwner},
		{Path: view.SignInPath, Permission: auth.Admin, Confirm: true, Get: c.people.ShowSignIn, Post: c.people.SaveSignIn},

		{Path: view.AuditPath, Permission: auth.Admin, Get: c.auditlog.ShowEntries},
		{Path: view.AuditRulesPath, Permission: auth.Admin, Confirm: true, Get: redirect(view.AuditPath), Post: c.auditlog.SaveRules},
		{Path: view.AuditExportPath, Permission: auth.Admin, Confirm: true, Get: redirect(view.AuditPath), Post: c.auditlog.Export},

		{Path: view.CustomersPath, Permission: auth.Admin, Get: c.customers.ShowList},
		{Path: view.SelectedPath, Permission: auth.Admin, Get: redirect(view.CustomersPath), Post: c.customers.ChangeSelected},
		{Path: view.AddCustomerPath, Permission: auth.Admin, Get: c.customers.ShowAdd, Post: c.customers.Add},
		{Path: view.CustomerPath, Permission: auth.Admin, Get: c.customers.ShowCustomer, Post: c.customers.SaveCustomer},
		{Path: view.ImportsPath, Permission: auth.Admin, Get: c.customers.ShowImports, Post: c.customers.Upload},
		{Path: view.ImportPath, Permission: auth.Admin, Get: c.customers.ShowImport, Post: c.customers.ChangeImport},
		{Path: view.RejectsPath, Permission: auth.Admin, Get: c.customers.Rejects},
		{Path: view.ProblemsPath, Permission: auth.Admin, Get: c.customers.Problems},
		{Path: view.ReassignPath, Permission: auth.Admin, Get: c.customers.ShowReassign, Post: c.customers.Reassign},
		{Path: view.ReassignmentPath, Permission: auth.Admin, Get: c.customers.ShowReassignment, Post: c.customers.CancelReassignment},
		{Path: view.DuplicatesPath, Permission: auth.Admin, Get: c.customers.ShowDuplicates, Post: c.customers.ChangeDuplicates},
		{Path: view.DeletedPath, Permission: auth.Admin, Get: c.customers.ShowDeleted, Post: c.customers.AllowImport},
		{Path: view.ExportPath, Permission: auth.Admin, Get: c.customers.ShowExport},
		{Path: view.ExportFilePath, Permission: auth.Exporter, Confirm: true, Get: redirect(view.ExportPath), Post: c.customers.Export},
	}
}

// redirect returns an action that redirects to path.
func redirect(path string) auth.Action {
	return func(w http.ResponseWriter, r *http.Request, _ *auth.Viewer) error {
		return view.Redirect(w, r, path)
	}
}
