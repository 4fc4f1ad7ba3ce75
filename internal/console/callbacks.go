package console

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// callbacksDone are what the page says after a success, by the value of ?done=.
var callbacksDone = map[string]string{
	"saved": "console.saved",
	"later": "console.saved.later",
}

func (c *console) ShowCallbacks(w http.ResponseWriter, r *http.Request, v *visit) error {
	var page callbacksPage
	switch key, ok := callbacksDone[r.URL.Query().Get("done")]; {
	case !ok:
	case key == "console.saved":
		page.Done = v.Locale.Text(key)
	default:
		page.Problem = v.Locale.Text(key)
	}
	if r.URL.Query().Has("unwritten") {
		page.Done, page.Problem = "", strings.TrimSpace(page.Done+page.Problem+" "+v.Locale.Text("console.audit.unwritten"))
	}
	return c.renderCallbacks(w, r, v, http.StatusOK, nil, page, nil)
}

// renderCallbacks answers with the screen: what is kept, and over it what was typed
// (t, nil for nothing) with what is wrong about it.
func (c *console) renderCallbacks(w http.ResponseWriter, r *http.Request, v *visit, status int, t *callbacksForm, page callbacksPage, wrong map[string]string) error {
	stored, err := c.Settings.Callbacks(r.Context())
	switch {
	case errors.Is(err, settings.ErrSealed):
		page.Problem = v.Locale.Text("console.sealed")
	case err != nil:
		return err
	}
	page.Base = v.Base(v.Locale.Text("console.callbacks.title"), "callbacks")
	page.CRMURL = c.crmURL(stored)
	page.BuiltIn = page.CRMURL == ""
	if page.Problem == "" {
		page.CRMProblem = c.crmProblem(page.CRMURL, err, v)
	}
	for _, which := range callbacks {
		page.URLs = append(page.URLs, c.urlField(which, stored, t, wrong, v))
	}
	if page.Token, err = c.tokenField(r.Context(), v); err != nil {
		return err
	}
	if page.Masking, err = c.maskingField(r.Context(), t, wrong); err != nil {
		return err
	}
	if t != nil {
		page.Test = t.test
		page.Token.Unsaved = t.token != "" && c.Fixed.TokenFlag == "" && page.NewToken == ""
	}
	page.Token.Error = wrong["auth_token"]
	if err := c.fillTestForm(r.Context(), &page.Test, v, wrong); err != nil {
		return err
	}
	auth.SetPrivate(w)
	if page.NewToken != "" || page.Result != nil {
		w.Header().Set("Cache-Control", "no-store")
	}
	return c.pages.Render(w, r, status, v.Locale, "callbacks", page)
}

// crmURL is the URL of what the app asks at this moment, "" for our own service.
func (c *console) crmURL(stored settings.Callbacks) string {
	if c.Fixed.CRMFlag != "" {
		return c.Fixed.CRM
	}
	return stored.CRM
}

// crmProblem says why nobody can be asked, "" when somebody can; err is what reading
// the settings came to. The status says it too, but in English.
func (c *console) crmProblem(url string, err error, v *visit) string {
	problem := c.Status().Problem
	switch {
	case problem == "":
		return ""
	case errors.Is(err, settings.ErrSealed) && c.Fixed.CRMFlag == "":
		return v.Locale.Text("console.sealed")
	case url != "":
		if uerr := c.CheckURL(url); uerr != nil {
			return urlProblem(url, uerr, v.Locale)
		}
	}
	return Line(problem, MaxValueShown)
}

func (c *console) urlField(which string, stored settings.Callbacks, t *callbacksForm, wrong map[string]string, v *visit) urlField {
	f := urlField{Which: which, Name: fieldName(which), Value: *callbackURL(&stored, which), Flag: c.flag(which)}
	switch which {
	case crm:
		f.Label, f.Help = v.Locale.Text("console.crm"), v.Locale.Text("console.crm.help")
	case outgoing:
		f.Label, f.Help = v.Locale.Text("console.outgoing"), v.Locale.Text("console.outgoing.help")
	default:
		f.Label, f.Help = v.Locale.Text("console.templates"), v.Locale.Text("console.templates.help")
	}
	f.Was = Digest(f.Value)
	f.Error = wrong[f.Name]
	if f.Flag != "" {
		f.Value = c.Fixed.CRM
	} else if t != nil {
		if u, ok := t.urls[which]; ok {
			f.Value = u.value
			if u.hasDigest {
				f.Was = u.digest
			}
		}
	}
	f.Insecure = f.Error == "" && isInsecure(f.Value)
	return f
}

// tokenField tells about the token without telling it.
func (c *console) tokenField(ctx context.Context, v *visit) (f tokenField, err error) {
	f.Flag = c.Fixed.TokenFlag
	if f.Flag != "" {
		return f, nil
	}
	tokens, err := c.Settings.Tokens(ctx, v.Now)
	switch {
	case errors.Is(err, settings.ErrNotSet), errors.Is(err, settings.ErrSealed):
		f.Status = v.Locale.Text("console.token.none")
		return f, nil
	case err != nil:
		return f, err
	case !tokens.Since.IsZero():
		f.Age = v.Locale.Text("console.token.since", "time", v.Locale.Moment(tokens.Since.In(v.Zone), v.Now))
	}
	f.Status = v.Locale.Text("console.token.kept")
	f.Since = since(tokens)
	if tokens.Previous != "" {
		f.Grace = v.Locale.HTML("console.token.grace", "time", template.HTML(v.TimeHTML(tokens.PreviousUntil)))
	}
	return f, nil
}

// since names a token by when it became the current one.
func since(t settings.Tokens) string {
	if t.Since.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.Since.Unix(), 10)
}

// MaxSuggestions bounds the list that a test's worker is chosen from; any other can be
// typed.
const MaxSuggestions = 500

// fillTestForm offers the workers that a test can ask as.
func (c *console) fillTestForm(ctx context.Context, f *testForm, v *visit, wrong map[string]string) error {
	people, err := c.Accounts.People(ctx)
	if err != nil {
		return err
	}
	preset := v.Person.Identity
	for _, p := range people {
		if p.Role == account.RoleWorker && preset == v.Person.Identity {
			preset = p.Identity
		}
		if len(f.Workers) < MaxSuggestions {
			f.Workers = append(f.Workers, p.Identity)
		}
	}
	if f.Question == "" { // the page was just opened
		f.Question, f.Worker = questions[0], preset
	}
	f.WorkerError, f.QueryError, f.CustomerError, f.AddressError = wrong["worker"], wrong["query"], wrong["customer"], wrong["address"]
	return nil
}
