// Package console is the administrator's screens: which services are asked and what
// their calls are signed with, a test of each, and what the last calls were like.
// It changes settings and nothing else; it never holds a customer for longer than
// the page that shows a test's answer.
package console

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
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

//go:embed templates static
var files embed.FS

// Settings is what the console reads and changes: *settings.Service is one, and its
// documentation is the contract.
type Settings interface {
	Callbacks(ctx context.Context) (settings.Callbacks, error)
	SaveCallbacks(ctx context.Context, change func(*settings.Callbacks)) (before, after settings.Callbacks, err error)
	Tokens(ctx context.Context, now time.Time) (settings.Tokens, error)
	SetAuthToken(ctx context.Context, token string) (settings.Tokens, error)
	RotateAuthToken(ctx context.Context) (settings.Tokens, error)
	EndGrace(ctx context.Context) error
	SignIn(ctx context.Context) (settings.SignIn, error)
	SaveSignIn(ctx context.Context, next settings.SignIn) error
	AuditRules(ctx context.Context) (settings.AuditRules, error)
	SaveAuditRules(ctx context.Context, next settings.AuditRules) error
	Masking
}

// Accounts is who signs in, and as whom a test can ask: *account.Service is one.
type Accounts interface {
	auth.Accounts
	// People answers everyone, in order of identity.
	People(ctx context.Context) ([]account.Person, error)
}

// Activity is what is known of past callbacks: *activity.Log is one, and its
// documentation is the contract.
type Activity interface {
	Recent(n int) []activity.Entry
	Series(from, to time.Time, step time.Duration) []activity.Point
	Summary(from, to time.Time) activity.Point
}

// Status is how the service that is asked does at this moment.
type Status struct {
	// BuiltIn tells that our own integration service is asked: nothing else counts.
	BuiltIn bool
	// Problem is why the CRM callback URL in force cannot be used, in plain words;
	// "" when it can.
	Problem string
	// Breaker is "closed" (all is well), "open" (the service is left alone until
	// RetryAt) or "half-open" (one call is let through to see).
	Breaker string
	RetryAt time.Time
	// Queued calls wait their turn, InFlight are being made.
	Queued, InFlight int
	// HeldBytes is the memory that copies of lists take.
	HeldBytes int64
}

// Fixed names what was given when the program was started, and so is not the
// console's to change: it beats what is saved. A flag that is "" fixes nothing.
type Fixed struct {
	// CRMFlag is the flag's name, like "--crm-callback-url", and CRM its value.
	CRMFlag, CRM string
	// TokenFlag is like "--auth-token".
	TokenFlag string
}

// Options is what the console needs. All are required but those said to be optional.
type Options struct {
	Settings Settings
	Accounts Accounts
	Fixed    Fixed
	// Reload makes what was saved hold at once.
	Reload func(ctx context.Context) error
	// AuthToken answers the token that calls are signed with now, "" for none.
	AuthToken func() string
	// Transport carries the calls of tests: outbound.Transport(policy).
	Transport http.RoundTripper
	// CheckURL tells in plain words why a callback URL cannot be used:
	// frontline.CheckCallbackURL and outbound.CheckURL.
	CheckURL func(raw string) error
	// BuiltIn is asked in tests while no CRM callback URL is set, as a callback at
	// BuiltInPath of PublicURL.
	BuiltIn     frontline.CRM
	BuiltInPath string
	// Activity and Status are what the activity page shows. Optional: without them
	// there is nothing to show.
	Activity Activity
	Status   func() Status
	// People is who works here.
	People People
	// PeopleChanged is called when somebody may no longer be who open pages take them
	// for. Optional.
	PeopleChanged func()
	// State is the state of what pages show, which those that are open follow: web.Notifier
	// has it. Optional.
	State func() string
	// OwnerCounts counts customers. Optional: without it they are not counted.
	OwnerCounts OwnerCounts
	// Provider is the company's identity provider, nil for none.
	Provider *Provider
	// Audit keeps what administrators do. Optional: without it nothing is kept.
	Audit Audit
	// TrustedProxies are those whose X-Forwarded-For tells where a request came from.
	TrustedProxies []netip.Prefix
	// Reader is the customers that the built-in service keeps, whoever's they are;
	// Office is what is done to them.
	Reader customer.AdminReader
	Admin  Admin
	// Logger gets a line a request; nil is slog.Default().
	Logger *slog.Logger
	// PublicURL is the origin that people use, "" when it is the address listened on.
	PublicURL string
	// TestTimeout is how long a test's call may take, frontline.CallTimeout when 0.
	TestTimeout time.Duration
	// Now is the clock, time.Now when nil; Zone is where clocks are read for people
	// who have not chosen, time.Local when nil.
	Now  func() time.Time
	Zone *time.Location
}

// console is the administrator's screens.
type console struct {
	Options
	*auth.Site
	assets *web.Assets
	pages  *web.Renderer
	tests  *web.Limiter
}

// assetsPath is where the console's assets are.
const assetsPath = "/console/assets/"

// testsPerMinute is how many tests one administrator may make: each is a call to an
// address of their choice.
const testsPerMinute = 30

// New makes the console's handler. It answers /console and all below it, and does
// its own logging, recovery, headers and protection against cross-site requests.
// Every route but the assets is for administrators.
func New(o Options) (*auth.Handler, error) {
	if o.Settings == nil || o.Accounts == nil || o.People == nil || o.Reload == nil || o.AuthToken == nil || o.Transport == nil || o.CheckURL == nil || o.BuiltIn == nil || o.Reader == nil || o.Admin == nil {
		return nil, errors.New("console: Settings, Accounts, People, Reload, AuthToken, Transport, CheckURL, BuiltIn, Register and Office are required")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TestTimeout <= 0 {
		o.TestTimeout = frontline.CallTimeout
	}
	if o.Activity == nil {
		o.Activity = emptyActivity{}
	}
	if o.Audit == nil {
		o.Audit = noAudit{}
	}
	if o.Status == nil {
		o.Status = func() Status { return Status{BuiltIn: true} }
	}
	c := &console{Options: o, tests: web.NewLimiter(time.Minute/testsPerMinute, testsPerMinute, 1000, o.Now)}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return c.Handler(c.routes())
}

// load reads what is embedded: words, assets, icons, templates.
func (c *console) load() error {
	l, err := ui.New(files, assetsPath, nil)
	if err != nil {
		return err
	}
	c.assets, c.pages = l.Assets, l.Pages
	c.Site = auth.New(auth.Options{
		Accounts: c.Accounts, UI: l, Logger: c.Logger, Classify: classify,
		Home: "/console", HomeAction: "console.home",
		PublicURL: c.PublicURL, Now: c.Now, Zone: c.Zone, State: c.State,
	})
	return nil
}

// emptyActivity is the Activity of who gave none.
type emptyActivity struct{}

func (emptyActivity) Recent(int) []activity.Entry                                 { return nil }
func (emptyActivity) Series(time.Time, time.Time, time.Duration) []activity.Point { return nil }
func (emptyActivity) Summary(time.Time, time.Time) activity.Point                 { return activity.Point{} }
