package ui

import (
	"net/http"

	"github.com/clientele-project/clientele/internal/locale"
)

// Base is the part that every page struct embeds, for the templates "head" and
// "error".
type Base struct {
	// Title is the page's own title, without the product name.
	Title string
	Lang  string
	Dir   string
	// Theme is "", "light" or "dark".
	Theme string
	// Tab is the tab that this page belongs to, or "" on pages without tabs.
	Tab string
	// View is the pane that phones show where there are two: "list" or "detail".
	View string
	// Refresh is the number of seconds after which the page reloads where scripts
	// are off; 0 is never.
	Refresh int
	// Admin is set for people who can open the console. Who is the person's identity
	// in printable form, "" when not signed in.
	Admin bool
	Who   string
	// State is the state that the page was rendered in. pulse.js reloads the page
	// when it changes; "" for pages that need no reload.
	State string
	// News is the version of the person's news that the page was rendered with, "" where
	// there are none. pulse.js tells the page's other scripts when it changes. Unread is
	// how many conversations have unread messages, for the tabs.
	News   string
	Unread int
	// Warning is what is wrong with the program, nil if nothing is.
	Warning *Failure
	// Posted is set for the response to a form: a reload would lose what was typed.
	Posted bool
}

// Kind is the status, error code and message keys of a failure.
type Kind struct {
	Status int
	// Code is the value of data-error-code: a published code, or a word. The
	// messages are fail.CODE.title and fail.CODE.text.
	Code string
	// Published is set when Code is one of the published codes, which the page shows.
	Published bool
	Icon      string
	// The address of the link on the error page and the key of its text; "" for the
	// site's first page.
	LinkHref, LinkText string
}

// Failure is a failure in the words of a language: the data of the template
// "failure".
type Failure struct {
	Kind
	// Heading is set when Title is the page's own heading.
	Heading     bool
	Title, Text string
	// Href and Action are the address and the text of the link.
	Href, Action string
}

// Describe returns a failure with its texts; retry is the address to try again.
func Describe(k Kind, loc *locale.Locale, retry string) *Failure {
	key := "fail." + k.Code
	if !loc.Has(key + ".title") { // a code that is not among the published ones
		key = "fail.internal"
		if k.Status != http.StatusInternalServerError {
			key = "fail.48004"
		}
	}
	return &Failure{
		Kind: k, Title: loc.Text(key + ".title"), Text: loc.Text(key + ".text"),
		Href: retry, Action: loc.Text("fail.retry"),
	}
}

// ErrorPage is a page that shows only a failure: the data of the template "error".
type ErrorPage struct {
	Base
	Failure *Failure
}
