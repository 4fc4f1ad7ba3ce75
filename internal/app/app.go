package app

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

//go:embed templates static
var files embed.FS

// Accounts is what the app asks about people: *account.Service is one, and its
// documentation is the contract.
type Accounts interface {
	auth.Accounts
	SignIn(ctx context.Context, identity, password, agent string) (secret string, s account.Session, err error)
	SignInAs(ctx context.Context, identity, agent string) (secret string, s account.Session, err error)
	SignInWithProvider(ctx context.Context, proof account.Assertion, agent string) (secret string, s account.Session, err error)
	SignOut(ctx context.Context, secret string) error
	HasPeople(ctx context.Context) (bool, error)
	ChangePassword(ctx context.Context, identity, old, new, keepSessionID string) error
	SetPreferences(ctx context.Context, identity string, p account.Preferences) error
	Sessions(ctx context.Context, identity string) ([]account.Session, error)
	RevokeSession(ctx context.Context, identity, id string) error
	RevokeOtherSessions(ctx context.Context, identity, keepID string) error
}

// Options is what the app needs. CRM and Accounts are required; the zero value of
// every other field is a sound choice.
type Options struct {
	// CRM answers about customers: the outermost of whatever wraps it.
	CRM frontline.CRM
	// Accounts is who signs in.
	Accounts Accounts
	// Avatars serves customers' pictures. Nil: initials only.
	Avatars Avatars
	// Provider is the identity provider that people may sign in with. Nil: there is none.
	Provider Provider
	// Audit is told who comes and goes, and who sees whom. Nil: nobody is told.
	Audit Audit
	// Notifier is followed by the pages that are open. Nil: one that only tells when a
	// session has ended.
	Notifier *web.Notifier
	// Masked tells whether numbers are hidden just now. Nil: never.
	Masked func() bool
	// Logger gets a line a request, and what went wrong. Nil is slog.Default().
	Logger *slog.Logger
	// PublicURL is the origin that people use, like "https://crm.example.com",
	// when it is not the address listened on. With https, the session cookie is
	// Secure and carries the __Host- prefix.
	PublicURL string
	// TrustedProxies are those whose X-Forwarded-For is believed when sign-in
	// attempts are counted by client address.
	TrustedProxies []netip.Prefix
	// OneTap answers the identities that this request may sign in as without a
	// password, or nothing. It decides alone whether the request may: the demo
	// answers only a loopback peer that asks a loopback Host. Nil: never.
	OneTap func(*http.Request) []string
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Zone is where clocks are read for people who have not chosen, until their
	// browser tells better; nil is time.Local.
	Zone *time.Location
}

// app is the worker's application.
type app struct {
	Options
	*auth.Site
	catalogue  *locale.Catalogue
	assets     *web.Assets
	pages      *web.Renderer
	byIdentity *web.Limiter
	byAddress  *web.Limiter
}

// New makes the application's handler. It answers every path, so mount it as the
// last resort, and not behind an http.ServeMux, which would redirect ids such as
// "a//b" away: use web.Exact for the few paths that are others' (/healthz,
// /callbacks/crm). It does its own logging, recovery, headers and protection
// against cross-site requests.
func New(o Options) (*auth.Handler, error) {
	if o.CRM == nil || o.Accounts == nil {
		return nil, errors.New("app: Options.CRM and Options.Accounts are required")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Audit == nil {
		o.Audit = noAudit{}
	}
	if o.Notifier == nil {
		o.Notifier = web.NewNotifier("new")
	}
	if o.Masked == nil {
		o.Masked = func() bool { return false }
	}
	a := &app{
		Options:    o,
		byIdentity: web.NewLimiter(12*time.Second, 8, 10_000, o.Now),
		byAddress:  web.NewLimiter(3*time.Second, 30, 10_000, o.Now),
	}
	if err := a.load(); err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	return a.handler()
}

// load reads what is embedded: words, assets, icons, templates.
func (a *app) load() error {
	l, err := ui.New(files, "/assets/", nil)
	if err != nil {
		return err
	}
	a.catalogue, a.assets, a.pages = l.Catalogue, l.Assets, l.Pages
	a.Site = auth.New(auth.Options{
		Accounts: a.Accounts, UI: l, Logger: a.Logger, Classify: classify,
		Home: "/customers", HomeAction: "fail.home", Requested: a.requestedURL, State: a.Notifier.State,
		PublicURL: a.PublicURL, Now: a.Now, Zone: a.Zone,
	})
	return nil
}
