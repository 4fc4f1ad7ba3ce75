package integration

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// conversationFields are the fields with one text each, in the order of the page. The first
// accountFields are about the account, the next channelFields are addresses.
var conversationFields = []struct {
	name   string
	secret bool
	value  func(*settings.Conversations) *string
}{
	{"account_sid", false, func(c *settings.Conversations) *string { return &c.AccountSID }},
	{"auth_token", true, func(c *settings.Conversations) *string { return &c.AuthToken }},
	{"api_key", false, func(c *settings.Conversations) *string { return &c.APIKey }},
	{"api_secret", true, func(c *settings.Conversations) *string { return &c.APISecret }},
	{"service_sid", false, func(c *settings.Conversations) *string { return &c.ServiceSID }},
	{"sms", false, func(c *settings.Conversations) *string { return &c.SMS.Default }},
	{"whatsapp", false, func(c *settings.Conversations) *string { return &c.WhatsApp.Default }},
	{"relay", false, func(c *settings.Conversations) *string { return &c.Relay }},
	{"routing", false, func(c *settings.Conversations) *string { return &c.Routing }},
}

const accountFields, channelFields = 5, 2

// maxConversationsForm bounds the form, which has a row for each worker's addresses.
const maxConversationsForm = 256 << 10

// applyConversations sets what was posted. Without a new value, a secret stays unless it is
// to be removed.
func (h *Handlers) applyConversations(r *http.Request, c *settings.Conversations) {
	for _, f := range conversationFields {
		posted := view.Field(r, f.name)
		switch {
		case *f.value(&h.Fixed.Conversations) != "", !f.secret && !r.PostForm.Has(f.name):
		case f.secret && posted == "" && view.Field(r, "remove_"+f.name) == "":
		default:
			*f.value(c) = posted
		}
	}
	if workers, ok := r.PostForm["proxy_worker"]; ok {
		c.SMS.Workers, c.WhatsApp.Workers = map[string]string{}, map[string]string{}
		for i, worker := range workers {
			for name, addresses := range map[string]map[string]string{"proxy_sms": c.SMS.Workers, "proxy_whatsapp": c.WhatsApp.Workers} {
				if posted := r.PostForm[name]; i < len(posted) && strings.TrimSpace(posted[i]) != "" {
					addresses[strings.TrimSpace(worker)] = posted[i]
				}
			}
		}
	}
	if r.PostForm.Has("fallback") {
		c.Fallback, c.Worker = view.Field(r, "fallback"), view.Field(r, "worker")
	}
}

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
		return h.renderConversations(w, r, v, http.StatusUnprocessableEntity, conversationsPage{}, problems)
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
	if invalid, ok := errors.AsType[*settings.InvalidError](err); ok {
		if invalid.Field == "fallback" {
			return auth.ErrForm // not from the page
		}
		problems = map[string]string{invalid.Field: v.Locale.Text("console.conversations."+invalid.Field+".invalid", "max", settings.MaxTokenLength)}
		return h.renderConversations(w, r, v, http.StatusUnprocessableEntity, conversationsPage{}, problems)
	}
	switch {
	case err != nil:
		return err
	case conflict:
		return h.renderConversations(w, r, v, http.StatusConflict, conversationsPage{Problem: v.Locale.Text("console.conversations.conflict")}, map[string]string{})
	case h.ReloadSettings(r) != nil:
		return view.Redirect(w, r, view.ConversationsPath+"?done=later")
	}
	return view.Redirect(w, r, view.ConversationsPath+"?done=saved")
}

// validateConversations returns the errors by field that the settings do not find.
func (h *Handlers) validateConversations(r *http.Request, v *auth.Viewer) (problems map[string]string, err error) {
	var c settings.Conversations
	h.applyConversations(r, &c)
	problems = make(map[string]string)
	for name, raw := range map[string]string{"relay": c.Relay, "routing": c.Routing} {
		if raw == "" {
			continue
		}
		if err := h.CheckURL(raw); err != nil || !settable(raw) {
			problems[name] = urlProblem(raw, err, v.Locale)
		} else if h.PublicURL != "" && strings.HasPrefix(raw, h.PublicURL+"/") {
			problems[name] = v.Locale.Text("console.conversations.own")
		}
	}
	if c.SMS.Workers[""]+c.WhatsApp.Workers[""] != "" {
		problems["workers"] = v.Locale.Text("console.conversations.workers.invalid")
	}
	if c.Fallback != settings.FallbackWorker || c.Worker == "" {
		return problems, nil
	}
	people, err := h.Accounts.People(r.Context())
	for _, p := range people {
		if p.Active() && text.SameIdentity(p.Identity, c.Worker) {
			return problems, err
		}
	}
	problems["worker"] = v.Locale.Text("console.conversations.worker.invalid")
	return problems, err
}

// changedFields adds the names of the fields that differ, never their values.
func changedFields(params audit.Params, before, after settings.Conversations) audit.Params {
	for _, f := range conversationFields {
		if *f.value(&before) != *f.value(&after) {
			params = params.With("field", f.name)
		}
	}
	if !maps.Equal(before.SMS.Workers, after.SMS.Workers) || !maps.Equal(before.WhatsApp.Workers, after.WhatsApp.Workers) {
		params = params.With("field", "workers")
	}
	if before.Fallback != after.Fallback || before.Worker != after.Worker {
		params = params.With("field", "fallback")
	}
	return params
}

// conversationsDigest identifies what the form shows.
func conversationsDigest(c settings.Conversations) string {
	c.AuthToken, c.APISecret, c.SetUpAt = "", "", time.Time{}
	c.Fallback = cmp.Or(c.Fallback, settings.FallbackNone)
	data, _ := json.Marshal(c) // texts
	return view.Digest(string(data))
}

// activeWorkers returns identities to suggest.
func activeWorkers(people []account.Person) (identities []string) {
	for _, p := range people {
		if p.Active() && len(identities) < view.MaxSuggestions {
			identities = append(identities, p.Identity)
		}
	}
	return identities
}
