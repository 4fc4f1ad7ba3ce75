package integration

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/internal/web/ui"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// callbacksPage is the form with the callback URLs and the token, and the test below it.
type callbacksPage struct {
	ui.Base
	// Done is what just succeeded, Problem what failed; "" is neither.
	Done, Problem string
	// NewToken is a token that was just generated. No other page shows it.
	NewToken string
	// CRMURL is the URL that serves workers now, "" with BuiltIn for the built-in service.
	// CRMProblem is why it cannot be used.
	CRMURL     string
	BuiltIn    bool
	CRMProblem string
	URLs       []urlField
	Token      tokenField
	Masking    maskingField
	Test       testForm
	// Result is the outcome of the test that was just made.
	Result *testResult
}

// urlField is the field of one callback URL.
type urlField struct {
	// Which is "crm", "outgoing" or "templates"; Name is the form field's name.
	Which, Name string
	Label, Help string
	Value       string
	// Was is the digest of the stored value: a field that was not edited is not saved.
	Was   string
	Error string
	// Flag is the name of the flag that overrides the value, or "".
	Flag string
	// Insecure reports whether customer data would be sent unencrypted.
	Insecure bool
}

// tokenField describes the signing token. It never holds the token.
type tokenField struct {
	Flag string
	// Locked reports whether the viewer may not change the token.
	Locked bool
	Error  string
	// Status says whether a token is set. It is the field's placeholder, so it is short.
	Status string
	// Age says since when, "" when that is not known.
	Age string
	// Since is posted with the form, so that a reload does not generate a second token.
	Since string
	// Grace says until when the previous token is accepted too, "" when there is none.
	Grace template.HTML
	// Unsaved reports whether the posted token was used for a test but not saved.
	Unsaved bool
}

// testForm is the request that a test makes.
type testForm struct {
	Worker       string
	Workers      []string
	Request      string // "list", "search" or "details"
	Query        string
	Customer     string
	Channel      string
	Address      string
	Conversation string // a conversation's SID
	// The errors of the fields, "" for none.
	WorkerError, QueryError, CustomerError, AddressError string
}

// savedNotice returns what to say about settings that were just saved.
func savedNotice(r *http.Request, v *auth.Viewer) (done, problem string) {
	switch r.URL.Query().Get("done") {
	case "saved":
		done = v.Locale.Text("console.saved")
	case "later":
		problem = v.Locale.Text("console.saved.later")
	}
	return done, problem
}

// ShowCallbacks shows the callbacks page.
func (h *Handlers) ShowCallbacks(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	var page callbacksPage
	page.Done, page.Problem = savedNotice(r, v)
	return h.renderCallbacks(w, r, v, http.StatusOK, nil, page, nil)
}

// renderCallbacks writes the callbacks page with the stored settings. form is what was
// posted, nil for nothing; it replaces the stored values, with the problems of its
// fields.
func (h *Handlers) renderCallbacks(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, form *callbacksForm, page callbacksPage, problems map[string]string) error {
	stored, err := h.Settings.Callbacks(r.Context())
	switch {
	case errors.Is(err, settings.ErrWrongKey):
		page.Problem = v.Locale.Text("console.sealed")
	case err != nil:
		return err
	}
	page.Base = v.Base(v.Locale.Text("console.callbacks.title"), "callbacks")
	page.CRMURL = h.crmURL(stored)
	page.BuiltIn = page.CRMURL == ""
	if page.Problem == "" {
		page.CRMProblem = h.crmProblem(page.CRMURL, err, v)
	}
	for _, callback := range callbacks {
		page.URLs = append(page.URLs, h.urlField(callback, stored, form, problems, v))
	}
	if page.Token, err = h.tokenField(r.Context(), v); err != nil {
		return err
	}
	if page.Masking, err = h.maskingField(r.Context(), form, problems); err != nil {
		return err
	}
	if form != nil {
		page.Test = form.test
		page.Token.Unsaved = form.token != "" && h.Fixed.TokenFlag == "" && page.NewToken == ""
	}
	page.Token.Error = problems["auth_token"]
	if err := h.fillTestForm(r.Context(), &page.Test, v, problems); err != nil {
		return err
	}
	return h.Render(w, r, v, status, "callbacks", page)
}

// crmURL returns the URL that serves workers now, "" for the built-in service.
func (h *Handlers) crmURL(stored settings.Callbacks) string {
	if h.Fixed.CRMFlag != "" {
		return h.Fixed.CRM
	}
	return stored.CRM
}

// crmProblem returns why the CRM cannot be used, "" when it can. err is the error of
// reading the settings. Status has the reason too, but in English.
func (h *Handlers) crmProblem(url string, err error, v *auth.Viewer) string {
	problem := h.Status().Problem
	switch {
	case problem == "":
		return ""
	case errors.Is(err, settings.ErrWrongKey) && h.Fixed.CRMFlag == "":
		return v.Locale.Text("console.sealed")
	case url != "":
		if uerr := h.CheckURL(url); uerr != nil {
			return urlProblem(url, uerr, v.Locale)
		}
	}
	return view.Line(problem, view.MaxValue)
}

func (h *Handlers) urlField(callback string, stored settings.Callbacks, form *callbacksForm, problems map[string]string, v *auth.Viewer) urlField {
	f := urlField{Which: callback, Name: fieldName(callback), Value: *callbackURL(&stored, callback), Flag: h.flag(callback)}
	switch callback {
	case crm:
		f.Label, f.Help = v.Locale.Text("console.crm"), v.Locale.Text("console.crm.help")
	case outgoing:
		f.Label, f.Help = v.Locale.Text("console.outgoing"), v.Locale.Text("console.outgoing.help")
	default:
		f.Label, f.Help = v.Locale.Text("console.templates"), v.Locale.Text("console.templates.help")
	}
	f.Was = view.Digest(f.Value)
	f.Error = problems[f.Name]
	if f.Flag != "" {
		f.Value = h.Fixed.CRM
	} else if form != nil {
		if u, ok := form.urls[callback]; ok {
			f.Value = u.value
			if u.hasDigest {
				f.Was = u.digest
			}
		}
	}
	f.Insecure = f.Error == "" && isInsecure(f.Value)
	return f
}

// tokenField describes the signing token.
func (h *Handlers) tokenField(ctx context.Context, v *auth.Viewer) (f tokenField, err error) {
	f.Flag = h.Fixed.TokenFlag
	if f.Flag != "" {
		return f, nil
	}
	f.Locked = !mayUseToken(v)
	tokens, err := h.Settings.Tokens(ctx, v.Now)
	switch {
	case errors.Is(err, settings.ErrNotSet), errors.Is(err, settings.ErrWrongKey):
		f.Status = v.Locale.Text("console.token.none")
		return f, nil
	case err != nil:
		return f, err
	case !tokens.Since.IsZero():
		f.Age = v.Locale.Text("console.token.since", "time", v.Locale.Moment(tokens.Since.In(v.Zone), v.Now))
	}
	f.Status = v.Locale.Text("console.token.set")
	f.Since = since(tokens)
	if tokens.Previous != "" {
		f.Grace = v.Locale.HTML("console.token.grace", "time", template.HTML(v.TimeHTML(tokens.PreviousUntil)))
	}
	return f, nil
}

// since identifies a token by when it was set.
func since(t settings.Tokens) string {
	if t.Since.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.Since.Unix(), 10)
}

// fillTestForm adds the workers to choose from and the errors of the fields.
func (h *Handlers) fillTestForm(ctx context.Context, f *testForm, v *auth.Viewer, problems map[string]string) error {
	people, err := h.Accounts.FindPeople(ctx, account.PeopleQuery{Limit: view.MaxSuggestions})
	if err != nil {
		return err
	}
	for _, p := range people.People {
		f.Workers = append(f.Workers, p.Identity)
	}
	if f.Request == "" { // the page was just opened
		workers, err := h.Accounts.FindPeople(ctx, account.PeopleQuery{Role: account.RoleWorker, Limit: 1})
		if err != nil {
			return err
		}
		f.Request, f.Worker = requestTypes[0], v.Person.Identity
		if len(workers.People) > 0 && workers.People[0].Active() {
			f.Worker = workers.People[0].Identity
		}
	}
	f.WorkerError, f.QueryError, f.CustomerError, f.AddressError = problems["worker"], problems["query"], problems["customer"], problems["address"]
	return nil
}
