package app

import (
	"html/template"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// signInPage is the sign-in page.
type signInPage struct {
	ui.Base
	Identity string
	Next     string
	// Notice is neutral information; Problem is an error of the whole form.
	Notice, Problem, ProblemTitle string
	// IdentityError and PasswordError are shown at their fields.
	IdentityError, PasswordError string
	// FirstRun is set when there are no accounts yet.
	FirstRun bool
	// OneTap are the identities that can sign in without a password.
	OneTap []string
	// PasswordForm is set to show the form for identity and password.
	PasswordForm bool
	// Provider is the name of the identity provider and ProviderHref the address where
	// signing in with it starts; "" without one.
	Provider, ProviderHref string
	// SignOutHref is where to sign out at the identity provider, "" when signed out.
	SignOutHref string
}

// customersPage is the list and the details, side by side on wide screens.
type customersPage struct {
	ui.Base
	List listPane
	// Detail is nil when no customer is selected.
	Detail *detailPane
}

// accountPage is the signed-in person's own page.
type accountPage struct {
	ui.Base
	Identity string
	Initials string
	Tint     int
	Role     string
	// Done is the message after a successful change, Problem that after a failure, or "".
	Done, Problem string
	// HasPassword is set when the person can change a password, TemporaryPassword when
	// it was generated. Provider says how the person signs in with the identity provider.
	HasPassword, TemporaryPassword bool
	Provider                       string
	// MustReplacePassword leaves only the form for a new password.
	MustReplacePassword bool
	// Available is set for those who get new conversations; only with HasAvailability.
	HasAvailability, Available bool
	Preferences                account.Preferences
	Languages                  []*locale.Locale
	Zones                      []string
	Sessions                   []sessionRow
	Errors                     fieldErrors
}

// fieldErrors are the errors of the form fields; "" is none.
type fieldErrors struct{ Theme, Language, Zone, Old, New, Again string }

// sessionRow is one session of the person.
type sessionRow struct {
	ID      string
	Name    string
	Current bool
	Used    template.HTML
}
