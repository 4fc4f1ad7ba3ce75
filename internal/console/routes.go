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

		{Path: "/console/activity", Who: door.Admin, Get: c.showActivity},

		{Path: assetsPath + "{name}", Who: door.Anyone, Get: c.asset},
	}
}

// home leads to the first screen, also from addresses that only answer a form: a
// reload after signing in again asks them with GET.
func (c *console) home(w http.ResponseWriter, r *http.Request, _ *visit) error {
	http.Redirect(w, r, "/console/callbacks", http.StatusSeeOther)
	return nil
}

func (c *console) asset(w http.ResponseWriter, r *http.Request, _ *visit) error {
	if !c.assets.ServeAsset(w, r, r.PathValue("name")) {
		return door.ErrNoPage
	}
	return nil
}
