package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
)

// editLink matches the link to the form of a template.
var editLink = regexp.MustCompile(`edit=([0-9a-f]+)#form`)

func TestTemplates_AddEditDelete(t *testing.T) {
	f := newFixture(t, nil)
	const path = "/console/templates"
	do := func(params audit.Params, fields ...string) {
		t.Helper()
		f.post("root", path, fields...).check(t, http.StatusSeeOther, nil)
		if e := f.audit.last(); e.Subject != "message-templates" || e.Params != params {
			t.Errorf("audit entry after %v = %+v, want params %s", fields, e, params)
		}
	}
	id := func(n int) string {
		t.Helper()
		return editLink.FindAllStringSubmatch(f.get("root", path).body, -1)[n][1]
	}
	want := func(what string, categories ...settings.TemplateCategory) {
		t.Helper()
		got, err := f.settings.Templates(t.Context())
		if diff := cmp.Diff(categories, got.Categories); diff != "" || err != nil {
			t.Errorf("Templates() after %s: %v (-want +got):\n%s", what, err, diff)
		}
	}
	hx := "HX" + strings.Repeat("0c", 16)
	hello, bye := settings.Template{Text: "Hello {{customer first name}}, I am {{worker}}."}, settings.Template{Text: "Bye <b>!"}
	offer := settings.Template{Text: "An offer", WhatsAppApproved: true, ContentSID: hx, Variables: map[string]string{"1": "{{customer}}", "2": "a=b"}}
	do(audit.TemplateAdded, "do", "add", "category", "Openers", "text", hello.Text)
	do(audit.TemplateAdded, "do", "add", "category", "Openers", "text", bye.Text)
	do(audit.TemplateAdded, "do", "add", "category", "Sales", "text", offer.Text, "approved", "on", "content_sid", hx, "variables", "1 = {{customer}}\r\n\r\n2=a=b\r\n")
	want("adding", settings.TemplateCategory{Name: "Openers", Templates: []settings.Template{hello, bye}}, settings.TemplateCategory{Name: "Sales", Templates: []settings.Template{offer}})
	f.get("root", path).check(t, http.StatusOK, []string{"Hello Anna, I am root.", "Bye &lt;b&gt;!", "1 = Anna Berg", "Approved for WhatsApp"})
	f.get("root", path+"?edit="+id(2)).check(t, http.StatusOK, []string{`value="` + hx, "1={{customer}}\n2=a=b", "Delete template"})

	gone := id(0)
	do(audit.TemplateChanged, "do", "save", "id", id(1), "category", "Openers", "text", "Good bye")
	do(audit.TemplateChanged, "do", "save", "id", gone, "category", "Sales", "text", hello.Text)
	bye.Text = "Good bye"
	want("editing", settings.TemplateCategory{Name: "Openers", Templates: []settings.Template{bye}}, settings.TemplateCategory{Name: "Sales", Templates: []settings.Template{offer, hello}})
	do(audit.TemplateDeleted, "do", "delete", "id", id(0))
	f.get("root", path+"?done=deleted").check(t, http.StatusOK, []string{"Template deleted."}, "Saved.")
	want("deleting", settings.TemplateCategory{Name: "Sales", Templates: []settings.Template{offer, hello}})

	entries := len(f.audit.entries)
	f.post("root", path, "do", "save", "id", gone, "category", "All", "text", "Mine").check(t, http.StatusConflict, []string{"Someone else changed or deleted this", ">Mine</textarea>", `value="add"`})
	f.post("root", path, "do", "save", "id", id(1), "category", "Sales", "text", hello.Text).check(t, http.StatusSeeOther, nil) // unchanged
	for message, fields := range map[string][]string{
		"only the placeholders below":     {"text", "Hi {{name}}"},
		"Enter a short name":              {"text", "Hi", "category", strings.Repeat("x", 61)},
		"Variables need a content SID":    {"text", "Hi", "variables", "1=x"},
		"Enter one name=value a line":     {"text", "Hi", "content_sid", hx, "variables", "x"},
		"Enter a text of up to 1,600 cha": {"text", strings.Repeat("ä", 1601)},
	} {
		f.post("root", path, append(fields, "do", "add", "category", "All")...).check(t, http.StatusUnprocessableEntity, []string{message, fields[1] + "</textarea>"})
	}
	if len(f.audit.entries) != entries {
		t.Errorf("refused changes are in the audit: %+v", f.audit.last())
	}
	f.save(func(c *settings.Callbacks) { c.Templates = "https://own.example/templates" })
	f.get("root", path).check(t, http.StatusOK, []string{"from your own service", "https://own.example/templates"})
}
