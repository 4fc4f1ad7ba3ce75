package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
)

// ada is a customer with every field set.
var ada = customer.Customer{
	ID: "1", Name: "Ada Lovelace", Company: "Analytical Engines", JobTitle: "Countess", Avatar: "https://example.com/ada.jpg",
	Channels: []customer.Channel{{Type: customer.SMS, Value: "+493012345678"}, {Type: customer.WhatsApp, Value: "whatsapp:+493012345678"}, {Type: customer.Email, Value: "ada@example.com"}, {Type: customer.Chat, Value: "ada"}},
	Links:    []customer.Link{{Type: "Website", Value: "https://example.com/ada", DisplayName: "Page"}},
	Details:  customer.Detail{Title: "Notes", Content: "Likes numbers.\nWrites letters."}, Workers: []string{"alice", "bob"},
}

// editForm returns the form of a customer as a browser sends it, with changes.
func editForm(t testing.TB, a response, changes ...string) url.Values {
	t.Helper()
	form := url.Values{}
	for _, name := range []string{"id", "was", "sure", "name", "company", "job_title", "avatar", "detail_title", "channel_value", "link_type", "link_name", "link_value", "worker"} {
		if all := a.values(name); len(all) > 0 {
			form[name] = all
		}
	}
	form["id"] = form["id"][:min(1, len(form["id"]))] // another form has it too
	for _, part := range strings.Split(a.body, `<select name="channel_type"`)[1:] {
		kind := customer.SMS
		for _, k := range []string{customer.WhatsApp, customer.Email, customer.Chat} {
			if strings.Contains(part[:strings.Index(part, "</select>")], `value="`+k+`" selected`) {
				kind = k
			}
		}
		form.Add("channel_type", kind)
	}
	if _, text, ok := strings.Cut(a.body, `<textarea id="detail_text"`); ok {
		_, text, _ = strings.Cut(text, ">\n")
		text, _, _ = strings.Cut(text, "</textarea>")
		form.Set("detail_text", strings.ReplaceAll(text, "\n", "\r\n"))
	}
	for i := 0; i < len(changes); i += 2 { // only the first of its name
		form[changes[i]] = append([]string{changes[i+1]}, form[changes[i]][min(1, len(form[changes[i]])):]...)
	}
	return form
}

func (f *customersFixture) sendForm(who, target string, form url.Values) response {
	var fields []string
	for name, values := range form {
		for _, v := range values {
			fields = append(fields, name, v)
		}
	}
	return f.post(who, target, fields...)
}

func TestCustomer_UneditedFormChangesNothing(t *testing.T) {
	f := newCustomersFixture(t, nil, ada)
	page := f.get("root", "/console/customers/one?id=1").check(t, http.StatusOK, []string{"Ada Lovelace", "/console/audit?subject=1", "Likes numbers.\nWrites letters."})
	a := f.sendForm("root", "/console/customers/one", editForm(t, page))
	f.follow("root", a).check(t, http.StatusOK, []string{"Saved."})
	stored, _ := f.storedCustomer("1")
	if diff := cmp.Diff(ada, stored); diff != "" {
		t.Errorf("saving the form unedited changed the customer (-before +after):\n%s", diff)
	}
	if !f.recorded("root", audit.CustomerChanged, "1") {
		t.Error("the audit lacks the change")
	}
}

func TestCustomer_AcceptsAnyID(t *testing.T) {
	f := newCustomersFixture(t, nil)
	for i, id := range []string{"a//b", "..", "%2F", "/", `"><script>`, "a&b=c#d?e", " x ", "+493012345678", "日本", strings.Repeat("x", 512), "a\nb", "’"} {
		f.put(customer.Customer{ID: id, Name: fmt.Sprintf("Customer %d", i)})
		f.put(customer.Customer{ID: "other", Name: "Other"})
		page := f.get("root", "/console/customers?q="+url.QueryEscape(fmt.Sprintf("Customer %d", i)))
		href := page.link("/console/customers/one?id=" + url.QueryEscape(id))
		if href == "" {
			t.Errorf("id %q: the list has no link to the customer", id)
			continue
		}
		form := editForm(t, f.get("root", href).check(t, http.StatusOK, []string{fmt.Sprintf("Customer %d", i)}), "name", "Renamed")
		f.follow("root", f.sendForm("root", "/console/customers/one", form)).check(t, http.StatusOK, []string{"Renamed", "Saved."})
		if c, _ := f.storedCustomer(id); c.Name != "Renamed" {
			t.Errorf("id %q: the saved name is %q", id, c.Name)
		}
		if c, _ := f.storedCustomer("other"); c.Name != "Other" {
			t.Errorf("id %q: the other customer's name is %q", id, c.Name)
		}
	}
	for _, id := range []string{"", "nobody", strings.Repeat("x", 513), "\xff", "a\x00"} {
		f.get("root", "/console/customers/one?id="+url.QueryEscape(id)).check(t, http.StatusNotFound, []string{"This customer no longer exists", `href="/console/customers" data-retry>Show all customers`})
		if a := f.post("root", "/console/customers/one", "id", id, "was", "", "name", "X"); id != "nobody" && a.StatusCode != http.StatusNotFound {
			t.Errorf("id %q: saving has status %d", id, a.StatusCode)
		}
	}
}

func TestCustomer_ShowsErrorsAndKeepsInput(t *testing.T) {
	f := newCustomersFixture(t, nil, ada)
	page := f.get("root", "/console/customers/one?id=1")
	for _, test := range []struct{ name, field, value, says string }{
		{"no name", "name", " ", "Enter a name."},
		{"no picture's address", "avatar", "ada.jpg", "Enter the full URL of an image"},
		{"another scheme", "avatar", "javascript:alert(1)", "Enter the full URL of an image"},
		{"no email address", "channel_value", "not an address", "Enter a valid email address."},
		{"an unknown channel type", "channel_type", "telegram", "Choose one of these types."},
		{"no digits", "channel_value", "none", "Enter a number with at least one digit."},
		{"an invalid link", "link_value", "javascript:alert(1)", "Enter the full address, such as https://example.com/ada"},
		{"someone unknown", "worker", "alicia", "No one can sign in as alicia."},
		{"someone deactivated", "worker", "gone", "No one can sign in as gone."},
		{"an identity that is too long", "worker", strings.Repeat("w", 513), "This identity isn’t valid"},
		{"far too long notes", "detail_text", strings.Repeat("ü", 30<<10), "too much data to send to the app"},
		{"what no database keeps", "company", "a\x00b", "characters that can’t be saved"},
		{"invalid UTF-8", "job_title", "\xff", "characters that can’t be saved"},
	} {
		form := editForm(t, page, "company", "Typed Company", test.field, test.value)
		if test.name == "no email address" {
			form["channel_type"][0] = customer.Email
		}
		if test.name == "no digits" {
			form["channel_type"][0] = customer.SMS
		}
		a := f.sendForm("root", "/console/customers/one", form).check(t, http.StatusUnprocessableEntity, []string{test.says})
		if test.field != "company" && !strings.Contains(a.body, `value="Typed Company"`) {
			t.Errorf("POST /console/customers/one, %s: the response lacks the posted value", test.name)
		}
		if n := strings.Count(a.body, `class="error"`); n != 1 {
			t.Errorf("POST /console/customers/one, %s: %d errors shown, want 1", test.name, n)
		}
		if c, _ := f.storedCustomer("1"); c.Company != ada.Company {
			t.Fatalf("POST /console/customers/one, %s: the invalid form was saved", test.name)
		}
	}
	// A confirmed identity without an account is saved.
	doubt := f.sendForm("root", "/console/customers/one", editForm(t, page, "worker", "alicia"))
	f.follow("root", f.sendForm("root", "/console/customers/one", editForm(t, doubt))).check(t, http.StatusOK, []string{"No one can sign in as <bdi>alicia</bdi>"})
	if c, _ := f.storedCustomer("1"); !slices.Equal(c.Workers, []string{"alicia", "bob"}) {
		t.Errorf("Workers = %q", c.Workers)
	}
	f.post("root", "/console/customers/one", "id", "1", "detail_text", strings.Repeat("x", 600<<10)).check(t, http.StatusBadRequest, nil)
	lines := []string{"id", "1", "name", "x"}
	for range 2100 {
		lines = append(lines, "channel_value", "")
	}
	f.post("root", "/console/customers/one", lines...).check(t, http.StatusBadRequest, nil)
}

func TestCustomer_EditConflict(t *testing.T) {
	f := newCustomersFixture(t, nil, ada)
	first, second := f.get("root", "/console/customers/one?id=1"), f.get("rita", "/console/customers/one?id=1")
	f.sendForm("rita", "/console/customers/one", editForm(t, second, "company", "Rita’s Choice"))
	a := f.sendForm("root", "/console/customers/one", editForm(t, first, "name", "Root’s Choice")).
		check(t, http.StatusConflict, []string{"Current version", "<bdi dir=\"auto\">Rita’s Choice</bdi>", `value="Root’s Choice"`, "Ada Lovelace"})
	if c, _ := f.storedCustomer("1"); c.Name != ada.Name {
		t.Fatal("the second form overwrote the first")
	}
	f.follow("root", f.sendForm("root", "/console/customers/one", editForm(t, a))).check(t, http.StatusOK, []string{"Saved."})
	if c, _ := f.storedCustomer("1"); c.Name != "Root’s Choice" || c.Company != ada.Company {
		t.Errorf("saving again stored %+v", c)
	}

	// One administrator deletes, the other saves.
	page := f.get("root", "/console/customers/one?id=1")
	f.post("rita", "/console/customers/chosen", "do", "delete-now", "id", "1")
	a = f.sendForm("root", "/console/customers/one", editForm(t, page, "name", "Kept")).check(t, http.StatusConflict, []string{"Someone else deleted this customer", `value="Kept"`})
	f.follow("root", f.sendForm("root", "/console/customers/one", editForm(t, a))).check(t, http.StatusOK, []string{"Saved.", "Kept"})
}

func TestCustomer_Add(t *testing.T) {
	f := newCustomersFixture(t, nil, ada)
	f.get("root", "/console/customers/add?worker=alice").check(t, http.StatusOK, []string{`value="alice"`, `name="id"`})
	form := url.Values{
		"name": {" Grace Hopper "}, "channel_type": {customer.SMS, customer.WhatsApp, customer.Email}, "channel_value": {"WhatsApp: +49 (30) 1234-5679", "whatsapp:+49 30 12345679", ""},
		"link_type": {"", ""}, "link_name": {"", ""}, "link_value": {"https://example.com/grace", ""}, "worker": {"bob", "", "bob"},
	}
	a := f.sendForm("root", "/console/customers/add", form)
	f.follow("root", a).check(t, http.StatusOK, []string{"Added.", "Grace Hopper"})
	to, err := url.Parse(a.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := f.storedCustomer(to.Query().Get("id"))
	want := customer.Customer{
		ID: c.ID, Name: "Grace Hopper", Channels: []customer.Channel{{Type: customer.SMS, Value: "+493012345679"}, {Type: customer.WhatsApp, Value: "whatsapp:+493012345679"}},
		Links: []customer.Link{{Type: "Website", Value: "https://example.com/grace", DisplayName: "Website"}}, Workers: []string{"bob"},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("added customer (-want +got):\n%s", diff)
	}
	form.Set("id", "1")
	f.sendForm("root", "/console/customers/add", form).check(t, http.StatusConflict, []string{"Another customer already has this ID.", "Grace Hopper"})
	form.Set("id", strings.Repeat("x", 513))
	f.sendForm("root", "/console/customers/add", form).check(t, http.StatusUnprocessableEntity, []string{"This ID isn’t valid"})
	form.Set("id", "own")
	f.sendForm("root", "/console/customers/add", form)
	if c, ok := f.storedCustomer("own"); !ok || c.Name != "Grace Hopper" {
		t.Errorf("added customer with an id = %+v", c)
	}
	if admin.Revision(want) == "" {
		t.Error("Revision does not depend on the customer")
	}
}
