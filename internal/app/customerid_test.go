package app_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

// rowHref matches the link of a row.
var rowHref = regexp.MustCompile(`class="row" href="([^"]*)"`)

func TestCustomerID_MayBeAnyString(t *testing.T) {
	for _, id := range []string{
		"1", "a b", "a+b", "a/b", "a//b", "/", "//", "/a", "a/", ".", "..", "...", "../..", "./a", "a/../b", "%", "%2F", "%252e", "?q=1", "#x", "a;b",
		"ø", "王小明", "👩‍👩‍👧", " ", "\u200b", "\u00a0", "\t", "\n", "a\\b", "\\\\x", `"><script>alert(1)</script>`, "javascript:alert(1)", "{id}", "signout", "whatsapp:+15551234567",
		"\u202egnp", strings.Repeat("x", 512), strings.Repeat("é", 256),
	} {
		t.Run(id, func(t *testing.T) {
			c, _, h, log := newTestApp(t, nil)
			c.add("alice", frontline.Customer{ID: id, DisplayName: "The One"})
			b := signedIn(t, h, "alice")
			hrefs := submatches(rowHref, b.get("/customers").body)
			if len(hrefs) != 1 {
				t.Fatalf("GET /customers: %d rows, want 1", len(hrefs))
			}
			href := html.UnescapeString(hrefs[0])
			// A browser resolves the address before it asks.
			u, err := url.Parse("http://example.com/customers")
			if err != nil {
				t.Fatal(err)
			}
			target, err := u.Parse(href)
			if err != nil {
				t.Fatalf("link %q of the row: %v", href, err)
			}
			a := b.get(target.RequestURI())
			a.must(t, http.StatusOK, []string{`<h1 class="who"><bdi dir="auto">The One</bdi>`, `aria-current="true"`}, "<script>alert")
			if strings.Contains(log.String(), "One") || len(id) > 6 && strings.Contains(log.String(), id[:6]) {
				t.Errorf("the log contains private data:\n%s", log)
			}
		})
	}
}

func TestCustomerID_RawPathIsNotCleaned(t *testing.T) {
	for path, id := range map[string]string{
		"/customers/a//b":     "a//b",
		"/customers/..":       "..",
		"/customers/%2E%2E":   "..",
		"/customers/./a":      "./a",
		"/customers/../x":     "../x",
		"/customers//":        "/",
		"/customers/a/":       "a/",
		"/customers/a%2Fb?q=": "a/b",
		"/customers?id=..":    "..",
	} {
		c, _, h, _ := newTestApp(t, nil)
		c.add("alice", frontline.Customer{ID: id, DisplayName: "The One"})
		signedIn(t, h, "alice").get(path).must(t, http.StatusOK, []string{"The One</bdi></h1>"})
	}
}

func TestCustomerID_Invalid(t *testing.T) {
	for _, path := range []string{"/customers/%00", "/customers/a%00b", "/customers/%FF", "/customers/" + strings.Repeat("x", 513), "/customers?id=", "/customers/nobody", "/customers?id=%FF"} {
		c, _, h, _ := newTestApp(t, nil)
		c.add("alice", frontline.Customer{ID: "other", DisplayName: "Other"})
		b := signedIn(t, h, "alice")
		b.get(path).must(t, http.StatusNotFound, []string{`data-error-code="not-found"`, "This customer isn’t in your list", "<h1>"})
		for _, request := range c.requests {
			if strings.HasPrefix(request, "details") && !strings.Contains(request, `"nobody"`) {
				t.Errorf("GET %s: CRM request %s, want none", path, request)
			}
		}
	}
	_, _, h, _ := newTestApp(t, nil)
	if a := signedIn(t, h, "alice").get("/customers/"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/customers" {
		t.Errorf("GET /customers/: status %d, Location %q, want 303, /customers", a.StatusCode, a.Header.Get("Location"))
	}
}

func TestDetails_OfAnotherWorkersCustomer(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("bob", frontline.Customer{ID: "b", DisplayName: "Secret Of Bob"})
	b := signedIn(t, h, "alice")
	yes, no := b.get("/customers/b"), b.get("/customers/c")
	yes.must(t, http.StatusNotFound, nil, "Secret Of Bob")
	if strings.ReplaceAll(yes.body, "/customers/b", "") != strings.ReplaceAll(no.body, "/customers/c", "") {
		t.Error("the pages for another worker's customer and for an unknown one differ")
	}
}

func TestDetails_Fragment(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "The One"}, frontline.Customer{ID: "2", DisplayName: "Another"})
	b := signedIn(t, h, "alice")
	c.requests = nil
	b.getPart("/customers/1", "detail").must(t, http.StatusOK, []string{`data-title="The One"`}, "<html", "Another", "tabs")
	if len(c.requests) != 1 {
		t.Errorf("fragment: CRM requests %q, want one", c.requests)
	}
	b.getPart("/customers/3", "detail").must(t, http.StatusNotFound, []string{`data-error-code="not-found"`}, "<html")
}

func TestRoutes_HeadAndOtherMethods(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "The One"})
	b := signedIn(t, h, "alice")
	if a := b.do(httptest.NewRequest("HEAD", "/customers/1", nil)); a.StatusCode != http.StatusOK || a.body != "" {
		t.Errorf("HEAD /customers/1: status %d, body of %d bytes, want 200, none", a.StatusCode, len(a.body))
	}
	for _, test := range []struct{ method, path, allow string }{
		{"POST", "/customers/1", "GET, HEAD"}, {"DELETE", "/customers", "GET, HEAD"}, {"GET", "/signout", "POST"},
		{"PUT", "/signin", "GET, HEAD, POST"}, {"PATCH", "/", "GET, HEAD"},
	} {
		a := b.do(httptest.NewRequest(test.method, test.path, nil))
		a.must(t, http.StatusMethodNotAllowed, []string{`data-error-code="method"`, "<h1"})
		if got := a.Header.Get("Allow"); got != test.allow {
			t.Errorf("%s %s: Allow %q, want %q", test.method, test.path, got, test.allow)
		}
	}
	b.get("/nowhere").must(t, http.StatusNotFound, []string{`data-error-code="no-page"`})
	b.get("/assets/app.css").must(t, http.StatusNotFound, []string{`data-error-code="no-page"`})
}
