package integration

import (
	"context"
	"encoding/json"
	"errors"
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
	Categories       []categoryRow
	Form             templateForm
}

type categoryRow struct {
	Name      string
	Templates []templateRow
}

type templateRow struct {
	// ID identifies the template as long as no one changes it.
	ID string
	settings.Template
}

// templateForm is the form of a template; ID is "" for a new one.
type templateForm struct {
	ID, Category string
	settings.Template
	// Field is the one with the Error, "" for none.
	Field, Error string
}

// ShowTemplates shows the message templates.
func (h *Handlers) ShowTemplates(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	page := templatesPage{Form: templateForm{ID: r.URL.Query().Get("edit")}}
	page.Done, _ = savedNotice(r, v)
	if r.URL.Query().Get("done") == "deleted" {
		page.Done = v.Locale.Text("console.message_templates.deleted")
	}
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
	page.Customer, page.Worker = v.Locale.Text("console.message_templates.example"), v.Person.Identity
	found := false
	for _, c := range stored.Categories {
		row := categoryRow{Name: c.Name}
		for _, t := range c.Templates {
			id := templateID(c.Name, t)
			row.Templates = append(row.Templates, templateRow{id, t.Fill(page.Customer, page.Worker)})
			if id == page.Form.ID {
				found = true
				if r.Method != http.MethodPost {
					page.Form.Category, page.Form.Template = c.Name, t
				}
			}
		}
		page.Categories = append(page.Categories, row)
	}
	if !found {
		page.Form.ID = ""
	}
	return h.Render(w, r, v, status, "templates", page)
}

// templateID identifies a template by what it is: one that someone else changed is another.
func templateID(category string, t settings.Template) string {
	data, _ := json.Marshal(t) // texts
	return view.Digest(category + "\n" + string(data))
}

// templateChanges are what the form does, as the audit names it.
var templateChanges = map[string]audit.Params{"add": audit.TemplateAdded, "save": audit.TemplateChanged, "delete": audit.TemplateDeleted}

// maxTemplateForm bounds the form: a long text is longer when it is encoded.
const maxTemplateForm = 64 << 10

// ChangeTemplates adds, edits or deletes a template.
func (h *Handlers) ChangeTemplates(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.LargeForm(w, r, maxTemplateForm); err != nil {
		return err
	}
	form, do, found := readTemplateForm(r), view.Field(r, "do"), false
	params, ok := templateChanges[do]
	if !ok {
		return auth.ErrForm
	}
	err := h.Act(r, v, func(ctx context.Context) (e audit.Entry, err error) {
		before, after, err := h.Settings.SaveTemplates(ctx, func(t *settings.Templates) { found = form.change(t, do) })
		if !reflect.DeepEqual(before, after) {
			e = audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectMessageTemplates, Params: params}
		}
		return e, err
	})
	if invalid, ok := errors.AsType[*settings.InvalidError](err); ok {
		form.Field, form.Error = invalid.Field, v.Locale.Text("console.message_templates.invalid."+invalid.Field)
		return h.renderTemplates(w, r, v, http.StatusUnprocessableEntity, templatesPage{Form: form})
	}
	switch {
	case err != nil:
		return err
	case !found:
		page := templatesPage{Problem: v.Locale.Text("console.message_templates.gone"), Form: form}
		return h.renderTemplates(w, r, v, http.StatusConflict, page)
	case do == "delete":
		return view.Redirect(w, r, view.TemplatesPath+"?done=deleted")
	}
	return view.Redirect(w, r, view.TemplatesPath+"?done=saved")
}

// readTemplateForm reads the form. A line that is no variable has an empty name or value,
// which the settings refuse.
func readTemplateForm(r *http.Request) templateForm {
	f := templateForm{ID: view.Field(r, "id"), Category: view.Field(r, "category")}
	f.Template = settings.Template{Text: view.Field(r, "text"), WhatsAppApproved: view.Field(r, "approved") == "on", ContentSID: view.Field(r, "content_sid")}
	for _, line := range strings.FieldsFunc(r.PostForm.Get("variables"), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if f.Variables == nil {
			f.Variables = make(map[string]string)
		}
		name, value, _ := strings.Cut(line, "=")
		f.Variables[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return f
}

// change does with the template what the form says, and reports whether it was there.
func (f templateForm) change(t *settings.Templates, do string) (found bool) {
	if do == "add" {
		addTemplate(t, f)
		return true
	}
	for n := range t.Categories {
		c := &t.Categories[n]
		i := slices.IndexFunc(c.Templates, func(one settings.Template) bool { return templateID(c.Name, one) == f.ID })
		switch {
		case i < 0:
			continue
		case do == "save" && c.Name == f.Category:
			c.Templates[i] = f.Template
		default:
			c.Templates = slices.Delete(c.Templates, i, i+1)
			if do == "save" {
				addTemplate(t, f)
			}
		}
		return true
	}
	return false
}

// addTemplate adds the template of a form at the end of its category, which may be new.
func addTemplate(t *settings.Templates, f templateForm) {
	i := slices.IndexFunc(t.Categories, func(c settings.TemplateCategory) bool { return c.Name == f.Category })
	if i < 0 {
		i = len(t.Categories)
		t.Categories = append(t.Categories, settings.TemplateCategory{Name: f.Category})
	}
	t.Categories[i].Templates = append(t.Categories[i].Templates, f.Template)
}
