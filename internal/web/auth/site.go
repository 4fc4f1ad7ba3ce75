package auth

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// ProviderCallbackPath is where an identity provider sends people back.
const ProviderCallbackPath = "/signin/provider/callback"

// ProviderLogoutPath is where the identity provider posts that a session there has ended
// (OpenID Connect Back-Channel Logout 1.0).
const ProviderLogoutPath = "/signin/provider/logout"

// Accounts looks up sessions; *account.Service implements it.
type Accounts interface {
	// Authenticate returns the session of a cookie's secret and its person, or
	// account.ErrNoSession.
	Authenticate(ctx context.Context, secret string) (account.Session, account.Person, error)
	// Confirm confirms a session with the person's password; see account.Service.
	Confirm(ctx context.Context, s account.Session, password string) error
}

// Options configures a Site. Fields with "Optional", and those with a default, may be nil.
type Options struct {
	Accounts Accounts
	UI       *ui.Resources
	Logger   *slog.Logger
	// Classify returns the kind of an error that the site's actions return. It
	// passes errors that it does not know to Classify of this package.
	Classify func(error) ui.Kind
	// Home is the path of the site's first page, HomeAction the key of the text of a
	// link there.
	Home, HomeAction string
	// RequestedURL returns the address to return to after signing in, by default the
	// request's own.
	RequestedURL func(*http.Request) string
	// State returns the state that pages are rendered in (see web.Notifier). Nil:
	// open pages are not notified of changes.
	State func() string
	// News returns the version of the news for a person (see web.Notifier), "" for none.
	// Nil: there are none.
	News func(identity string) string
	// Warning returns the code of a failure that every administrator's page tells of, ""
	// for none. Nil: pages tell of none.
	Warning func() string
	// PublicURL is the origin that people use, "" for the address of each request.
	// With https, the session cookie is Secure and has the __Host- prefix.
	PublicURL string
	// Attempts limits guesses of passwords.
	Attempts *Attempts
	// Provider is the identity provider. Optional.
	Provider Provider
	// ConfirmFailed is called when a viewer who is to confirm who they are enters a wrong
	// password. Optional.
	ConfirmFailed func(r *http.Request, v *Viewer)
	// Now is the clock, time.Now when nil. Zone is the time zone for people who have
	// not chosen one, time.Local when nil.
	Now  func() time.Time
	Zone *time.Location
}

// Site authenticates and routes the requests of one site. It is safe for concurrent
// use.
type Site struct {
	Options
	cookie string
	// Secure reports whether people use https, and cookies are Secure.
	Secure bool
}

// New returns a Site.
func New(o Options) *Site {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.RequestedURL == nil {
		o.RequestedURL = func(r *http.Request) string { return r.URL.RequestURI() }
	}
	s := &Site{Options: o, Secure: strings.HasPrefix(strings.ToLower(o.PublicURL), "https://")}
	s.cookie = s.CookieName("clientele")
	return s
}

// CookieName returns the name that a cookie has here: with https, it has a prefix that
// keeps other hosts of the domain from setting it.
func (s *Site) CookieName(name string) string {
	if s.Secure {
		return "__Host-" + name
	}
	return name
}

// SessionSecret returns the session secret in a request's cookie, or "".
func (s *Site) SessionSecret(r *http.Request) string {
	c, err := r.Cookie(s.cookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// SetSession sets the session cookie, which expires at until.
func (s *Site) SetSession(w http.ResponseWriter, secret string, until time.Time) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie, Value: secret, Path: "/", Expires: until,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// DropSession removes the session cookie.
func (s *Site) DropSession(w http.ResponseWriter) { s.SetSession(w, "", time.Unix(1, 0)) }
