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

// ada is a customer with something in every field.
var ada = customer.Customer{
	ID: "1", Name: "Ada Lovelace", Company: "Analytical Engines", JobTitle: "Countess", Avatar: "https://example.com/ada.jpg",
	Channels: []customer.Channel{{Type: customer.SMS, Value: "+493012345678"}, {Type: customer.WhatsApp, Value: "whatsapp:+493012345678"}, {Type: customer.Email, Value: "ada@example.com"}, {Type: customer.Chat, Value: "ada"}},
	Links:    []customer.Link{{Type: "Website", Value: "https://example.com/ada", DisplayName: "Page"}},
	Details:  customer.Detail{Title: "Notes", Content: "Likes numbers.\nWrites letters."}, Workers: []string{"alice", "bob"},
}

// editForm is the form of a customer as a browser would send it back, with changes.
func editForm(t testing.TB, a answer, changes ...string) url.Values {
	t.Helper()
	form := url.Values{}
	for _, name := range []string{"id", "was", "sure", "name", "company", "job_title", "avatar", "detail_title", "channel_value", "link_type", "link_name", "link_value", "worker"} {
		if all := a.values(name); len(all) > 0 {
			form[name] = all
		}
	}
	form["id"] = form["id"][:min(1, len(form["id"]))] // there is another form with it
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
	for i := 0; i < len(changes); i += 2 { // the first of its name
		form[changes[i]] = append([]string{changes[i+1]}, form[changes[i]][min(1, len(form[changes[i]])):]...)
	}
	return form
}

func (s *shop) sendForm(who, target string, form url.Values) answer {
	var fields []string
	for name, values := range form {
		for _, v := range values {
			fields = append(fields, name, v)
		}
	}
	return s.post(who, target, fields...)
}

func TestACustomerThatIsSavedAsItWasStaysAsItWas(t *testing.T) {
	s := newShop(t, nil, ada)
	page := s.get("root", "/console/customers/one?id=1").must(t, http.StatusOK, []string{"Ada Lovelace", "/console/audit?subject=1", "Likes numbers.\nWrites letters."})
	a := s.sendForm("root", "/console/customers/one", editForm(t, page))
	s.follow("root", a).must(t, http.StatusOK, []string{"Saved."})
	kept, _ := s.keptCustomer("1")
	if diff := cmp.Diff(ada, kept); diff != "" {
		t.Errorf("saving changed (-before +after):\n%s", diff)
	}
	if !s.did("root", audit.CustomerChanged, "1") {
		t.Error("the audit does not tell")
	}
}

func TestACustomerIsFoundAndSavedWhateverTheIDIs(t *testing.T) {
	s := newShop(t, nil)
	for i, id := range []string{"a//b", "..", "%2F", "/", `"><script>`, "a&b=c#d?e", " x ", "+493012345678", "日本", strings.Repeat("x", 512), "a\nb", "’"} {
		s.put(customer.Customer{ID: id, Name: fmt.Sprintf("Customer %d", i)})
		s.put(customer.Customer{ID: "other", Name: "Other"})
		page := s.get("root", "/console/customers?q="+url.QueryEscape(fmt.Sprintf("Customer %d", i)))
		href := page.link("/console/customers/one?id=" + url.QueryEscape(id))
		if href == "" {
			t.Errorf("%q: the register does not lead there", id)
			continue
		}
		form := editForm(t, s.get("root", href).must(t, http.StatusOK, []string{fmt.Sprintf("Customer %d", i)}), "name", "Renamed")
		s.follow("root", s.sendForm("root", "/console/customers/one", form)).must(t, http.StatusOK, []string{"Renamed", "Saved."})
		if c, _ := s.keptCustomer(id); c.Name != "Renamed" {
			t.Errorf("%q is called %q", id, c.Name)
		}
		if c, _ := s.keptCustomer("other"); c.Name != "Other" {
			t.Errorf("%q: the other one is called %q", id, c.Name)
		}
	}
	for _, id := range []string{"", "nobody", strings.Repeat("x", 513), "\xff", "a\x00"} {
		s.get("root", "/console/customers/one?id="+url.QueryEscape(id)).must(t, http.StatusNotFound, []string{"This customer no longer exists", `href="/console/customers" data-retry>Show all customers`})
		if a := s.post("root", "/console/customers/one", "id", id, "was", "", "name", "X"); id != "nobody" && a.StatusCode != http.StatusNotFound {
			t.Errorf("%q is saved with status %d", id, a.StatusCode)
		}
	}
}

func TestWhatIsWrongIsSaidBesideItsFieldAndNothingTypedIsLost(t *testing.T) {
	s := newShop(t, nil, ada)
	page := s.get("root", "/console/customers/one?id=1")
	for _, test := range []struct{ name, field, value, says string }{
		{"no name", "name", " ", "Enter a name."},
		{"no picture's address", "avatar", "ada.jpg", "Enter the full URL of an image"},
		{"another scheme", "avatar", "javascript:alert(1)", "Enter the full URL of an image"},
		{"no e-mail address", "channel_value", "not an address", "Enter a valid email address."},
		{"a kind that there is none of", "channel_type", "telegram", "Choose one of these types."},
		{"no digits", "channel_value", "none", "Enter a number with at least one digit."},
		{"a link that is none", "link_value", "javascript:alert(1)", "Enter the full address, such as https://example.com/ada"},
		{"somebody unknown", "worker", "alicia", "No one can sign in as alicia."},
		{"somebody deactivated", "worker", "gone", "No one can sign in as gone."},
		{"an identity that is too long", "worker", strings.Repeat("w", 513), "This identity isn’t valid"},
		{"far too long notes", "detail_text", strings.Repeat("ü", 30<<10), "too much data to send to the app"},
		{"what no database keeps", "company", "a\x00b", "characters that can’t be saved"},
		{"what is no text", "job_title", "\xff", "characters that can’t be saved"},
	} {
		form := editForm(t, page, "company", "Typed Company", test.field, test.value)
		if test.name == "no e-mail address" {
			form["channel_type"][0] = customer.Email
		}
		if test.name == "no digits" {
			form["channel_type"][0] = customer.SMS
		}
		a := s.sendForm("root", "/console/customers/one", form).must(t, http.StatusUnprocessableEntity, []string{test.says})
		if test.field != "company" && !strings.Contains(a.body, `value="Typed Company"`) {
			t.Errorf("%s: what was typed is lost", test.name)
		}
		if n := strings.Count(a.body, `class="error"`); n != 1 {
			t.Errorf("%s: %d errors are shown", test.name, n)
		}
		if c, _ := s.keptCustomer("1"); c.Company != ada.Company {
			t.Fatalf("%s: it was saved all the same", test.name)
		}
	}
	// Insisted on, an identity that nobody signs in with is kept.
	doubt := s.sendForm("root", "/console/customers/one", editForm(t, page, "worker", "alicia"))
	s.follow("root", s.sendForm("root", "/console/customers/one", editForm(t, doubt))).must(t, http.StatusOK, []string{"No one can sign in as <bdi>alicia</bdi>"})
	if c, _ := s.keptCustomer("1"); !slices.Equal(c.Workers, []string{"alicia", "bob"}) {
		t.Errorf("the workers are %q", c.Workers)
	}
	s.post("root", "/console/customers/one", "id", "1", "detail_text", strings.Repeat("x", 600<<10)).must(t, http.StatusBadRequest, nil)
	lines := []string{"id", "1", "name", "x"}
	for range 2100 {
		lines = append(lines, "channel_value", "")
	}
	s.post("root", "/console/customers/one", lines...).must(t, http.StatusBadRequest, nil)
}

func TestTwoAdministratorsEditTheSameCustomer(t *testing.T) {
	s := newShop(t, nil, ada)
	first, second := s.get("root", "/console/customers/one?id=1"), s.get("rita", "/console/customers/one?id=1")
	s.sendForm("rita", "/console/customers/one", editForm(t, second, "company", "Rita’s Choice"))
	a := s.sendForm("root", "/console/customers/one", editForm(t, first, "name", "Root’s Choice")).
		must(t, http.StatusConflict, []string{"Current version", "<bdi dir=\"auto\">Rita’s Choice</bdi>", `value="Root’s Choice"`, "Ada Lovelace"})
	if c, _ := s.keptCustomer("1"); c.Name != ada.Name {
		t.Fatal("the first to save was undone")
	}
	s.follow("root", s.sendForm("root", "/console/customers/one", editForm(t, a))).must(t, http.StatusOK, []string{"Saved."})
	if c, _ := s.keptCustomer("1"); c.Name != "Root’s Choice" || c.Company != ada.Company {
		t.Errorf("on purpose, it is saved as %+v", c)
	}

	// One deletes, the other saves.
	page := s.get("root", "/console/customers/one?id=1")
	s.post("rita", "/console/customers/chosen", "do", "delete-now", "id", "1")
	a = s.sendForm("root", "/console/customers/one", editForm(t, page, "name", "Kept")).must(t, http.StatusConflict, []string{"Someone else deleted this customer", `value="Kept"`})
	s.follow("root", s.sendForm("root", "/console/customers/one", editForm(t, a))).must(t, http.StatusOK, []string{"Saved.", "Kept"})
}

func TestACustomerIsAdded(t *testing.T) {
	s := newShop(t, nil, ada)
	s.get("root", "/console/customers/add?worker=alice").must(t, http.StatusOK, []string{`value="alice"`, `name="id"`})
	form := url.Values{
		"name": {" Grace Hopper "}, "channel_type": {customer.SMS, customer.WhatsApp, customer.Email}, "channel_value": {"+49 (30) 1234-5679", "whatsapp:+49 30 12345679", ""},
		"link_type": {"", ""}, "link_name": {"", ""}, "link_value": {"https://example.com/grace", ""}, "worker": {"bob", "", "bob"},
	}
	a := s.sendForm("root", "/console/customers/add", form)
	s.follow("root", a).must(t, http.StatusOK, []string{"Added.", "Grace Hopper"})
	to, err := url.Parse(a.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := s.keptCustomer(to.Query().Get("id"))
	want := customer.Customer{
		ID: c.ID, Name: "Grace Hopper", Channels: []customer.Channel{{Type: customer.SMS, Value: "+493012345679"}, {Type: customer.WhatsApp, Value: "whatsapp:+493012345679"}},
		Links: []customer.Link{{Type: "Website", Value: "https://example.com/grace", DisplayName: "Website"}}, Workers: []string{"bob"},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("added was (-want +got):\n%s", diff)
	}
	form.Set("id", "1")
	s.sendForm("root", "/console/customers/add", form).must(t, http.StatusConflict, []string{"Another customer already has this ID.", "Grace Hopper"})
	form.Set("id", strings.Repeat("x", 513))
	s.sendForm("root", "/console/customers/add", form).must(t, http.StatusUnprocessableEntity, []string{"This ID isn’t valid"})
	form.Set("id", "own")
	s.sendForm("root", "/console/customers/add", form)
	if c, ok := s.keptCustomer("own"); !ok || c.Name != "Grace Hopper" {
		t.Errorf("with an id of its own, added was %+v", c)
	}
	if admin.Revision(want) == "" {
		t.Error("a revision says nothing")
	}
}
