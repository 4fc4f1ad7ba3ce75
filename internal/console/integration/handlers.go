// Package integration serves the console's pages about the callback services (their
// URLs, the signing token, a test of each service, and the activity of past calls), about
// the messaging service, and about message templates.
package integration

import (
	"context"
	"net/http"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web"
)

// Settings has the callback URLs, the signing token, masking, and what conversations need. *settings.Service
// implements it, and its documentation is the contract.
type Settings interface {
	Callbacks(ctx context.Context) (settings.Callbacks, error)
	SaveCallbacks(ctx context.Context, change func(*settings.Callbacks)) (before, after settings.Callbacks, err error)
	Tokens(ctx context.Context, now time.Time) (settings.Tokens, error)
	SetAuthToken(ctx context.Context, token string) (settings.Tokens, error)
	RotateAuthToken(ctx context.Context) (settings.Tokens, error)
	EndGrace(ctx context.Context) error
	// Masked reports whether the last digits of phone numbers are masked for workers.
	Masked(ctx context.Context) (bool, error)
	SetMasked(ctx context.Context, on bool) (changed bool, err error)
	Conversations(ctx context.Context) (settings.Conversations, error)
	SaveConversations(ctx context.Context, change func(*settings.Conversations)) (before, after settings.Conversations, err error)
	Templates(ctx context.Context) (settings.Templates, error)
	SaveTemplates(ctx context.Context, change func(*settings.Templates)) (before, after settings.Templates, err error)
}

// Activity has the past calls. *activity.Log implements it, and its documentation is
// the contract.
type Activity interface {
	Recent(n int) []activity.Entry
	Refusals() []activity.Refusal
	Series(from, to time.Time, step time.Duration) []activity.Point
	Summary(from, to time.Time) activity.Point
}

// Status is the present state of the CRM that serves workers.
type Status struct {
	// BuiltIn reports whether it is the built-in service. The other fields but Problem
	// are zero then.
	BuiltIn bool
	// Problem is why the CRM callback URL cannot be used, in English; "" when it can.
	Problem string
	// Breaker is "closed" (normal), "open" (no calls until RetryAt) or "half-open" (one
	// call is let through as a trial).
	Breaker string
	RetryAt time.Time
	// Queued and InFlight count the calls that wait and those that are being made.
	Queued, InFlight int
	// CachedBytes is the memory that cached lists take.
	CachedBytes int64
}

// Fixed names the flags that override settings, with their values. A flag that is ""
// overrides nothing.
type Fixed struct {
	// CRMFlag is the flag's name, like "--crm-callback-url", and CRM its value.
	CRMFlag, CRM string
	// TokenFlag is like "--auth-token".
	TokenFlag string
	// Conversations are the values of flags.
	Conversations settings.Conversations
}

// Options is what the handlers need in addition to the site. All fields but Fixed and CRMPath
// are required.
type Options struct {
	Settings  Settings
	Accounts  view.Accounts
	Fixed     Fixed
	AuthToken func() string // the token that signs calls now, "" for none
	Transport http.RoundTripper
	CheckURL  func(raw string) error
	// BuiltInCRM is the built-in service, which tests call as a callback at CRMPath of the
	// site's PublicURL while no CRM callback URL is set.
	BuiltInCRM frontline.CRM
	CRMPath    string
	Activity   Activity
	Status     func() Status
	// Conversations is the messaging service.
	Conversations Conversations
	TestTimeout   time.Duration
}

// Handlers are the actions of the routes.
type Handlers struct {
	*view.Site
	Options
	tests *web.Limiter
}

// testRate is how many tests one administrator may make: each calls an address of their
// choice.
var testRate = web.Rate{Burst: 30, Interval: 2 * time.Second}

// New returns the handlers.
func New(site *view.Site, o Options) *Handlers {
	return &Handlers{site, o, web.NewLimiter(1000, site.Now)}
}

// UsesExternalCRM reports whether a CRM callback URL is set. Settings that cannot be
// read count as none: the callbacks page reports them.
func (h *Handlers) UsesExternalCRM(ctx context.Context) bool {
	stored, err := h.Settings.Callbacks(ctx)
	return err == nil && h.crmURL(stored) != ""
}
