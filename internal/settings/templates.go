package settings

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// templates is the name of the setting.
const templates = "templates"

// Limits of templates, in characters.
const (
	MaxTemplateLength = 1600
	MaxCategoryLength = 60
)

// Templates are message templates that workers choose from.
type Templates struct {
	Categories []TemplateCategory `json:"categories,omitempty"`
}

// TemplateCategory is a named group of templates.
type TemplateCategory struct {
	Name      string     `json:"name"`
	Templates []Template `json:"templates"`
}

// Template is the text of a message. Text and the values of Variables may have placeholders:
// {{customer}}, {{customer first name}} and {{worker}}.
type Template struct {
	Text string `json:"text"`
	// WhatsAppApproved reports whether WhatsApp has approved the text.
	WhatsAppApproved bool `json:"whatsapp_approved,omitempty"`
	// ContentSID names the same text at the messaging service, and Variables are what it
	// needs to be filled in: WhatsApp takes nothing else outside its window.
	ContentSID string            `json:"content_sid,omitempty"`
	Variables  map[string]string `json:"variables,omitempty"`
}

// NeedsCustomer reports whether the template has placeholders of the customer's name.
func (t Template) NeedsCustomer() bool {
	return strings.Contains(t.Text+" "+strings.Join(slices.Collect(maps.Values(t.Variables)), " "), "{{customer")
}

// Fill returns the template for a customer's and a worker's name.
func (t Template) Fill(customer, worker string) Template {
	first, _, _ := strings.Cut(strings.TrimSpace(customer), " ")
	names := strings.NewReplacer("{{customer}}", customer, "{{customer first name}}", first, "{{worker}}", worker)
	filled := t
	filled.Text, filled.Variables = strings.TrimSpace(names.Replace(t.Text)), make(map[string]string)
	for name, value := range t.Variables {
		filled.Variables[name] = strings.TrimSpace(names.Replace(value))
	}
	return filled
}

// Templates returns the templates, or ErrWrongKey when the secret file that sealed them is
// lost.
func (s *Service) Templates(ctx context.Context) (Templates, error) {
	return readJSON[Templates](ctx, s, templates)
}

// SaveTemplates stores the templates as change edits them, and returns them before and
// after. change may be called repeatedly, with the current templates; sealed ones count as
// not set. Categories without templates are left out. It returns an *InvalidError.
func (s *Service) SaveTemplates(ctx context.Context, change func(*Templates)) (before, after Templates, err error) {
	return updateJSON(ctx, s, templates, func(t *Templates) error {
		change(t)
		t.Categories = slices.DeleteFunc(t.Categories, func(c TemplateCategory) bool { return len(c.Templates) == 0 })
		for i := range t.Categories {
			if err := t.Categories[i].clean(); err != nil {
				return err
			}
		}
		return nil
	})
}

// clean normalizes a category, or returns an *InvalidError.
func (c *TemplateCategory) clean() error {
	c.Name = strings.TrimSpace(c.Name)
	if c.Name == "" || utf8.RuneCountInString(c.Name) > MaxCategoryLength {
		return &InvalidError{fmt.Sprintf("Give each category a name of up to %d characters.", MaxCategoryLength), "category"}
	}
	for i := range c.Templates {
		if err := c.Templates[i].clean(); err != nil {
			return err
		}
	}
	return nil
}

func (t *Template) clean() error {
	t.Text = strings.TrimSpace(strings.ReplaceAll(t.Text, "\r\n", "\n"))
	if !isTemplateText(t.Text) {
		return &InvalidError{fmt.Sprintf("Enter a text of up to %d characters, with only the placeholders {{customer}}, {{customer first name}}, and {{worker}}.", MaxTemplateLength), "text"}
	}
	for name, value := range t.Variables {
		if name == "" || !isTemplateText(value) {
			return &InvalidError{"Enter a name and a value for each variable, with only the placeholders of texts.", "variables"}
		}
	}
	if len(t.Variables) > 0 && t.ContentSID == "" {
		return &InvalidError{"Enter the content SID that the variables belong to, or clear them.", "content_sid"}
	}
	return Field{Name: "content_sid", Kind: "HX", Value: &t.ContentSID}.Clean()
}

// isTemplateText reports whether s can be filled in and sent.
func isTemplateText(s string) bool {
	rest := Template{Text: s}.Fill("", "").Text
	return s != "" && utf8.RuneCountInString(s) <= MaxTemplateLength && !strings.Contains(rest, "{{") && !strings.Contains(rest, "}}")
}
