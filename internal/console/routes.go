package console

import (
	"net/http"

	"github.com/clientele-project/clientele/internal/web/auth"
)

// visit is who makes a request, and how they read.
type visit = auth.Viewer

func (c *console) routes() []auth.Route {
	return []auth.Route{
		{Path: "/console", Permission: auth.Admin, Get: c.home},
		{Path: "/console/{$}", Permission: auth.Admin, Get: c.home},

		{Path: "/console/callbacks", Permission: auth.Admin, Get: c.ShowCallbacks, Post: c.SaveCallbacks},
		{Path: "/console/callbacks/token", Permission: auth.Admin, Get: c.home, Post: c.ChangeToken},
		{Path: "/console/callbacks/test", Permission: auth.Admin, Get: c.home, Post: c.TestService},

		{Path: "/console/people", Permission: auth.Admin, Get: c.ShowList},
		{Path: "/console/people/add", Permission: auth.Admin, Get: c.ShowAdd, Post: c.Add},
		{Path: "/console/people/person", Permission: auth.Admin, Get: c.ShowPerson, Post: c.ChangePerson},
		{Path: "/console/people/confirm", Permission: auth.Admin, Get: c.ShowConfirm},
		{Path: "/console/signin", Permission: auth.Admin, Get: c.ShowSignIn, Post: c.SaveSignIn},

		{Path: "/console/audit", Permission: auth.Admin, Get: c.ShowEntries},
		{Path: "/console/audit/rules", Permission: auth.Admin, Get: c.toAudit, Post: c.SaveRules},
		{Path: "/console/audit/export", Permission: auth.Admin, Get: c.toAudit, Post: c.Export},

		{Path: "/console/activity", Permission: auth.Admin, Get: c.ShowActivity},

		{Path: CustomersPath, Permission: auth.Admin, Get: c.ShowCustomers},
		{Path: BulkPath, Permission: auth.Admin, Get: c.ToCustomers, Post: c.BulkAction},
		{Path: AddCustomerPath, Permission: auth.Admin, Get: c.ShowAddCustomer, Post: c.AddCustomer},
		{Path: CustomerPath, Permission: auth.Admin, Get: c.viewing(c.ShowCustomer), Post: c.viewing(c.SaveCustomer)},
		{Path: ImportsPath, Permission: auth.Admin, Get: c.ShowImports, Post: c.Upload},
		{Path: ImportPath, Permission: auth.Admin, Get: c.ShowImport, Post: c.ChangeImport},
		{Path: RejectsPath, Permission: auth.Admin, Get: c.Rejects},
		{Path: ReassignPath, Permission: auth.Admin, Get: c.ShowReassign, Post: c.Reassign},
		{Path: JobPath, Permission: auth.Admin, Get: c.ShowJob, Post: c.CancelJob},
		{Path: DuplicatesPath, Permission: auth.Admin, Get: c.ShowDuplicates, Post: c.ChangeDuplicates},
		{Path: DeletedPath, Permission: auth.Admin, Get: c.ShowDeleted, Post: c.Restore},
		{Path: ExportPath, Permission: auth.Admin, Get: c.ShowExport},
		{Path: ExportFilePath, Permission: auth.Exporter, Get: c.ToExport, Post: c.Export2},

		{Path: assetsPath + "{name}", Permission: auth.Anyone, Get: c.asset},
	}
}

// home leads to the first screen, also from addresses that only answer a form: a
// reload after signing in again asks them with GET.
func (c *console) home(w http.ResponseWriter, r *http.Request, _ *visit) error {
	http.Redirect(w, r, "/console/callbacks", http.StatusSeeOther)
	return nil
}

// toAudit is home for the forms of the audit.
func (c *console) toAudit(w http.ResponseWriter, r *http.Request, _ *visit) error {
	http.Redirect(w, r, "/console/audit", http.StatusSeeOther)
	return nil
}

func (c *console) asset(w http.ResponseWriter, r *http.Request, _ *visit) error {
	if !c.assets.ServeAsset(w, r, r.PathValue("name")) {
		return auth.ErrNoPage
	}
	return nil
}
