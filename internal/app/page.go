package app

import (
	"html/template"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/locale"
)

// base is what every page has.
type base struct {
	// Title is the page's own; the product's name is added.
	Title string
	Lang  string
	Dir   string
	// Theme is "", "light" or "dark".
	Theme string
	// Tab is the tab that this page belongs to: "customers", "account", or ""
	// on pages without tabs.
	Tab string
	// View tells phones which pane to show: "list" or "detail".
	View string
}

func (a *app) base(v *visit, title, tab string) base {
	return base{Title: title, Lang: v.words.Tag(), Dir: v.words.Dir(), Theme: v.person.Preferences.Theme, Tab: tab, View: "list"}
}

// errorPage is a page that holds nothing but a failed state.
type errorPage struct {
	base
	Failure *failure
}

// signInPage is the way in.
type signInPage struct {
	base
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
}

// customersPage is the list and the details, side by side where there is room.
type customersPage struct {
	base
	List listPane
	// Detail is nil while no customer is chosen.
	Detail *detailPane
}

// accountPage is the signed-in person's own page.
type accountPage struct {
	base
	Identity string
	Initials string
	Tint     int
	Role     string
	// Done is what just succeeded, or "".
	Done string
	// HasPassword tells that there is one to change.
	HasPassword bool
	Preferences account.Preferences
	Languages   []*locale.Locale
	Zones       []string
	Sessions    []sessionRow
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

// timeHTML writes t for this visit: <time>, with what a script needs to write it
// in the device's own zone when the person chose none.
func (v *visit) timeHTML(t time.Time) template.HTML {
	t = t.In(v.zone)
	attr := ""
	if !v.zoneChosen {
		attr = " data-local"
	}
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `"` + attr + `>` +
		template.HTMLEscapeString(v.words.Moment(t, v.now)) + `</time>`)
}
