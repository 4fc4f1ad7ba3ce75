package app

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/locale"
)

// visit is who makes a request, and how they read.
type visit struct {
	person  account.Person
	session account.Session
	known   bool // somebody is signed in
	ended   bool // a session came with the request, but it is over
	words   *locale.Locale
	zone    *time.Location
	now     time.Time
	// zoneChosen tells that zone is the person's own choice; otherwise their
	// browser may write times in the zone where it is.
	zoneChosen bool
}

// action answers a request. It writes a whole answer or returns an error.
type action func(w http.ResponseWriter, r *http.Request, v *visit) error

// allow runs act for those who may, and turns its error into a page.
func (a *app) allow(who permission, act action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := a.visit(r)
		switch {
		case who == anyone:
			err = act(w, r, v) // whoever it is, and even if nobody can tell
		case err != nil:
		case !v.known:
			a.sendToSignIn(w, r, v)
		default:
			err = act(w, r, v)
		}
		if err != nil {
			a.fail(w, r, v, err)
		}
	})
}

// visit finds out who is asking. It always answers a visit that a page can be
// written for, even beside an error.
func (a *app) visit(r *http.Request) (*visit, error) {
	v := a.stranger(r)
	secret := a.secret(r)
	if secret == "" {
		return v, nil
	}
	session, person, err := a.Accounts.Authenticate(r.Context(), secret)
	if errors.Is(err, account.ErrNoSession) {
		v.ended = true
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.session, v.person, v.known = session, person, true
	a.prefer(v, person.Preferences, r)
	return v, nil
}

// stranger is the visit of somebody unknown: nothing is asked of anybody.
func (a *app) stranger(r *http.Request) *visit {
	v := &visit{now: a.Now()}
	a.prefer(v, account.Preferences{}, r)
	return v
}

// prefer lets the visit read as the person chose, or as their browser asks.
func (a *app) prefer(v *visit, p account.Preferences, r *http.Request) {
	v.words = a.catalogue.Match(p.Language, strings.Join(r.Header.Values("Accept-Language"), ","))
	v.zone = a.Zone
	if zone, ok := locale.Zone(p.TimeZone); ok {
		v.zone, v.zoneChosen = zone, true
	}
}

// secret is the session secret that came with the request, or "".
func (a *app) secret(r *http.Request) string {
	c, err := r.Cookie(a.cookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// setSession gives the browser its session; until is when it ends.
func (a *app) setSession(w http.ResponseWriter, secret string, until time.Time) {
	http.SetCookie(w, &http.Cookie{
		Name: a.cookie, Value: secret, Path: "/", Expires: until,
		HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteLaxMode,
	})
}

func (a *app) dropSession(w http.ResponseWriter) { a.setSession(w, "", time.Unix(1, 0)) }

// sendToSignIn asks somebody unknown to sign in, and to come back afterwards. A
// script is told with 401 instead: it makes the page go.
func (a *app) sendToSignIn(w http.ResponseWriter, r *http.Request, v *visit) {
	private(w)
	if part(r) != "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	query := url.Values{}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		query.Set("next", requested(r))
	}
	if v.ended {
		a.dropSession(w)
		query.Set("ended", "1")
	}
	target := "/signin"
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// requested is the path and query that the browser asked for, as customerHref
// would write it.
func requested(r *http.Request) string {
	if r.PathValue("id") != "" {
		return customerHref(customerID(r), r.URL.Query())
	}
	return r.URL.RequestURI()
}

// safeNext answers next when it is a page of ours to come back to, else the list.
func safeNext(next string) string {
	for _, c := range []byte(next) {
		if c <= ' ' || c == '\\' || c == 0x7f {
			return "/customers"
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || path.Clean(u.EscapedPath()) != u.EscapedPath() {
		return "/customers"
	}
	for _, ours := range []string{"/customers", "/account"} {
		rest, ok := strings.CutPrefix(next, ours)
		if ok && (rest == "" || rest[0] == '/' || rest[0] == '?') {
			return next
		}
	}
	return "/customers"
}

// private marks an answer as this person's alone. The browser may keep it for
// Back, which is what makes Back instant; signing out clears what it kept, and
// Vary keeps it from showing to whoever signs in next.
func private(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Add("Vary", "Cookie, Accept-Language, "+partHeader)
}

// partHeader names the part of a page that our script asks for, instead of all.
const partHeader = "Clientele-Part"

func part(r *http.Request) string { return r.Header.Get(partHeader) }

// gone tells whether the client has left, so that nobody waits for an answer.
func gone(r *http.Request, err error) bool {
	return errors.Is(err, context.Canceled) && r.Context().Err() != nil
}
