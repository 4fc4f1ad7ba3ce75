package auth

import (
	"net/http"
	"net/url"

	"github.com/clientele-project/clientele/internal/web"
)

// Permission is what a viewer needs to use a route.
type Permission uint8

// The permissions. A viewer who lacks one is sent to sign in, or gets a 403 when
// signed in already.
const (
	Anyone Permission = iota
	// AnyPassword is SignedIn, also with a temporary password that is to be replaced first.
	AnyPassword
	SignedIn
	Admin
	// Exporter is an administrator who may export all customers to a file.
	Exporter
)

// Allowed reports whether a viewer has a permission.
func Allowed(p Permission, v *Viewer) bool {
	switch p {
	case Anyone:
		return true
	case AnyPassword:
		return v.SignedIn
	case SignedIn:
		return v.SignedIn && !v.MustReplacePassword()
	case Admin:
		return Allowed(SignedIn, v) && v.IsAdmin()
	case Exporter:
		return Allowed(Admin, v) && v.Person.MayExport
	}
	return false
}

// Action handles a request. It writes a complete response or returns an error.
type Action func(w http.ResponseWriter, r *http.Request, v *Viewer) error

// Asset returns the action that serves the file {name} of assets.
func Asset(assets *web.Assets) Action {
	return func(w http.ResponseWriter, r *http.Request, _ *Viewer) error {
		if !assets.ServeAsset(w, r, r.PathValue("name")) {
			return ErrNoPage
		}
		return nil
	}
}

// Route is a path with the permission that it needs and the action for each method.
// Get handles HEAD too. Other methods get a 405.
type Route struct {
	Path       string
	Permission Permission
	// Confirm asks viewers to prove again who they are before Post, unless they did so
	// recently.
	Confirm bool
	Get     Action
	Post    Action
}

// Handler serves the routes of a site.
type Handler struct {
	http.Handler
	routes []Route
}

// Routes returns the route table, for tests that check a rule on every route.
func (h *Handler) Routes() []Route { return h.routes }

// Handler returns a handler that serves routes inside the middleware that all of
// them need.
func (s *Site) Handler(routes []Route) (*Handler, error) {
	mux := http.NewServeMux()
	for _, rt := range routes {
		if rt.Get != nil {
			mux.Handle("GET "+rt.Path, s.allow(rt.Permission, rt.Get))
		}
		if rt.Post != nil {
			post := rt.Post
			if rt.Confirm {
				post = s.confirmed(post)
			}
			mux.Handle("POST "+rt.Path, s.allow(rt.Permission, post))
		}
		mux.Handle(rt.Path, s.otherMethod(rt))
	}
	mux.Handle("/", s.allow(Anyone, noPage))
	guard, err := web.SameOrigin(s.PublicURL, s.allow(Anyone, crossSite))
	if err != nil {
		return nil, err
	}
	h := web.Chain(mux,
		web.Log(s.Logger),
		web.Recover(s.Logger, http.HandlerFunc(s.panicked)),
		web.Headers,
		guard,
	)
	if s.Secure {
		h = web.StrictTransport(h)
	}
	return &Handler{h, routes}, nil
}

// allow returns a handler that runs act for viewers with permission p and writes an
// error page for its error.
func (s *Site) allow(p Permission, act Action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := s.Viewer(r)
		switch {
		case p == Anyone:
			err = act(w, r, v) // even if the session could not be looked up
		case err != nil:
		case !v.SignedIn:
			s.sendToSignIn(w, r, v)
		case !Allowed(p, v) && v.MustReplacePassword():
			s.sendToAccount(w, r)
		case !Allowed(p, v):
			err = ErrForbidden
		default:
			err = act(w, r, v)
		}
		if err != nil {
			s.Fail(w, r, v, err)
		}
	})
}

// sendToSignIn redirects to the sign-in page, which leads back afterwards. A
// script gets a 401 instead and reloads the page.
func (s *Site) sendToSignIn(w http.ResponseWriter, r *http.Request, v *Viewer) {
	SetPrivate(w)
	if Fragment(r) != "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	query := url.Values{}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		query.Set("next", s.RequestedURL(r))
	}
	if v.Ended {
		s.DropSession(w)
		query.Set("ended", "1")
	}
	target := "/signin"
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// sendToAccount redirects to the page that replaces a temporary password, which is all that
// it opens. A script reloads the page.
func (s *Site) sendToAccount(w http.ResponseWriter, r *http.Request) {
	SetPrivate(w)
	if Fragment(r) != "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}

// otherMethod refuses the methods that a route has no action for.
func (s *Site) otherMethod(rt Route) http.Handler {
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
	return s.allow(Anyone, func(w http.ResponseWriter, _ *http.Request, _ *Viewer) error {
		w.Header().Set("Allow", allowed)
		return ErrMethod
	})
}
