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

		{Path: "/console/callbacks", Permission: auth.Admin, Get: c.showCallbacks, Post: c.saveCallbacks},
		{Path: "/console/callbacks/token", Permission: auth.Admin, Get: c.home, Post: c.changeToken},
		{Path: "/console/callbacks/test", Permission: auth.Admin, Get: c.home, Post: c.test},

		{Path: "/console/people", Permission: auth.Admin, Get: c.showPeople},
		{Path: "/console/people/add", Permission: auth.Admin, Get: c.newPerson, Post: c.addPerson},
		{Path: "/console/people/person", Permission: auth.Admin, Get: c.showPerson, Post: c.changePerson},
		{Path: "/console/people/confirm", Permission: auth.Admin, Get: c.confirmPerson},
		{Path: "/console/signin", Permission: auth.Admin, Get: c.showSignIn, Post: c.saveSignIn},

		{Path: "/console/audit", Permission: auth.Admin, Get: c.showAudit},
		{Path: "/console/audit/rules", Permission: auth.Admin, Get: c.toAudit, Post: c.saveRules},
		{Path: "/console/audit/export", Permission: auth.Admin, Get: c.toAudit, Post: c.exportAudit},

		{Path: "/console/activity", Permission: auth.Admin, Get: c.showActivity},

		{Path: customersPath, Permission: auth.Admin, Get: c.showCustomers},
		{Path: chosenPath, Permission: auth.Admin, Get: c.toCustomers, Post: c.chosen},
		{Path: addPath, Permission: auth.Admin, Get: c.showAdd, Post: c.addCustomer},
		{Path: customerPath, Permission: auth.Admin, Get: c.viewing(c.showCustomer), Post: c.viewing(c.saveCustomer)},
		{Path: importsPath, Permission: auth.Admin, Get: c.showImports, Post: c.upload},
		{Path: importPath, Permission: auth.Admin, Get: c.showImport, Post: c.actOnImport},
		{Path: rejectsPath, Permission: auth.Admin, Get: c.rejects},
		{Path: reassignPath, Permission: auth.Admin, Get: c.showReassign, Post: c.reassign},
		{Path: jobPath, Permission: auth.Admin, Get: c.showJob, Post: c.cancelJob},
		{Path: duplicatesPath, Permission: auth.Admin, Get: c.showDuplicates, Post: c.actOnDuplicates},
		{Path: deletedPath, Permission: auth.Admin, Get: c.showDeleted, Post: c.restore},
		{Path: exportPath, Permission: auth.Admin, Get: c.showExport},
		{Path: exportFilePath, Permission: auth.Exporter, Get: c.toExport, Post: c.export},

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
