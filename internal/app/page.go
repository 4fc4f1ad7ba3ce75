package app

import (
	"html/template"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// signInPage is the way in.
type signInPage struct {
	ui.Base
	Identity string
	Next     string
	// Notice is good or neutral news; Problem is about the form as a whole.
	Notice, Problem, ProblemTitle string
	// IdentityError and PasswordError stand beside their fields.
	IdentityError, PasswordError string
	// FirstRun tells that nobody can sign in yet.
	FirstRun bool
	// OneTap are the identities that need no password here.
	OneTap []string
	// PasswordForm tells that there is a form for them.
	PasswordForm bool
	// Provider is what the identity provider is called, and ProviderHref where signing
	// in with it begins; "" without one.
	Provider, ProviderHref string
	// SignOutHref is where signing out goes on, "" when it is done.
	SignOutHref string
}

// customersPage is the list and the details, side by side where there is room.
type customersPage struct {
	ui.Base
	List listPane
	// Detail is nil while no customer is chosen.
	Detail *detailPane
}

// accountPage is the signed-in person's own page.
type accountPage struct {
	ui.Base
	Identity string
	Initials string
	Tint     int
	Role     string
	// Done is what just succeeded, or "".
	Done string
	// HasPassword tells that there is one to change, TemporaryPassword that it was made up for the
	// person, and Provider how they sign in with the identity provider, if they do.
	HasPassword, TemporaryPassword bool
	Provider                       string
	Preferences                    account.Preferences
	Languages                      []*locale.Locale
	Zones                          []string
	Sessions                       []sessionRow
	// Errors are what is wrong with fields.
	Errors fieldErrors
}

// fieldErrors stand beside their fields; "" is no error.
type fieldErrors struct{ Theme, Language, Zone, Old, New, Again string }

// sessionRow is one signed-in browser.
type sessionRow struct {
	ID      string
	Name    string
	Current bool
	Used    template.HTML
}
