package auth

import (
	"net/http"
	"net/url"

	"github.com/clientele-project/clientele/internal/web"
)

// Permission is who may take a route.
type Permission uint8

// The permissions. Whoever lacks one is asked to sign in, or refused with 403.
const (
	Anyone Permission = iota
	SignedIn
	Admin
	// Exporter is an administrator who may take all customers along in a file.
	Exporter
)

// Allowed tells whether a visitor has a permission.
func Allowed(who Permission, v *Viewer) bool {
	switch who {
	case Anyone:
		return true
	case SignedIn:
		return v.SignedIn
	case Admin:
		return v.IsAdmin()
	case Exporter:
		return v.IsAdmin() && v.Person.MayExport
	}
	return false // a permission that nobody knows is nobody's
}

// Action answers a request. It writes a whole answer or returns an error.
type Action func(w http.ResponseWriter, r *http.Request, v *Viewer) error

// Route is one path, who may take it, and what answers each method (GET answers
// HEAD too). Other methods are refused with 405.
type Route struct {
	Path       string
	Permission Permission
	Get        Action
	Post       Action
}

// Handler is a face: it answers its routes, and tells what they are.
type Handler struct {
	http.Handler
	routes []Route
}

// Routes answers the table, for tests that hold every route to a rule.
func (h *Handler) Routes() []Route { return h.routes }

// Handler puts the routes together with what stands around all of them.
func (d *Site) Handler(routes []Route) (*Handler, error) {
	mux := http.NewServeMux()
	for _, rt := range routes {
		if rt.Get != nil {
			mux.Handle("GET "+rt.Path, d.allow(rt.Permission, rt.Get))
		}
		if rt.Post != nil {
			mux.Handle("POST "+rt.Path, d.allow(rt.Permission, rt.Post))
		}
		mux.Handle(rt.Path, d.otherMethod(rt))
	}
	mux.Handle("/", d.allow(Anyone, nothingHere))
	guard, err := web.SameOrigin(d.PublicURL, d.allow(Anyone, foreign))
	if err != nil {
		return nil, err
	}
	return &Handler{web.Chain(mux,
		web.Log(d.Logger),
		web.Recover(d.Logger, http.HandlerFunc(d.panicked)),
		web.Headers,
		guard,
	), routes}, nil
}

// allow runs act for those who may, and turns its error into a page.
func (d *Site) allow(who Permission, act Action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := d.Viewer(r)
		switch {
		case who == Anyone:
			err = act(w, r, v) // whoever it is, and even if nobody can tell
		case err != nil:
		case !v.SignedIn:
			d.sendToSignIn(w, r, v)
		case !Allowed(who, v):
			err = ErrForbidden
		default:
			err = act(w, r, v)
		}
		if err != nil {
			d.Fail(w, r, v, err)
		}
	})
}

// sendToSignIn asks somebody unknown to sign in, and to come back afterwards. A
// script is told with 401 instead: it makes the page go.
func (d *Site) sendToSignIn(w http.ResponseWriter, r *http.Request, v *Viewer) {
	SetPrivate(w)
	if Fragment(r) != "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	query := url.Values{}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		query.Set("next", d.Requested(r))
	}
	if v.Ended {
		d.DropSession(w)
		query.Set("ended", "1")
	}
	target := "/signin"
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// otherMethod refuses the methods that a route has no answer for.
func (d *Site) otherMethod(rt Route) http.Handler {
	var allowed string
	if rt.Get != nil {
		allowed = "GET, HEAD"
	}
	if rt.Post != nil {
		if allowed != "" {
			allowed += ", "
		}
		allowed += "POST"
	}
	return d.allow(Anyone, func(w http.ResponseWriter, _ *http.Request, _ *Viewer) error {
		w.Header().Set("Allow", allowed)
		return ErrMethod
	})
}

// partHeader names the part of a page that our script asks for, instead of all.
const partHeader = "Clientele-Part"

// Fragment is the part of a page that a script of ours asks for, "" for the whole.
func Fragment(r *http.Request) string { return r.Header.Get(partHeader) }

// SetPrivate marks an answer as this person's alone. The browser may keep it for
// Back, which is what makes Back instant; signing out clears what it kept, and
// Vary keeps it from showing to whoever signs in next.
func SetPrivate(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Add("Vary", "Cookie, Accept-Language, "+partHeader)
}
