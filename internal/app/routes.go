package app

import "github.com/clientele-project/clientele/internal/door"

func (a *app) routes() []door.Route {
	return []door.Route{
		{Path: "/{$}", Who: door.Anyone, Get: a.home},
		{Path: "/signin", Who: door.Anyone, Get: a.showSignIn, Post: a.signIn},
		{Path: providerPath, Who: door.Anyone, Get: a.toProvider},
		{Path: callbackPath, Who: door.Anyone, Get: a.fromProvider},
		{Path: "/signout", Who: door.Anyone, Post: a.signOut},

		{Path: "/customers", Who: door.SignedIn, Get: a.customers},
		{Path: "/customers/{$}", Who: door.SignedIn, Get: a.home},
		{Path: "/customers/{id}", Who: door.SignedIn, Get: a.customer}, // {id} as keepID writes it

		{Path: avatarsPath + "{handle}", Who: door.SignedIn, Get: a.avatar},

		{Path: "/pulse", Who: door.SignedIn, Get: a.pulse},

		{Path: "/account", Who: door.SignedIn, Get: a.showAccount},
		{Path: "/account/preferences", Who: door.SignedIn, Get: a.toAccount, Post: a.savePreferences},
		{Path: "/account/password", Who: door.SignedIn, Get: a.toAccount, Post: a.changePassword},
		{Path: "/account/sessions/revoke", Who: door.SignedIn, Get: a.toAccount, Post: a.revokeSession},
		{Path: "/account/sessions/revoke-others", Who: door.SignedIn, Get: a.toAccount, Post: a.revokeOthers},

		{Path: "/assets/{name}", Who: door.Anyone, Get: a.asset},
		{Path: "/manifest.webmanifest", Who: door.Anyone, Get: a.manifest},
		{Path: "/favicon.ico", Who: door.Anyone, Get: a.favicon},
		{Path: "/apple-touch-icon.png", Who: door.Anyone, Get: a.touchIcon},
	}
}

// handler puts the routes together with what stands around all of them.
func (a *app) handler() (*door.Handler, error) {
	h, err := a.Handler(a.routes())
	if err != nil {
		return nil, err
	}
	h.Handler = keepID(h.Handler)
	return h, nil
}
