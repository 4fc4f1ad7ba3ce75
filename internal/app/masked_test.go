package app_test

import (
	"context"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/app"
)

// A number that must not be shown, and the handle of a customer whose id contains it.
const (
	rawID  = "+15550123987"
	sealed = "~AbCdEf0123456789_-abcdefghijklmnopqrstuvwxyz01"
)

// maskingCRM is a CRM that hides numbers: the customer with rawID has a handle.
type maskingCRM struct{ *fakeCRM }

func (h maskingCRM) CustomerDetails(ctx context.Context, r frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	if r.CustomerID == rawID {
		r.CustomerID = sealed
	}
	return h.fakeCRM.CustomerDetails(ctx, r)
}

// newMaskedApp returns an app in which numbers are hidden.
func newMaskedApp(t testing.TB) (*fakeCRM, http.Handler) {
	t.Helper()
	c, _, h, _ := newTestApp(t, func(o *app.Options) {
		o.CRM = maskingCRM{o.CRM.(*fakeCRM)}
		o.Masked = func() bool { return true }
	})
	c.meta = frontline.Meta{Masked: true}
	return c, h
}

func TestMasked_DisabledActions(t *testing.T) {
	c, h := newMaskedApp(t)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "Bobby S.", Channels: []frontline.Channel{
		{Type: "sms", Value: "+12345XXXX", Handle: "h-sms"}, {Type: "whatsapp", Value: "whatsapp:+12345XXXX", Handle: "h-wa"},
		{Type: "email", Value: "bobby@example.com", Handle: "h-mail"}, {Type: "chat", Value: "bobbyXX", Handle: "h-chat"}}})
	a := signedIn(t, h, "alice").get("/customers/1")
	a.must(t, http.StatusOK, []string{
		"Your company hides phone numbers. Calling and texting are turned off.</span>",
		`<span class="action off" role="button" tabindex="0" aria-disabled="true" aria-describedby="masked" data-action="message" data-handle="h-sms">`,
		`data-action="whatsapp" data-handle="h-wa">`, `data-action="call" data-handle="h-sms h-wa">`,
		`<a class="action" data-action="mail" href="mailto:bobby@example.com">`, `id="masked"`,
		`<li data-channel="sms" data-handle="h-sms">`, `<li data-channel="email" data-handle="h-mail">`, `data-copy="bobby@example.com"`,
		`<bdi class="value" dir="auto">bobbyXX</bdi>`,
	}, "sms:", "tel:", "wa.me", `data-copy="+`, `data-copy="bobbyXX`, "whatsapp:+", "data-idle")
	if n := strings.Count(a.body, `<bdi class="value" dir="auto">+12345XXXX</bdi>`); n != 2 {
		t.Errorf("GET /customers/1: %d unchanged lines, want 2", n)
	}
}

func TestMasked_Channels(t *testing.T) {
	for _, test := range []struct {
		name        string
		channel     frontline.Channel
		has, hasNot []string
	}{
		{"an email address with hidden digits", frontline.Channel{Type: "email", Value: "annaXXXX@example.com"},
			[]string{`aria-disabled="true" aria-describedby="masked" data-action="mail">`, ">annaXXXX@example.com</bdi>"}, []string{"mailto:", "data-copy"}},
		{"an email address with one hidden digit", frontline.Channel{Type: "email", Value: "annaX@example.com"},
			[]string{`aria-disabled="true"`}, []string{"mailto:", "data-copy"}},
		{"an email address with digits left", frontline.Channel{Type: "email", Value: "a12345@example.com"},
			[]string{`aria-disabled="true"`}, []string{"mailto:", "data-copy"}},
		{"digits of another script left", frontline.Channel{Type: "chat", Value: "anna١٢"},
			[]string{">anna١٢</bdi>"}, []string{"data-copy", "aria-disabled"}},
		{"a number in words", frontline.Channel{Type: "sms", Value: "ask Bob"},
			[]string{`data-action="message"`, `data-action="call"`}, []string{"sms:", "tel:", "data-copy"}},
		{"an unmasked number", frontline.Channel{Type: "sms", Value: rawID},
			[]string{`data-action="message"`}, []string{"sms:", "tel:", "data-copy"}},
		{"an unknown type", frontline.Channel{Type: "Fax", Value: "12-XX"},
			[]string{">12-XX</bdi>"}, []string{"data-copy", "aria-disabled"}},
		{"nothing to hide", frontline.Channel{Type: "chat", Value: "bobby.s"}, []string{`data-copy="bobby.s"`}, []string{"deactivated", "aria-disabled"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, h := newMaskedApp(t)
			c.add("alice", frontline.Customer{ID: "1", DisplayName: "Y", Channels: []frontline.Channel{test.channel}})
			signedIn(t, h, "alice").get("/customers/1").must(t, http.StatusOK, test.has, test.hasNot...)
		})
	}
}

func TestMasked_Links(t *testing.T) {
	c, h := newMaskedApp(t)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "Y", Links: []frontline.Link{
		{Type: "WhatsApp", DisplayName: "Write", Value: ""}, {Type: "Site", DisplayName: "Profile", Value: "https://example.com/p/1555012XXXX"},
		{Type: "Site", DisplayName: "Groups", Value: "https://example.com/p/1-555-01-XX-XX"}, {Value: ""},
		{Type: "Site", DisplayName: "Plain", Value: "https://example.com/plain"}, {DisplayName: "Bad", Value: "javascript:alert(1)"}}})
	a := signedIn(t, h, "alice").get("/customers/1")
	a.must(t, http.StatusOK, []string{">Write</bdi>", ">Profile</bdi>", ">Groups</bdi>", `href="https://example.com/plain"`}, "XX", "Bad")
	if n := strings.Count(a.body, "The address contains a hidden number."); n != 4 {
		t.Errorf("GET /customers/1: %d links without address, want 4", n)
	}
	c.customers["alice"][0].Links = c.customers["alice"][0].Links[:2]
	signedIn(t, h, "alice").get("/customers/1").must(t, http.StatusOK, []string{"data-idle"})
	c.meta.Masked = false
	signedIn(t, h, "alice").get("/customers/1").must(t, http.StatusOK, []string{`href="https://example.com/p/1555012XXXX"`}, "The address contains", ">Write</bdi>")
}

// attributes matches the attributes that could contain a number.
var attributes = regexp.MustCompile(`(href|src|action|value|data-[a-z-]+)="([^"]*)"`)

// leaks returns the places outside the search field in which a response contains any
// of what.
func leaks(a response, what ...string) (found []string) {
	body := regexp.MustCompile(`<input id="q"[^>]*>`).ReplaceAllString(a.body, "")
	for _, m := range attributes.FindAllStringSubmatch(body, -1) {
		for _, s := range what {
			if strings.Contains(html.UnescapeString(m[2]), s) {
				found = append(found, m[0])
			}
		}
	}
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, "\n")
	for name, values := range a.Header {
		text += "\n" + name + ": " + strings.Join(values, " ")
	}
	for _, s := range what {
		if i := strings.Index(text, s); i >= 0 {
			found = append(found, strings.TrimSpace(text[max(0, i-20):min(len(text), i+30)]))
		}
	}
	return found
}

func TestMasked_IDsWithNumbersAreNotRepeated(t *testing.T) {
	for name, state := range map[string]func(*fakeCRM){
		"shown":       func(*fakeCRM) {},
		"old":         func(c *fakeCRM) { c.meta.AsOf = noon.Add(-time.Hour) },
		"pending":     func(c *fakeCRM) { c.pendingCount = 99 },
		"failed":      func(c *fakeCRM) { c.fail = &frontline.CallbackError{Code: 48004} },
		"unavailable": func(c *fakeCRM) { c.fail = &frontline.UnavailableError{} },
		"not found":   func(c *fakeCRM) { c.customers = nil },
		"panic":       func(c *fakeCRM) { c.panics = true },
	} {
		c, h := newMaskedApp(t)
		c.add("alice", frontline.Customer{ID: sealed, DisplayName: "The One"})
		b, anonymous := signedIn(t, h, "alice"), newClient(t, h)
		state(c)
		for _, path := range []string{"/customers/" + rawID, "/customers?id=%2B15550123987", "/customers/1%20555%20012-3987?q=bob", "/customers/%2B15550123987?q=x&page=after-1&newer=5",
			"/customers/%25315550123987", "/customers/1555012%26%2351%3B987", "/customers/1555012%25253987"} {
			for _, part := range []string{"", "detail"} {
				if found := leaks(b.getPart(path, part), "5550123987", "3987"); found != nil {
					t.Errorf("GET %s, %s, part %q: contains the number: %q", path, name, part, found)
				}
			}
			if found := leaks(anonymous.get(path), "3987"); found != nil {
				t.Errorf("anonymous GET %s, %s: contains the number: %q", path, name, found)
			}
		}
	}
	_, h := newMaskedApp(t)
	b := signedIn(t, h, "alice")
	for _, path := range []string{"/signin?next=/customers/15550123987", "/signin?next=/customers?q=3987", "/signin?next=%2Fcustomers%2F%2B1%2520555%2520012%25203987", "/nowhere/15550123987", "/account?done=15550123987"} {
		if found := leaks(b.get(path), "3987"); found != nil {
			t.Errorf("GET %s: contains the number: %q", path, found)
		}
	}
}

func TestMasked_HandlesOfCustomers(t *testing.T) {
	c, h := newMaskedApp(t)
	c.add("alice", frontline.Customer{ID: sealed, DisplayName: "The One"}, frontline.Customer{ID: "2", DisplayName: "Zed"})
	b := signedIn(t, h, "alice")
	b.get("/customers").must(t, http.StatusOK, []string{`class="row" href="/customers/` + sealed + `"`, `data-customer-id="` + sealed + `"`})
	c.meta.AsOf = noon.Add(-time.Hour)
	for _, path := range []string{"/customers/" + sealed, "/customers/" + rawID, "/customers/%7E" + sealed[1:]} {
		b.get(path).must(t, http.StatusOK, []string{`>The One</bdi></h1>`, `href="/customers/` + sealed + `" aria-current="true"`, `data-again="/customers/` + sealed + `?newer=`}, "%7E")
	}
	c.fail = &frontline.UnavailableError{}
	b.get("/customers/"+sealed+"?q=one").must(t, http.StatusServiceUnavailable, []string{`href="/customers/` + sealed + `?q=one" data-retry`})
	if a := newClient(t, h).get("/customers/" + sealed); a.Header.Get("Location") != "/signin?next=%2Fcustomers%2F"+sealed {
		t.Errorf("anonymous GET: Location %s", a.Header.Get("Location"))
	}
	if a := b.get("/signin?next=/customers/" + sealed); a.Header.Get("Location") != "/customers/"+sealed {
		t.Errorf("GET /signin?next=…: Location %s", a.Header.Get("Location"))
	}
}

func TestMasked_SearchedDigitsStayInTheSearchField(t *testing.T) {
	for name, state := range map[string]func(*fakeCRM){
		"found": func(*fakeCRM) {}, "failed": func(c *fakeCRM) { c.failList = &frontline.CallbackError{Code: 48005} },
		"pending": func(c *fakeCRM) { c.pendingCount = 99 }, "old": func(c *fakeCRM) { c.meta.AsOf = noon },
		"so far": func(c *fakeCRM) { c.meta.Partial = true; c.customers = nil }, "nothing": func(c *fakeCRM) { c.customers = nil },
		"refused": func(c *fakeCRM) { c.meta.Digits, c.customers = frontline.DigitsRefused, nil },
		"gone":    func(c *fakeCRM) { c.failPage = &frontline.InvalidRequestError{} },
	} {
		c, h := newMaskedApp(t)
		c.add("alice", many(3)...)
		state(c)
		b := signedIn(t, h, "alice")
		for _, query := range []string{"Person 0123987", "0123987", "٠١٢٣٩٨٧", "n 0123987"} {
			for _, path := range []string{"/customers?q=", "/customers?page=after-1&q=", "/customers/c1?q="} {
				a := b.get(path + strings.ReplaceAll(query, " ", "+"))
				if found := leaks(a, query, "3987", "٣٩٨٧"); found != nil {
					t.Errorf("GET %s%s, %s: contains the digits: %q", path, query, name, found)
				}
				if !strings.Contains(a.body, `value="`+query+`"`) {
					t.Errorf("GET %s%s, %s: the search field lacks the query", path, query, name)
				}
			}
		}
	}
	// The next page of a search needs the query.
	c, h := newMaskedApp(t)
	for i := range 40 {
		c.add("alice", frontline.Customer{ID: string(rune('a' + i)), DisplayName: "Suite 12"})
	}
	signedIn(t, h, "alice").get("/customers?q=12").must(t, http.StatusOK, []string{`rel="next" href="/customers?page=after-30&amp;q=12"`})
	// Where nothing is hidden, links contain the query.
	c2, _, open, _ := newTestApp(t, nil)
	c2.add("alice", frontline.Customer{ID: "1", DisplayName: "Suite 12"})
	signedIn(t, open, "alice").get("/customers?q=12").must(t, http.StatusOK, []string{`class="row" href="/customers/1?q=12"`, `data-self="/customers?q=12"`})
}

func TestMasked_DigitSearchMessages(t *testing.T) {
	for _, test := range []struct {
		digits      frontline.DigitSearch
		found       int
		has, hasNot []string
	}{
		{frontline.DigitsSearched, 0, []string{"<h2>No results</h2>", "data-nothing-found"}, []string{"left out", "whole number"}},
		{frontline.DigitsLeftOut, 1, []string{"Digits were ignored because phone numbers are hidden.", "data-customer-id"}, []string{"No results"}},
		{frontline.DigitsLeftOut, 0, []string{"Digits were ignored because phone numbers are hidden.", "<h2>No results</h2>"}, nil},
		{frontline.DigitsWholeOnly, 0, []string{"<h2>Enter the full number</h2>", "or a name", `data-clear>Show all customers`}, []string{"No results", "left out"}},
		{frontline.DigitsRefused, 0, []string{"<h2>Search by name</h2>", "you can’t search for them"}, []string{"No results", "whole number"}},
		{frontline.DigitsTooOften, 0, []string{"<h2>Too many number searches</h2>", "Try again later"}, []string{"No results"}},
	} {
		c, h := newMaskedApp(t)
		c.meta.Digits = test.digits
		for range test.found {
			c.add("alice", frontline.Customer{ID: "1", DisplayName: "Suite 12"})
		}
		b := signedIn(t, h, "alice")
		b.get("/customers?q=12").must(t, http.StatusOK, test.has, test.hasNot...)
		b.getPart("/customers?q=12", "list").must(t, http.StatusOK, test.has, test.hasNot...)
	}
}
