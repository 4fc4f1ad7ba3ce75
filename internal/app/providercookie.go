package app

import (
	"net/http"
	"time"
)

// The cookies for signing in with the provider and for signing out there. Two paths
// need them, but they are for every path, as the __Host- prefix requires: it keeps
// other hosts of the domain from setting a cookie that signs people in to another's
// account.

func (a *app) signInCookie() string  { return a.CookieName("clientele-signin") }
func (a *app) signOutCookie() string { return a.CookieName("clientele-leaving") }

// setCookie sets a cookie, or removes it when value is "".
func (a *app) setCookie(w http.ResponseWriter, name, value string, lifetime time.Duration) {
	maxAge := int(lifetime.Seconds())
	if value == "" {
		maxAge = -1
	}
	// Lax: the callback is a navigation from another site.
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: a.Secure, SameSite: http.SameSiteLaxMode,
	})
}

func (a *app) setSignInCookie(w http.ResponseWriter, value string) {
	a.setCookie(w, a.signInCookie(), value, SignInTimeout)
}

// setSignOutCookie sets or removes the mark that the next page is to sign out at the
// provider.
func (a *app) setSignOutCookie(w http.ResponseWriter, set bool) {
	value := ""
	if set {
		value = "1"
	}
	a.setCookie(w, a.signOutCookie(), value, time.Minute)
}

// signOutAtProvider redirects from the signed-out page to the provider, so that the next
// person at this device is not signed in again. The sign-out form itself cannot: the
// content policy allows forms to our own origin only. Without the cookie, as after a
// link from elsewhere, it does nothing.
func (a *app) signOutAtProvider(w http.ResponseWriter, r *http.Request, v *viewer, page *signInPage) {
	if a.Provider == nil {
		return
	}
	if _, err := r.Cookie(a.signOutCookie()); err != nil {
		return
	}
	a.setSignOutCookie(w, false)
	logoutURL := a.Provider.Logout(a.origin(r) + "/signin?bye=1")
	if logoutURL == "" {
		return
	}
	page.Notice = v.Locale.Text("signin.bye.provider", "provider", a.Provider.Name())
	page.SignOutHref = logoutURL
	w.Header().Set("Refresh", "0; url="+logoutURL)
}
