package console

import (
	"html/template"

	"github.com/clientele-project/clientele/internal/web/ui"
)

// callbacksPage is the form of the callback URLs and the token, with the test.
type callbacksPage struct {
	ui.Base
	// Done is what just succeeded, Problem what did not; "" is neither.
	Done, Problem string
	// NewToken is a token that was just made: it is shown this once.
	NewToken string
	// CRMURL is what the app asks, and BuiltIn that it is our own service; Trouble
	// is why it cannot be asked.
	CRMURL     string
	BuiltIn    bool
	CRMProblem string
	URLs       []urlField
	Token      tokenField
	Masking    maskingField
	Test       testForm
	// Result is what the test that was just made showed.
	Result *testResult
}

// urlField is one callback URL.
type urlField struct {
	// Which is "crm", "outgoing" or "templates"; Name is the form field's.
	Which, Name string
	Label, Help string
	Value       string
	// Was is the digest of the value that the form was written with: what was not
	// edited is not written.
	Was   string
	Error string
	// Flag is the name of the flag that fixes the value, or "".
	Flag string
	// Insecure tells that customers would travel unencrypted.
	Insecure bool
}

// tokenField tells about the signing token, never the token.
type tokenField struct {
	Flag  string
	Error string
	// Status tells whether there is one; it is the field's placeholder, so it is short.
	Status string
	// Age tells since when, "" when that is not known.
	Age string
	// Since is posted with the form, so that sending it again makes no second token.
	Since string
	// Grace says until when the one before verifies too, "" when there is none.
	Grace template.HTML
	// Unsaved tells that a token was typed and used, but neither saved nor shown.
	Unsaved bool
}

// testForm is what a test asks.
type testForm struct {
	Worker       string
	Workers      []string
	Question     string // "list", "search" or "details"
	Query        string
	Customer     string
	Channel      string
	Address      string
	Conversation string // a conversation's SID
	// What is missing, beside its field.
	WorkerError, QueryError, CustomerError, AddressError string
}
