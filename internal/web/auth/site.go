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

// Accounts is who signs in: *account.Service is one.
type Accounts interface {
	// Authenticate answers the session of a cookie's secret and its person, or
	// account.ErrNoSession.
	Authenticate(ctx context.Context, secret string) (account.Session, account.Person, error)
}

// Options is what a Door needs: all but Zone, Now, PublicURL, Requested and State.
type Options struct {
	Accounts Accounts
	UI       *ui.Resources
	Logger   *slog.Logger
	// Classify finds the kind of an error that the face's actions return. It asks
	// Classify of this package about those that it does not know.
	Classify func(error) ui.Kind
	// Home is where the face begins, and HomeAction the message for a link there.
	Home, HomeAction string
	// Requested writes the address that a request was for, to come back to after
	// signing in; nil is the request's own.
	Requested func(*http.Request) string
	// State is the state that pages are rendered in, which those that are open follow:
	// web.Notifier has it. Nil: they follow nothing.
	State func() string
	// PublicURL is the origin that people use, when it is not the address listened
	// on. With https, the session cookie is Secure and carries the __Host- prefix.
	PublicURL string
	// Now is the clock, time.Now when nil; Zone is where clocks are read for people
	// who have not chosen, time.Local when nil.
	Now  func() time.Time
	Zone *time.Location
}

// Site is the way into one face. It is safe for concurrent use.
type Site struct {
	Options
	cookie string
	secure bool
}

// New makes a Door.
func New(o Options) *Site {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Requested == nil {
		o.Requested = func(r *http.Request) string { return r.URL.RequestURI() }
	}
	d := &Site{Options: o, cookie: "clientele", secure: strings.HasPrefix(strings.ToLower(o.PublicURL), "https://")}
	if d.secure {
		d.cookie = "__Host-clientele"
	}
	return d
}

// SessionSecret is the session secret that came with a request, or "".
func (d *Site) SessionSecret(r *http.Request) string {
	c, err := r.Cookie(d.cookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// SetSession gives the browser its session; until is when it ends.
func (d *Site) SetSession(w http.ResponseWriter, secret string, until time.Time) {
	http.SetCookie(w, &http.Cookie{
		Name: d.cookie, Value: secret, Path: "/", Expires: until,
		HttpOnly: true, Secure: d.secure, SameSite: http.SameSiteLaxMode,
	})
}

// DropSession takes the session away from the browser.
func (d *Site) DropSession(w http.ResponseWriter) { d.SetSession(w, "", time.Unix(1, 0)) }
