// Package console serves the administrators' pages: the callback services and their
// test, people and sign-in, the audit, and the customers of the built-in service.
//
// This package wires the site: routes.go is the one table of paths and permissions, and
// the templates and assets are here. Each page group has a package of its own
// (integration, people, auditlog, customers); view is what they share. The tests of
// this package go through HTTP and cover all page groups.
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
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/auditlog"
	"github.com/clientele-project/clientele/internal/console/customers"
	"github.com/clientele-project/clientele/internal/console/integration"
	"github.com/clientele-project/clientele/internal/console/people"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

//go:embed templates static
var files embed.FS

// What the page groups need, under one name for callers of New.
type (
	Admin    = customers.Admin
	Fixed    = integration.Fixed
	Provider = people.Provider
	Status   = integration.Status
)

// Settings reads and changes the settings. *settings.Service implements it, and its
// documentation is the contract.
type Settings interface {
	integration.Settings
	people.Settings
	auditlog.Settings
}

// Accounts authenticates viewers and manages people. *account.Service implements it.
type Accounts interface {
	auth.Accounts
	people.Accounts
}

// Options configures the console. Every field without "Optional" is required.
type Options struct {
	Settings Settings
	Accounts Accounts
	// Fixed are the settings that flags override. Optional.
	Fixed Fixed
	// Reload applies saved settings to the running program.
	Reload func(ctx context.Context) error
	// AuthToken returns the token that signs calls now, "" for none.
	AuthToken func() string
	// Transport carries the calls of tests: outbound.Transport(policy).
	Transport http.RoundTripper
	// CheckURL returns why a callback URL cannot be used:
	// frontline.CheckCallbackURL and outbound.CheckURL.
	CheckURL func(raw string) error
	// BuiltInCRM serves tests while no CRM callback URL is set, as a callback at
	// BuiltInPath of PublicURL.
	BuiltInCRM  frontline.CRM
	BuiltInPath string
	// Activity and Status are what the activity page shows.
	Activity integration.Activity
	Status   func() Status
	// Conversations is the messaging service.
	Conversations integration.Conversations
	// Condition returns why the database takes no changes now, or nil. Every page says
	// so. Optional.
	Condition func() error
	// OnPeopleChange is called when open pages may show a person who has changed.
	OnPeopleChange func()
	// State returns the state that open pages follow: web.Notifier has it. Optional.
	State func() string
	// Provider is the identity provider. Optional.
	Provider *Provider
	// Attempts limits guesses of passwords, by default those in the console alone. SignIn is
	// the identity provider, with which administrators can confirm who they are. Both are
	// optional.
	Attempts *auth.Attempts
	SignIn   auth.Provider
	// Audit records what administrators do.
	Audit view.Audit
	// TrustedProxies are the proxies whose X-Forwarded-For names the client. Optional.
	TrustedProxies []netip.Prefix
	// Reader reads all customers of the built-in service, and Admin changes them.
	Reader customer.AdminReader
	Admin  Admin
	// Logger gets a line a request.
	Logger *slog.Logger
	// PublicURL is the origin that people use, by default the address of each request. Optional.
	PublicURL string
	// TestTimeout is how long a test's call may take, by default frontline.CallTimeout. Optional.
	TestTimeout time.Duration
	// Now is the clock, by default time.Now. Zone is the time zone of viewers who have
	// not chosen one, by default time.Local. Both are optional.
	Now  func() time.Time
	Zone *time.Location
}

// console has the handlers of the page groups.
type console struct {
	assets      *web.Assets
	integration *integration.Handlers
	people      *people.Handlers
	auditlog    *auditlog.Handlers
	customers   *customers.Handlers
}

// New returns the handler of /console and everything below it, with logging, recovery,
// security headers and protection against cross-site requests. Every route but the
// assets is for administrators.
func New(o Options) (*auth.Handler, error) {
	if o.Settings == nil || o.Accounts == nil || o.Audit == nil || o.Reload == nil || o.AuthToken == nil || o.Transport == nil || o.CheckURL == nil || o.BuiltInCRM == nil || o.Reader == nil || o.Admin == nil ||
		o.Activity == nil || o.Status == nil || o.Conversations == nil || o.OnPeopleChange == nil || o.Logger == nil {
		return nil, errors.New("console: Settings, Accounts, Audit, Reload, AuthToken, Transport, CheckURL, BuiltInCRM, Reader, Admin, Activity, Status, Conversations, OnPeopleChange and Logger are required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Attempts == nil {
		o.Attempts = auth.NewAttempts(web.NewLimiter(1000, o.Now))
	}
	if o.TestTimeout <= 0 {
		o.TestTimeout = frontline.CallTimeout
	}
	resources, err := ui.New(files, view.AssetsPath, nil)
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	site := &view.Site{
		Pages: resources.Pages, Audit: o.Audit, Reload: o.Reload, UsesBuiltIn: func() bool { return o.Status().BuiltIn },
		PublicURL: o.PublicURL, TrustedProxies: o.TrustedProxies, Logger: o.Logger, Now: o.Now,
	}
	c := &console{assets: resources.Assets}
	c.integration = integration.New(site, integration.Options{
		Settings: o.Settings, Accounts: o.Accounts, Fixed: o.Fixed, AuthToken: o.AuthToken, Transport: o.Transport, CheckURL: o.CheckURL,
		BuiltInCRM: o.BuiltInCRM, CRMPath: o.BuiltInPath, Activity: o.Activity, Status: o.Status, Conversations: o.Conversations, TestTimeout: o.TestTimeout,
	})
	c.people = people.New(site, people.Options{
		Settings: o.Settings, Accounts: o.Accounts, OnPeopleChange: o.OnPeopleChange, OnPasswordReset: o.Attempts.Forget, OwnerCounts: o.Reader, Provider: o.Provider,
		ConversationsOn: o.Conversations.On, OwnersHint: func(ctx context.Context, loc *locale.Locale) (string, error) { return c.customers.OwnersHint(ctx, loc) },
	})
	c.auditlog = auditlog.New(site, auditlog.Options{Settings: o.Settings, Accounts: o.Accounts})
	c.customers = customers.New(site, customers.Options{
		Reader: o.Reader, Admin: o.Admin, Accounts: o.Accounts, External: c.integration.UsesExternalCRM, AddsPeople: c.people.AddsPeople,
	})
	return auth.New(auth.Options{
		Accounts: o.Accounts, UI: resources, Logger: o.Logger, Classify: classify,
		Home: view.HomePath, HomeAction: "console.home",
		PublicURL: o.PublicURL, Now: o.Now, Zone: o.Zone, State: o.State, Warning: o.warning,
		Attempts: o.Attempts, Provider: o.SignIn,
		ConfirmFailed: func(r *http.Request, v *auth.Viewer) {
			site.Audit.Record(site.Entry(r, v, audit.Entry{Action: audit.SignInFailed, Subject: v.Person.Identity, Params: audit.WithPassword}))
		},
	}).Handler(c.routes())
}

// warning returns the code of the error whose texts every page shows, "" for none.
func (o Options) warning() string {
	if o.Condition == nil {
		return ""
	}
	err := o.Condition()
	if err == nil {
		return ""
	}
	return classify(err).Code
}
