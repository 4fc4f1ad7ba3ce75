package integration

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// conversationsPage is the form of the messaging service and of what happens with its
// webhooks, and the test beside it.
type conversationsPage struct {
	ui.Base
	Done, Problem string
	// Was identifies the stored settings: what someone else saved meanwhile is not replaced.
	Was string
	// Fields are by their names in the settings. WorkerAddresses has those of single
	// workers, a line each.
	Fields          map[string]settingField
	WorkerAddresses string
	People          []account.Person // suggestions
	// Errors are by field, nil unless a form was posted.
	Errors map[string]string
	// Typed reports whether secrets were posted that are not saved.
	Typed bool
	// On reports whether a messaging service is configured.
	On     bool
	Report *SetupReport
}

// settingField is a field of the form.
type settingField struct {
	Name, Value, Error string
	// Flag is the name of the flag that overrides the value, or "".
	Flag string
	// Secret values are never shown. Set reports whether there is one.
	Secret, Set bool
}

// ShowConversations shows the settings of conversations.
func (h *Handlers) ShowConversations(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	var page conversationsPage
	page.Done, page.Problem = savedNotice(r, v)
	return h.renderConversations(w, r, v, http.StatusOK, page)
}

// renderConversations writes the page with the stored settings, or with what was posted
// when page has Errors.
func (h *Handlers) renderConversations(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, page conversationsPage) error {
	stored, err := h.Settings.Conversations(r.Context())
	people, peopleErr := h.Accounts.People(r.Context())
	if errors.Is(err, settings.ErrWrongKey) {
		page.Problem, err = v.Locale.Text("console.conversations.sealed"), nil
	}
	if err = errors.Join(err, peopleErr); err != nil {
		return err
	}
	page.People = people[:min(len(people), view.MaxSuggestions)]
	page.Base, page.On = v.Base(v.Locale.Text("console.conversations.title"), "conversations"), h.Conversations.On()
	page.Was, page.WorkerAddresses = conversationsDigest(stored), stored.WorkerAddresses()
	shown := stored
	if page.Errors != nil {
		h.applyConversations(r, &shown)
		page.WorkerAddresses = r.PostForm.Get("workers")
		page.Typed = view.Field(r, "auth_token")+view.Field(r, "api_secret") != ""
	}
	page.Fields = make(map[string]settingField)
	saved, fixed := stored.Fields(), h.Fixed.Conversations.Fields()
	for i, f := range shown.Fields() {
		field := settingField{Name: f.Name, Value: *f.Value, Error: page.Errors[f.Name], Secret: f.Kind == settings.SecretField, Set: *saved[i].Value != ""}
		if *fixed[i].Value != "" {
			field.Value, field.Flag = *fixed[i].Value, "--"+f.Flag
		}
		if field.Secret {
			field.Value = ""
		}
		page.Fields[f.Name] = field
	}
	return h.Render(w, r, v, status, "conversations", page)
}

// maxConversationsForm bounds the form, which has a line for each worker's addresses.
const maxConversationsForm = 256 << 10

// SaveConversations saves the whole form, or nothing when a field is invalid.
func (h *Handlers) SaveConversations(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.LargeForm(w, r, maxConversationsForm); err != nil {
		return err
	}
	problems, err := h.validateConversations(r, v)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return h.renderConversations(w, r, v, http.StatusUnprocessableEntity, conversationsPage{Errors: problems})
	}
	conflict, was := false, view.Field(r, "was")
	err = h.Act(r, v, func(ctx context.Context) (e audit.Entry, err error) {
		before, after, err := h.Settings.SaveConversations(ctx, func(c *settings.Conversations) {
			if conflict = was != "" && was != conversationsDigest(*c); !conflict {
				h.applyConversations(r, c)
			}
		})
		if params := changedFields("", before, after); params != "" {
			e = audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectConversations, Params: params}
		}
		return e, err
	})
	switch {
	case err != nil:
		return err
	case conflict:
		page := conversationsPage{Problem: v.Locale.Text("console.conversations.conflict"), Errors: problems}
		return h.renderConversations(w, r, v, http.StatusConflict, page)
	case h.ReloadSettings(r) != nil:
		return view.Redirect(w, r, view.ConversationsPath+"?done=later")
	}
	return view.Redirect(w, r, view.ConversationsPath+"?done=saved")
}

// applyConversations sets what was posted. Without a new value, a secret stays unless it is
// to be removed.
func (h *Handlers) applyConversations(r *http.Request, c *settings.Conversations) {
	fixed := h.Fixed.Conversations.Fields()
	for i, f := range c.Fields() {
		posted, secret := view.Field(r, f.Name), f.Kind == settings.SecretField
		switch {
		case *fixed[i].Value != "", !secret && !r.PostForm.Has(f.Name):
		case secret && posted == "" && view.Field(r, "remove_"+f.Name) == "":
		default:
			*f.Value = posted
		}
	}
	if r.PostForm.Has("workers") {
		c.SetWorkerAddresses(r.PostForm.Get("workers"), func(string) bool { return true })
	}
}

// validateConversations returns the errors of what was posted, by field.
func (h *Handlers) validateConversations(r *http.Request, v *auth.Viewer) (problems map[string]string, err error) {
	people, err := h.Accounts.People(r.Context())
	if err != nil {
		return nil, err
	}
	find := func(identity string) int {
		return slices.IndexFunc(people, func(p account.Person) bool { return text.SameIdentity(p.Identity, identity) })
	}
	c, err := h.Settings.Conversations(r.Context())
	if err != nil && !errors.Is(err, settings.ErrWrongKey) {
		return nil, err
	}
	problems = make(map[string]string)
	h.applyConversations(r, &c)
	c.Override(h.Fixed.Conversations)
	known := func(worker string) bool { return find(worker) >= 0 }
	if p := c.SetWorkerAddresses(r.PostForm.Get("workers"), known); p != nil {
		problems["workers"] = v.Locale.Text("console.conversations.workers."+p.Reason, "line", p.Line, "text", p.Text)
	}
	if c.APIKey != "" && c.APISecret == "" {
		problems["api_secret"] = v.Locale.Text("console.conversations.api_secret.missing")
	} else if c.APIKey == "" && c.APISecret != "" {
		problems["api_key"] = v.Locale.Text("console.conversations.api_key.missing")
	}
	for _, f := range c.Fields() {
		invalid := f.Clean()
		switch {
		case *f.Value != "" && f.Kind == settings.URLField:
			if err := h.CheckURL(*f.Value); err != nil || !settable(*f.Value) {
				problems[f.Name] = urlProblem(*f.Value, err, v.Locale)
			} else if h.PublicURL != "" && strings.HasPrefix(*f.Value, h.PublicURL+"/") {
				problems[f.Name] = v.Locale.Text("console.conversations.own")
			}
		case invalid != nil:
			problems[f.Name] = v.Locale.Text("console.conversations."+f.Name+".invalid", "max", settings.MaxTokenLength)
		}
	}
	if i := find(c.Worker); c.Fallback == settings.FallbackWorker && (i < 0 || !people[i].Active()) {
		problems["worker"] = v.Locale.Text("console.conversations.worker.invalid")
	}
	return problems, nil
}

// changedFields adds the names of the fields that differ, never their values.
func changedFields(params audit.Params, before, after settings.Conversations) audit.Params {
	was := before.Fields()
	for i, f := range after.Fields() {
		if *f.Value != *was[i].Value {
			params = params.With("field", f.Name)
		}
	}
	if before.WorkerAddresses() != after.WorkerAddresses() {
		params = params.With("field", "workers")
	}
	return params
}

// conversationsDigest identifies what the form shows.
func conversationsDigest(c settings.Conversations) string {
	c.AuthToken, c.APISecret = "", ""
	data, _ := json.Marshal(c) // texts
	return view.Digest(string(data))
}
