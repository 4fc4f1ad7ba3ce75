package settings

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// templates is the name of the setting.
const templates = "templates"

// Limits of templates.
const (
	MaxTemplates      = 200 // in all categories
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

// placeholder matches a placeholder, and its name.
var placeholder = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// placeholderName returns the name of a placeholder without unneeded blanks and capitals.
func placeholderName(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}

// Fill returns the template for a customer's and a worker's name. A name that is "" leaves
// out its placeholder and the blanks before it.
func (t Template) Fill(customer, worker string) Template {
	first, _, _ := strings.Cut(strings.TrimSpace(customer), " ")
	values := map[string]string{"customer": customer, "customer first name": first, "worker": worker}
	fill := func(s string) string {
		var b strings.Builder
		end := 0
		for _, m := range placeholder.FindAllStringSubmatchIndex(s, -1) {
			before, value := s[end:m[0]], values[placeholderName(s[m[2]:m[3]])]
			if value == "" {
				before = strings.TrimRight(before, " ")
			}
			b.WriteString(before + value)
			end = m[1]
		}
		return strings.TrimSpace(b.String() + s[end:])
	}
	filled := t
	filled.Text, filled.Variables = fill(t.Text), nil
	for name, value := range t.Variables {
		if filled.Variables == nil {
			filled.Variables = map[string]string{}
		}
		filled.Variables[name] = fill(value)
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
		return t.clean()
	})
}

// clean normalizes the templates, or returns an *InvalidError.
func (t *Templates) clean() error {
	t.Categories = slices.DeleteFunc(t.Categories, func(c TemplateCategory) bool { return len(c.Templates) == 0 })
	count := 0
	for i := range t.Categories {
		c := &t.Categories[i]
		c.Name = strings.TrimSpace(c.Name)
		switch {
		case c.Name == "" || utf8.RuneCountInString(c.Name) > MaxCategoryLength:
			return &InvalidError{fmt.Sprintf("Give each category a name of up to %d characters.", MaxCategoryLength), "category"}
		case !utf8.ValidString(c.Name), strings.ContainsFunc(c.Name, unicode.IsControl):
			return &InvalidError{"The name of a category contains invalid characters.", "category"}
		}
		if count += len(c.Templates); count > MaxTemplates {
			return &InvalidError{Reason: fmt.Sprintf("There are too many templates. Use up to %d.", MaxTemplates)}
		}
		for j := range c.Templates {
			if err := c.Templates[j].clean(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Template) clean() error {
	t.Text = strings.TrimSpace(strings.ReplaceAll(t.Text, "\r\n", "\n"))
	t.ContentSID = strings.TrimSpace(t.ContentSID)
	if t.Text == "" {
		return &InvalidError{"Enter the text of the template.", "text"}
	}
	if err := validateTemplateText(t.Text); err != nil {
		return inField("text", err)
	}
	if len(t.Variables) > 0 && t.ContentSID == "" {
		return &InvalidError{"Enter the content SID that the variables belong to, or clear them.", "content_sid"}
	}
	for name, value := range t.Variables {
		if name == "" || strings.TrimSpace(value) == "" {
			return &InvalidError{"Enter a name and a value for each variable of the template.", "variables"}
		}
		if err := validateTemplateText(value); err != nil {
			return inField("variables", err)
		}
	}
	return inField("content_sid", validateSID("content SID", "HX", t.ContentSID))
}

func validateTemplateText(s string) error {
	isControl := func(r rune) bool { return r != '\n' && unicode.IsControl(r) }
	switch {
	case !utf8.ValidString(s), strings.ContainsFunc(s, isControl):
		return &InvalidError{Reason: "The text of the template contains invalid characters."}
	case utf8.RuneCountInString(s) > MaxTemplateLength:
		return &InvalidError{Reason: fmt.Sprintf("The text of the template is too long. Use up to %d characters.", MaxTemplateLength)}
	}
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		switch placeholderName(m[1]) {
		case "customer", "customer first name", "worker":
		default:
			return &InvalidError{Reason: "Use only the placeholders {{customer}}, {{customer first name}}, and {{worker}}."}
		}
	}
	if rest := placeholder.ReplaceAllString(s, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		return &InvalidError{Reason: "Close each placeholder with two braces, as in {{customer}}."}
	}
	return nil
}
