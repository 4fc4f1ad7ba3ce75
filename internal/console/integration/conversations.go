package integration

import (
	"cmp"
	"errors"
	"html/template"
	"maps"
	"net/http"
	"slices"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// conversationsPage is the form of the messaging service and of what happens with its
// webhooks, and the test beside it.
type conversationsPage struct {
	ui.Base
	Done, Problem string
	// Was identifies the stored settings: what someone else saved meanwhile is not replaced.
	Was                     string
	Account, Addresses, Own []settingField
	// Rows are the addresses of single workers, and empty ones to fill in.
	Rows      []proxyRow
	RowsError string
	// Workers are suggestions.
	Workers                       []string
	Fallback, Worker, WorkerError string
	Masked                        bool
	// Typed reports whether secrets were posted that are not saved.
	Typed bool
	// On reports whether a messaging service is configured, and SetUpAt says since when it
	// is set up, "" for never.
	On      bool
	SetUpAt template.HTML
	Result  *setupResult
}

// settingField is a field of the form.
type settingField struct {
	Name, Label, Help, Value, Error string
	// Flag is the name of the flag that overrides the value, or "".
	Flag string
	// Secret values are never shown. Set reports whether there is one.
	Secret, Set bool
}

// proxyRow has the addresses of one worker.
type proxyRow struct{ Worker, SMS, WhatsApp string }

// emptyRows is how many rows are there to fill in.
const emptyRows = 2

// ShowConversations shows the settings of conversations.
func (h *Handlers) ShowConversations(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	var page conversationsPage
	switch r.URL.Query().Get("done") {
	case "saved":
		page.Done = v.Locale.Text("console.saved")
	case "later":
		page.Problem = v.Locale.Text("console.saved.later")
	}
	return h.renderConversations(w, r, v, http.StatusOK, page, nil)
}

// renderConversations writes the page with the stored settings. problems, unless nil, are
// the errors of the posted form, which then replaces what is stored.
func (h *Handlers) renderConversations(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, page conversationsPage, problems map[string]string) error {
	stored, err := h.Settings.Conversations(r.Context())
	if errors.Is(err, settings.ErrWrongKey) {
		page.Problem, err = v.Locale.Text("console.conversations.sealed"), nil
	}
	if err != nil {
		return err
	}
	page.Base, page.On = v.Base(v.Locale.Text("console.conversations.title"), "conversations"), h.Conversations.On()
	page.Was = conversationsDigest(stored)
	if !stored.SetUpAt.IsZero() {
		page.SetUpAt = v.Locale.HTML("console.setup.at", "time", template.HTML(v.TimeHTML(stored.SetUpAt)))
	}
	shown := stored
	if problems != nil {
		h.applyConversations(r, &shown)
		page.Typed = view.Field(r, "auth_token")+view.Field(r, "api_secret") != ""
	}
	var fields []settingField
	for _, f := range conversationFields {
		field := settingField{
			Name: f.name, Label: v.Locale.Text("console.conversations." + f.name), Help: v.Locale.Text("console.conversations." + f.name + ".help"),
			Value: *f.value(&shown), Error: problems[f.name], Secret: f.secret, Set: *f.value(&stored) != "",
		}
		if fixed := *f.value(&h.Fixed.Conversations); fixed != "" {
			field.Value, field.Flag = fixed, "--"+h.Fixed.ConversationFlag(f.name)
		}
		if f.secret {
			field.Value = ""
		}
		fields = append(fields, field)
	}
	page.Account, page.Addresses, page.Own = fields[:accountFields], fields[accountFields:accountFields+channelFields], fields[accountFields+channelFields:]
	page.Rows = proxyRows(shown)
	page.Fallback, page.Worker = cmp.Or(shown.Fallback, settings.FallbackNone), shown.Worker
	page.RowsError, page.WorkerError = problems["workers"], problems["worker"]
	if page.Masked, err = h.Settings.Masked(r.Context()); err != nil {
		return err
	}
	people, err := h.Accounts.People(r.Context())
	if err != nil {
		return err
	}
	page.Workers = activeWorkers(people)
	return h.Render(w, r, v, status, "conversations", page)
}

// proxyRows returns the addresses by worker.
func proxyRows(c settings.Conversations) (rows []proxyRow) {
	workers := slices.Concat(slices.Collect(maps.Keys(c.SMS.Workers)), slices.Collect(maps.Keys(c.WhatsApp.Workers)))
	slices.Sort(workers)
	for _, worker := range slices.Compact(workers) {
		rows = append(rows, proxyRow{worker, c.SMS.Workers[worker], c.WhatsApp.Workers[worker]})
	}
	return append(rows, make([]proxyRow, emptyRows)...)
}
