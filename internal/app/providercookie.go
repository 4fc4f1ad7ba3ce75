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

func (a *app) underWayName() string { return a.cookieName("clientele-signin") }
func (a *app) leavingName() string  { return a.cookieName("clientele-leaving") }

func (a *app) cookieName(name string) string {
	if a.secure() {
		return "__Host-" + name
	}
	return name
}

// setCookie gives the browser a cookie for a while; "" takes it away.
func (a *app) setCookie(w http.ResponseWriter, name, value string, lasts time.Duration) {
	age := int(lasts.Seconds())
	if value == "" {
		age = -1
	}
	// Lax: coming back from the provider is following a link from another site.
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: a.secure(), SameSite: http.SameSiteLaxMode,
	})
}

func (a *app) setUnderWay(w http.ResponseWriter, value string) {
	a.setCookie(w, a.underWayName(), value, signInWithin)
}

// setLeaving remembers that somebody who signed in with the provider signs out.
func (a *app) setLeaving(w http.ResponseWriter, leaving bool) {
	value := ""
	if leaving {
		value = "1"
	}
	a.setCookie(w, a.leavingName(), value, time.Minute)
}

// leaveProvider leads on from the page that says good-bye to the provider, so that the
// next person at this phone does not walk in. The form that signed out could not: the
// policy lets no form lead to another site. Who follows a link to this page has no such
// cookie, and is led nowhere.
func (a *app) leaveProvider(w http.ResponseWriter, r *http.Request, v *visit, page *signInPage) {
	if a.Provider == nil {
		return
	}
	if _, err := r.Cookie(a.leavingName()); err != nil {
		return
	}
	a.setLeaving(w, false)
	goTo := a.Provider.Logout(a.root(r) + "/signin?bye=1")
	if goTo == "" {
		return
	}
	page.Notice = v.Locale.Text("signin.bye.provider", "provider", a.Provider.Name())
	page.Leave = goTo
	w.Header().Set("Refresh", "0; url="+goTo)
}
