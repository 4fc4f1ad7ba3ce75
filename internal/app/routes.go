package app

import (
	"net/http"

	"github.com/clientele-project/clientele/internal/web"
)

// permission is who may take a route.
type permission uint8

const (
	anyone   permission = iota
	signedIn            // otherwise: sign in first, then come back
)

// route is one path, who may take it, and what answers each method (GET answers
// HEAD too). Other methods are refused with 405.
type route struct {
	path string
	who  permission
	get  action
	post action
}

func (a *app) routes() []route {
	return []route{
		{"/{$}", anyone, a.home, nil},
		{"/signin", anyone, a.showSignIn, a.signIn},
		{"/signout", anyone, nil, a.signOut},

		{"/customers", signedIn, a.customers, nil},
		{"/customers/{$}", signedIn, a.home, nil},
		{"/customers/{id}", signedIn, a.customer, nil}, // {id} as keepID writes it

		{"/account", signedIn, a.showAccount, nil},
		{"/account/preferences", signedIn, a.toAccount, a.savePreferences},
		{"/account/password", signedIn, a.toAccount, a.changePassword},
		{"/account/sessions/revoke", signedIn, a.toAccount, a.revokeSession},
		{"/account/sessions/revoke-others", signedIn, a.toAccount, a.revokeOthers},

		{"/assets/{name}", anyone, a.asset, nil},
		{"/manifest.webmanifest", anyone, a.manifest, nil},
		{"/favicon.ico", anyone, a.favicon, nil},
		{"/apple-touch-icon.png", anyone, a.touchIcon, nil},
	}
}

// handler puts the routes together with what stands around all of them.
func (a *app) handler() (http.Handler, error) {
	mux := http.NewServeMux()
	for _, rt := range a.routes() {
		if rt.get != nil {
			mux.Handle("GET "+rt.path, a.allow(rt.who, rt.get))
		}
		if rt.post != nil {
			mux.Handle("POST "+rt.path, a.allow(rt.who, rt.post))
		}
		mux.Handle(rt.path, a.otherMethod(rt))
	}
	mux.Handle("/", a.allow(anyone, a.nothingHere))
	guard, err := web.SameOrigin(a.PublicURL, a.allow(anyone, a.foreign))
	if err != nil {
		return nil, err
	}
	return web.Chain(mux,
		keepID,
		web.Log(a.Logger),
		web.Recover(a.Logger, http.HandlerFunc(a.panicked)),
		web.Headers,
		guard,
	), nil
}
