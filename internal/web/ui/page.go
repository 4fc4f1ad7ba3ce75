package ui

import (
	"net/http"

	"github.com/clientele-project/clientele/internal/locale"
)

// Base is what every page has; the templates "head" and "error" need it.
type Base struct {
	// Title is the page's own; the product's name is added.
	Title string
	Lang  string
	Dir   string
	// Theme is "", "light" or "dark".
	Theme string
	// Tab is the tab that this page belongs to, or "" on pages without tabs.
	Tab string
	// View tells phones which pane to show, where there are two: "list" or "detail".
	View string
	// Refresh is after how many seconds the page loads itself anew where scripts are
	// off; 0 is never.
	Refresh int
	// Admin tells that the person may go to the console, Who is what they are called,
	// fit to be shown; "" for somebody unknown.
	Admin bool
	Who   string
	// State is the state that the page shows, which it follows while it is open; "" for
	// pages that follow nothing: pulse.js.
	State string
	// Posted tells that the page answers a form: loaded anew, it would lose what was
	// typed.
	Posted bool
}

// Kind is the status and the message keys of a failure.
type Kind struct {
	Status int
	// Code is what data-error-code carries: a published code, or a word. The
	// messages are fail.CODE.title and fail.CODE.text.
	Code string
	// Published tells that Code is worth telling an administrator.
	Published bool
	Icon      string
	// Way leads on from here, with the message WayOut on it; "" for where the face
	// begins.
	Way, WayOut string
}

// Failure is a failed state as a person reads it: the template "failure".
type Failure struct {
	Kind
	// Heading tells that Title is the page's own heading.
	Heading     bool
	Title, Text string
	// Href and Action are the way out.
	Href, Action string
}

// Describe writes a failure for a person; retry is the address to try again.
func Describe(k Kind, words *locale.Locale, retry string) *Failure {
	key := "fail." + k.Code
	if !words.Has(key + ".title") { // a code that is not among the published ones
		key = "fail.internal"
		if k.Status != http.StatusInternalServerError {
			key = "fail.48004"
		}
	}
	return &Failure{
		Kind: k, Title: words.Text(key + ".title"), Text: words.Text(key + ".text"),
		Href: retry, Action: words.Text("fail.retry"),
	}
}

// ErrorPage is a page that holds nothing but a failed state: the template "error".
type ErrorPage struct {
	Base
	Failure *Failure
}
