package integration

import (
	"encoding/json"
	"slices"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
)

// What can be done with templates, as the form names it.
const (
	doAddTemplate  = "add"
	doSaveTemplate = "save"
)

// templateChanges change templates as a form says. They report whether what it names is
// still there.
var templateChanges = map[string]struct {
	do     func(t *settings.Templates, f templateForm) (found bool)
	params audit.Params
}{
	doAddTemplate: {func(t *settings.Templates, f templateForm) bool {
		addTemplate(t, f.Category, f.template())
		return true
	}, audit.TemplateAdded},
	doSaveTemplate:  {saveTemplate, audit.TemplateChanged},
	"up":            {moveTemplate(-1), audit.TemplateMoved},
	"down":          {moveTemplate(1), audit.TemplateMoved},
	"delete":        {deleteTemplate, audit.TemplateDeleted},
	"rename":        {renameCategory, audit.TemplateChanged},
	"category-up":   {moveCategory(-1), audit.TemplateMoved},
	"category-down": {moveCategory(1), audit.TemplateMoved},
}

// templateID identifies a template by what it is: one that someone else changed is another.
func templateID(category string, t settings.Template) string {
	data, _ := json.Marshal(t) // texts
	return view.Digest(category + "\n" + string(data))
}

// findTemplate returns the category of a template and its place there, -1 for none.
func findTemplate(t *settings.Templates, id string) (c *settings.TemplateCategory, i int) {
	for n := range t.Categories {
		c = &t.Categories[n]
		i = slices.IndexFunc(c.Templates, func(one settings.Template) bool { return templateID(c.Name, one) == id })
		if i >= 0 {
			return c, i
		}
	}
	return nil, -1
}

func findCategory(t *settings.Templates, name string) int {
	return slices.IndexFunc(t.Categories, func(c settings.TemplateCategory) bool { return c.Name == name })
}

// addTemplate adds templates at the end of a category, which may be new.
func addTemplate(t *settings.Templates, category string, all ...settings.Template) {
	if i := findCategory(t, category); i >= 0 {
		t.Categories[i].Templates = append(t.Categories[i].Templates, all...)
		return
	}
	t.Categories = append(t.Categories, settings.TemplateCategory{Name: category, Templates: all})
}

func saveTemplate(t *settings.Templates, f templateForm) bool {
	c, i := findTemplate(t, f.ID)
	switch {
	case i < 0:
		return false
	case c.Name == f.Category:
		c.Templates[i] = f.template()
	default:
		c.Templates = slices.Delete(c.Templates, i, i+1)
		addTemplate(t, f.Category, f.template())
	}
	return true
}

func deleteTemplate(t *settings.Templates, f templateForm) bool {
	c, i := findTemplate(t, f.ID)
	if i >= 0 {
		c.Templates = slices.Delete(c.Templates, i, i+1)
	}
	return i >= 0
}

func moveTemplate(by int) func(*settings.Templates, templateForm) bool {
	return func(t *settings.Templates, f templateForm) bool {
		c, i := findTemplate(t, f.ID)
		if i < 0 {
			return false
		}
		if to := i + by; to >= 0 && to < len(c.Templates) {
			c.Templates[i], c.Templates[to] = c.Templates[to], c.Templates[i]
		}
		return true
	}
}

func moveCategory(by int) func(*settings.Templates, templateForm) bool {
	return func(t *settings.Templates, f templateForm) bool {
		i := findCategory(t, f.Category)
		if to := i + by; i >= 0 && to >= 0 && to < len(t.Categories) {
			t.Categories[i], t.Categories[to] = t.Categories[to], t.Categories[i]
		}
		return i >= 0
	}
}

// renameCategory gives a category a new name. One that has the name already takes its
// templates.
func renameCategory(t *settings.Templates, f templateForm) bool {
	i := findCategory(t, f.Category)
	switch {
	case i < 0:
		return false
	case findCategory(t, f.Name) < 0:
		t.Categories[i].Name = f.Name
	case f.Name != f.Category:
		moved := t.Categories[i].Templates
		t.Categories = slices.Delete(t.Categories, i, i+1)
		addTemplate(t, f.Name, moved...)
	}
	return true
}
