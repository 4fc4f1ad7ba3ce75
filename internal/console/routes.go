package console

import (
	"net/http"

	"github.com/clientele-project/clientele/internal/door"
)

// visit is who makes a request, and how they read.
type visit = door.Visit

func (c *console) routes() []door.Route {
	return []door.Route{
		{Path: "/console", Who: door.Admin, Get: c.home},
		{Path: "/console/{$}", Who: door.Admin, Get: c.home},

		{Path: "/console/callbacks", Who: door.Admin, Get: c.showCallbacks, Post: c.saveCallbacks},
		{Path: "/console/callbacks/token", Who: door.Admin, Get: c.home, Post: c.changeToken},
		{Path: "/console/callbacks/test", Who: door.Admin, Get: c.home, Post: c.test},

		{Path: "/console/people", Who: door.Admin, Get: c.showPeople},
		{Path: "/console/people/add", Who: door.Admin, Get: c.newPerson, Post: c.addPerson},
		{Path: "/console/people/person", Who: door.Admin, Get: c.showPerson, Post: c.changePerson},
		{Path: "/console/people/confirm", Who: door.Admin, Get: c.confirmPerson},
		{Path: "/console/signin", Who: door.Admin, Get: c.showSignIn, Post: c.saveSignIn},

		{Path: "/console/audit", Who: door.Admin, Get: c.showAudit},
		{Path: "/console/audit/rules", Who: door.Admin, Get: c.toAudit, Post: c.saveRules},
		{Path: "/console/audit/export", Who: door.Admin, Get: c.toAudit, Post: c.exportAudit},

		{Path: "/console/activity", Who: door.Admin, Get: c.showActivity},

		{Path: customersPath, Who: door.Admin, Get: c.showCustomers},
		{Path: chosenPath, Who: door.Admin, Get: c.toCustomers, Post: c.chosen},
		{Path: addPath, Who: door.Admin, Get: c.showAdd, Post: c.addCustomer},
		{Path: customerPath, Who: door.Admin, Get: c.viewing(c.showCustomer), Post: c.viewing(c.saveCustomer)},
		{Path: importsPath, Who: door.Admin, Get: c.showImports, Post: c.upload},
		{Path: importPath, Who: door.Admin, Get: c.showImport, Post: c.actOnImport},
		{Path: rejectsPath, Who: door.Admin, Get: c.rejects},
		{Path: reassignPath, Who: door.Admin, Get: c.showReassign, Post: c.reassign},
		{Path: jobPath, Who: door.Admin, Get: c.showJob, Post: c.cancelJob},
		{Path: duplicatesPath, Who: door.Admin, Get: c.showDuplicates, Post: c.actOnDuplicates},
		{Path: deletedPath, Who: door.Admin, Get: c.showDeleted, Post: c.restore},
		{Path: exportPath, Who: door.Admin, Get: c.showExport},
		{Path: exportFilePath, Who: door.Exporter, Get: c.toExport, Post: c.export},

		{Path: assetsPath + "{name}", Who: door.Anyone, Get: c.asset},
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
		return door.ErrNoPage
	}
	return nil
}
