package settings_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

func saveTemplates(t *testing.T, s *settings.Service, all ...settings.TemplateCategory) error {
	t.Helper()
	_, _, err := s.SaveTemplates(t.Context(), func(now *settings.Templates) { now.Categories = all })
	return err
}

func TestService_SaveTemplates(t *testing.T) {
	s := newService(openStore(t), secret.NewKey())
	if got, err := s.Templates(t.Context()); err != nil || len(got.Categories) != 0 {
		t.Errorf("Templates() at first = %+v, %v", got, err)
	}
	err := saveTemplates(t, s,
		settings.TemplateCategory{Name: " Openers ", Templates: []settings.Template{
			{Text: "Hello {{customer}},\r\nI am {{worker}}.\n"},
			{Text: "Hi {{customer first name}}", WhatsAppApproved: true, ContentSID: "HX" + hex32, Variables: map[string]string{"1": "{{customer first name}}"}},
		}},
		settings.TemplateCategory{Name: "Empty"})
	want := settings.Templates{Categories: []settings.TemplateCategory{{Name: "Openers", Templates: []settings.Template{
		{Text: "Hello {{customer}},\nI am {{worker}}."},
		{Text: "Hi {{customer first name}}", WhatsAppApproved: true, ContentSID: "HX" + hex32, Variables: map[string]string{"1": "{{customer first name}}"}},
	}}}}
	got, gerr := s.Templates(t.Context())
	if diff := cmp.Diff(want, got); diff != "" || err != nil || gerr != nil {
		t.Errorf("SaveTemplates() = %v, Templates() = _, %v (-want +got):\n%s", err, gerr, diff)
	}
}

func TestService_SaveTemplates_Limits(t *testing.T) {
	s := newService(openStore(t), secret.NewKey())
	one := func(t settings.Template) []settings.TemplateCategory {
		return []settings.TemplateCategory{{Name: "One", Templates: []settings.Template{t}}}
	}
	for name, c := range map[string]struct {
		categories []settings.TemplateCategory
		ok         bool
	}{
		"the longest text":                   {one(settings.Template{Text: strings.Repeat("ä", 1600)}), true},
		"a longer text":                      {one(settings.Template{Text: strings.Repeat("ä", 1601)}), false},
		"no text":                            {one(settings.Template{Text: " \n"}), false},
		"no name":                            {[]settings.TemplateCategory{{Templates: []settings.Template{{Text: "Hello"}}}}, false},
		"a long name":                        {[]settings.TemplateCategory{{Name: strings.Repeat("x", 61), Templates: []settings.Template{{Text: "Hello"}}}}, false},
		"an unknown placeholder":             {one(settings.Template{Text: "{{customer email}}"}), false},
		"a placeholder with blanks":          {one(settings.Template{Text: "{{ customer }}"}), false},
		"an empty placeholder":               {one(settings.Template{Text: "{{}}"}), false},
		"a placeholder that is not closed":   {one(settings.Template{Text: "{{customer}"}), false},
		"a placeholder within another":       {one(settings.Template{Text: "{{ {{customer}} }}"}), false},
		"single braces":                      {one(settings.Template{Text: "{customer} }{"}), true},
		"a content SID that is none":         {one(settings.Template{Text: "a", ContentSID: "HX1"}), false},
		"variables without a content SID":    {one(settings.Template{Text: "a", Variables: map[string]string{"1": "a"}}), false},
		"a variable without a value":         {one(settings.Template{Text: "a", ContentSID: "HX" + hex32, Variables: map[string]string{"1": ""}}), false},
		"an unknown placeholder, a variable": {one(settings.Template{Text: "a", ContentSID: "HX" + hex32, Variables: map[string]string{"1": "{{x}}"}}), false},
	} {
		err := saveTemplates(t, s, c.categories...)
		var invalid *settings.InvalidError
		if c.ok != (err == nil) || !c.ok && !errors.As(err, &invalid) {
			t.Errorf("SaveTemplates(%s) = %v, want success %v", name, err, c.ok)
		}
	}
}

func TestTemplate_Fill(t *testing.T) {
	for _, c := range []struct{ text, customer, worker, want string }{
		{"Hello {{customer}}, I am {{worker}}.", "Ada Lovelace", "Bob", "Hello Ada Lovelace, I am Bob."},
		{"Hi {{customer first name}}!", "Ada Lovelace", "Bob", "Hi Ada!"},
		{"{{customer}}", "{{worker}}", "Bob", "{{worker}}"},
		{"$1 {{customer}}", "$1", "Bob", "$1 $1"},
		{"no placeholders", "Ada", "Bob", "no placeholders"},
	} {
		template := settings.Template{Text: c.text, ContentSID: "HX1", Variables: map[string]string{"1": c.text}}
		got := template.Fill(c.customer, c.worker)
		want := settings.Template{Text: c.want, ContentSID: "HX1", Variables: map[string]string{"1": c.want}}
		if diff := cmp.Diff(want, got); diff != "" || template.Variables["1"] != c.text {
			t.Errorf("Fill(%q, %q) of %q (-want +got):\n%s", c.customer, c.worker, c.text, diff)
		}
	}
}
