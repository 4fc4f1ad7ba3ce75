package app

import (
	"net/http"
	"strings"
	"time"
)

// The cookies of a sign-in with the provider that is under way, and of a sign-out that
// goes on there. They go to every path, though two need them: so they can have the
// __Host- prefix, and no other host of the same domain can plant its own, with which
// somebody would be signed in as somebody else.

func (a *app) secure() bool { return strings.HasPrefix(strings.ToLower(a.PublicURL), "https://") }

func (a *app) signInCookie() string  { return a.cookieName("clientele-signin") }
func (a *app) signOutCookie() string { return a.cookieName("clientele-leaving") }

func (a *app) cookieName(name string) string {
	if a.secure() {
		return "__Host-" + name
	}
	return name
}

// setCookie gives the browser a cookie for a while; "" takes it away.
func (a *app) setCookie(w http.ResponseWriter, name, value string, lifetime time.Duration) {
	maxAge := int(lifetime.Seconds())
	if value == "" {
		maxAge = -1
	}
	// Lax: coming back from the provider is following a link from another site.
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: a.secure(), SameSite: http.SameSiteLaxMode,
	})
}

func (a *app) setSignInCookie(w http.ResponseWriter, value string) {
	a.setCookie(w, a.signInCookie(), value, signInTimeout)
}

// setSignOutCookie remembers that somebody who signed in with the provider signs out.
func (a *app) setSignOutCookie(w http.ResponseWriter, set bool) {
	value := ""
	if set {
		value = "1"
	}
	a.setCookie(w, a.signOutCookie(), value, time.Minute)
}

// signOutAtProvider leads on from the page that says good-bye to the provider, so that the
// next person at this phone does not walk in. The form that signed out could not: the
// policy lets no form lead to another site. Who follows a link to this page has no such
// cookie, and is led nowhere.
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
