package integration

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// templatesPage lists the message templates, as an example customer would get them, with
// the form of one.
type templatesPage struct {
	ui.Base
	Done, Problem string
	// External is the URL of the company's own service that workers get templates from
	// instead, "" for none.
	External         string
	Customer, Worker string // of the example
	Count, Max       int
	Categories       []categoryRow
	Form             templateForm
}

type categoryRow struct {
	ID, Name    string
	First, Last bool
	Templates   []templateRow
}

type templateRow struct {
	// ID identifies the template as long as no one changes it.
	ID string
	settings.Template
	First, Last, Edited bool
}

// templateForm is the form of a template; ID is "" for a new one.
type templateForm struct {
	ID, Category, Text, ContentSID, Variables string
	Approved                                  bool
	Name                                      string // a new one of the category
	MaxText, MaxCategory                      int
	// Errors are those of the fields, by name.
	Errors map[string]string
}

// ShowTemplates shows the message templates.
func (h *Handlers) ShowTemplates(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	var page templatesPage
	if r.URL.Query().Get("done") == "saved" {
		page.Done = v.Locale.Text("console.saved")
	}
	page.Form.ID = r.URL.Query().Get("edit")
	return h.renderTemplates(w, r, v, http.StatusOK, page)
}

// renderTemplates writes the page. It fills in the form from the stored template, unless
// it was posted.
func (h *Handlers) renderTemplates(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, page templatesPage) error {
	stored, err := h.Settings.Templates(r.Context())
	if errors.Is(err, settings.ErrWrongKey) {
		page.Problem, err = v.Locale.Text("console.conversations.sealed"), nil
	}
	if err != nil {
		return err
	}
	if callbacks, err := h.Settings.Callbacks(r.Context()); err == nil {
		page.External = callbacks.Templates
	}
	page.Base = v.Base(v.Locale.Text("console.message_templates.title"), "conversations")
	page.Customer, page.Worker, page.Max = v.Locale.Text("console.message_templates.example"), v.Person.Identity, settings.MaxTemplates
	page.Form.MaxText, page.Form.MaxCategory = settings.MaxTemplateLength, settings.MaxCategoryLength
	edited := false
	for i, c := range stored.Categories {
		row := categoryRow{ID: view.Digest(c.Name), Name: c.Name, First: i == 0, Last: i == len(stored.Categories)-1}
		for j, t := range c.Templates {
			one := templateRow{ID: templateID(c.Name, t), Template: t.Fill(page.Customer, page.Worker), First: j == 0, Last: j == len(c.Templates)-1}
			if one.Edited = one.ID == page.Form.ID; one.Edited && !edited {
				edited = true
				page.Form.fill(c.Name, t)
			}
			row.Templates = append(row.Templates, one)
		}
		page.Count += len(c.Templates)
		page.Categories = append(page.Categories, row)
	}
	if !edited {
		page.Form.ID = ""
	}
	return h.Render(w, r, v, status, "templates", page)
}

// fill sets what the form shows of a template, unless it was posted.
func (f *templateForm) fill(category string, t settings.Template) {
	if f.Errors != nil {
		return
	}
	f.Category, f.Text, f.ContentSID, f.Approved = category, t.Text, t.ContentSID, t.WhatsAppApproved
	for _, name := range slices.Sorted(maps.Keys(t.Variables)) {
		f.Variables += name + "=" + t.Variables[name] + "\n"
	}
}

// template returns the posted template. A line that is no variable has an empty name or
// value, which the settings refuse.
func (f templateForm) template() settings.Template {
	t := settings.Template{Text: f.Text, WhatsAppApproved: f.Approved, ContentSID: f.ContentSID}
	for line := range strings.Lines(f.Variables) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		if t.Variables == nil {
			t.Variables = make(map[string]string)
		}
		t.Variables[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return t
}

// maxTemplateForm bounds the form: a long text is longer when it is encoded.
const maxTemplateForm = 64 << 10

// ChangeTemplates adds, edits, moves or deletes a template, or a category.
func (h *Handlers) ChangeTemplates(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.LargeForm(w, r, maxTemplateForm); err != nil {
		return err
	}
	form := templateForm{
		ID: view.Field(r, "id"), Category: view.Field(r, "category"), Text: view.Field(r, "text"), Approved: view.Field(r, "approved") == "on",
		ContentSID: view.Field(r, "content_sid"), Name: view.Field(r, "name"), Variables: r.PostForm.Get("variables"), Errors: map[string]string{},
	}
	do := view.Field(r, "do")
	change, ok := templateChanges[do]
	if !ok {
		return auth.ErrForm
	}
	found := false
	err := h.Act(r, v, func(ctx context.Context) (e audit.Entry, err error) {
		before, after, err := h.Settings.SaveTemplates(ctx, func(t *settings.Templates) { found = change.do(t, form) })
		if err == nil && !reflect.DeepEqual(before, after) {
			e = audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectMessageTemplates, Params: change.params}
		}
		return e, err
	})
	var page templatesPage
	if do == doAddTemplate || do == doSaveTemplate {
		page.Form = form
	}
	if invalid, ok := errors.AsType[*settings.InvalidError](err); ok {
		problem := v.Locale.Text("console.message_templates.invalid."+cmp.Or(invalid.Field, "count"), "max", settings.MaxTemplates)
		if form.Errors[invalid.Field] = problem; invalid.Field == "" || page.Form.Errors == nil {
			page.Problem = problem
		}
		return h.renderTemplates(w, r, v, http.StatusUnprocessableEntity, page)
	}
	switch {
	case err != nil:
		return err
	case !found:
		page.Problem = v.Locale.Text("console.message_templates.gone")
		return h.renderTemplates(w, r, v, http.StatusConflict, page)
	}
	return view.Redirect(w, r, view.TemplatesPath+"?done=saved#c-"+view.Digest(cmp.Or(form.Name, form.Category)))
}
