// Package people serves the console's pages about accounts and how people sign in.
package people

import (
	"context"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/settings"
)

// Accounts manages accounts. *account.Service implements it, and its documentation is the
// contract.
type Accounts interface {
	view.Accounts
	Sessions(ctx context.Context, identity string) ([]account.Session, error)
	AddWithTemporaryPassword(ctx context.Context, identity string, role account.Role, mayExport bool) (password string, err error)
	SetRole(ctx context.Context, identity string, role account.Role) error
	SetMayExport(ctx context.Context, identity string, may bool) error
	ResetPassword(ctx context.Context, identity string) (password string, err error)
	SetAvailable(ctx context.Context, identity string, available bool) error
	EndSessions(ctx context.Context, identity string) error
	Unlink(ctx context.Context, identity string) error
	Deactivate(ctx context.Context, identity string) error
	Reactivate(ctx context.Context, identity string) error
	RemovePerson(ctx context.Context, identity string) error
}

// OwnerCounts counts the customers of a worker: customer.AdminReader has it.
type OwnerCounts interface {
	OwnerCount(ctx context.Context, worker string) (int, error)
}

// Settings has the rules of signing in. *settings.Service implements it.
type Settings interface {
	SignIn(ctx context.Context) (settings.SignIn, error)
	SaveSignIn(ctx context.Context, next settings.SignIn) error
}

// Provider is the identity provider that the program was started with.
type Provider struct {
	Issuer, ClientID string
}

// Options is what the handlers need in addition to the site.
type Options struct {
	Settings Settings
	Accounts Accounts
	// OnPeopleChange is called when open pages may show a person who has changed.
	OnPeopleChange func()
	// OnPasswordReset is called with the identity of a person who has a new password.
	OnPasswordReset func(ctx context.Context, identity string) error
	OwnerCounts     OwnerCounts
	// OwnersHint says how many owners of customers have no account, "" for none.
	OwnersHint func(ctx context.Context, loc *locale.Locale) (string, error)
	// ConversationsOn reports whether workers have conversations.
	ConversationsOn func() bool
	// Provider is nil for none.
	Provider *Provider
}

// Handlers are the actions of the routes.
type Handlers struct {
	*view.Site
	Options
}

// New returns the handlers.
func New(site *view.Site, o Options) *Handlers { return &Handlers{site, o} }
