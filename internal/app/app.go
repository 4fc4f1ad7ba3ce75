package app

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

//go:embed templates static
var files embed.FS

// Accounts manages people and their sessions. *account.Service implements it, and its
// documentation is the contract.
type Accounts interface {
	auth.Accounts
	SignIn(ctx context.Context, identity, password, agent string) (secret string, s account.Session, err error)
	SignInAs(ctx context.Context, identity, agent string) (secret string, s account.Session, err error)
	SignInWithProvider(ctx context.Context, a account.Assertion, agent string) (secret string, s account.Session, err error)
	ConfirmWithProvider(ctx context.Context, s account.Session, a account.Assertion) error
	EndProviderSessions(ctx context.Context, issuer, subject, session string) (account.Person, error)
	SignOut(ctx context.Context, secret string) error
	HasPeople(ctx context.Context) (bool, error)
	ChangePassword(ctx context.Context, identity, old, new, keepSessionID string) error
	SetPreferences(ctx context.Context, identity string, p account.Preferences) error
	SetAvailable(ctx context.Context, identity string, available bool) error
	Sessions(ctx context.Context, identity string) ([]account.Session, error)
	RevokeSession(ctx context.Context, identity, id string) error
	RevokeOtherSessions(ctx context.Context, identity, keepID string) error
}

// Options configures the app. CRM and Accounts are required.
type Options struct {
	// CRM is the source of customers, with all decorators.
	CRM      frontline.CRM
	Accounts Accounts
	// Avatars serves customers' avatars. Nil: initials only.
	Avatars Avatars
	// Provider is the identity provider that people may sign in with. Nil: none.
	Provider Provider
	// Attempts limits guesses of passwords. Nil: a limit of the app alone.
	Attempts *auth.Attempts
	// Devices seals the cookie of a device on which a person has signed in. Nil: no device
	// is known.
	Devices Sealer
	// Audit records sign-ins, sign-outs and views of customers. Nil: no audit.
	Audit Audit
	// ConversationOptions configures conversations. The zero value is none.
	ConversationOptions
	// Notifier notifies open pages of changes, and of news about conversations. Nil: only
	// of ended sessions.
	Notifier *web.Notifier
	// Masked reports whether numbers are masked. Nil: never.
	Masked func() bool
	// RowBytes is how many bytes of list rows are kept as HTML; 12 MiB, the first pages of
	// 1,000 workers, when 0.
	RowBytes int
	// Logger is for requests and failures; nil is slog.Default().
	Logger *slog.Logger
	// PublicURL is the origin that people use, like "https://crm.example.com", when
	// it is not the listen address. With https, the session cookie is Secure and has
	// the __Host- prefix.
	PublicURL string
	// TrustedProxies are the proxies whose X-Forwarded-For is used for the client
	// address, by which sign-in attempts are counted.
	TrustedProxies []netip.Prefix
	// OneTap returns the identities that a request may sign in as without a password.
	// It alone must decide whether the request is trusted: the demo trusts loopback
	// peers with a loopback Host only. Nil: none.
	OneTap func(*http.Request) []string
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Zone is the time zone for people who have not chosen one, until a script
	// rewrites times in the device's zone; nil is time.Local.
	Zone *time.Location
}

// viewer is the person who makes a request.
type viewer = auth.Viewer

// app is the worker's site.
type app struct {
	Options
	*auth.Site
	catalog *locale.Catalog
	assets  *web.Assets
	pages   *web.Renderer
	rows    *lru.Cache[rowKey, template.HTML]
}

// New returns the handler of the app, which includes logging, recovery, security
// headers and protection against cross-site requests. It serves every path, so mount
// it last, and not behind an http.ServeMux, whose redirects break ids such as "a//b":
// use web.Exact for other paths (/healthz, /callbacks/crm).
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
	if o.Attempts == nil {
		o.Attempts = auth.NewAttempts(web.NewLimiter(1000, o.Now))
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
	o.RowBytes = cmp.Or(o.RowBytes, 12<<20)
	if o.CustomerID == nil {
		o.CustomerID = func(_, id string) string { return id }
	}
	a := &app{Options: o}
	if err := a.load(); err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	return a.handler()
}

// load loads the embedded resources and sets up the site.
func (a *app) load() error {
	a.rows = lru.New[rowKey, template.HTML](a.RowBytes/keptRowBytes, a.RowBytes, nil)
	l, err := ui.New(files, "/assets/", template.FuncMap{"rows": a.rowsHTML})
	if err != nil {
		return err
	}
	a.catalog, a.assets, a.pages = l.Catalog, l.Assets, l.Pages
	a.Site = auth.New(auth.Options{
		Accounts: a.Accounts, UI: l, Logger: a.Logger, Classify: classify,
		Home: "/customers", HomeAction: "fail.home", RequestedURL: a.requestedURL, State: a.Notifier.State, News: a.news,
		PublicURL: a.PublicURL, Attempts: a.Attempts, Now: a.Now, Zone: a.Zone,
	})
	return nil
}
