package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/app"
)

func TestSite_SecurityHeaders(t *testing.T) {
	_, _, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	for _, path := range []string{"/", "/signin", "/customers", "/customers/x", "/account", "/nowhere", "/favicon.ico", "/manifest.webmanifest"} {
		a := b.get(path)
		csp := a.Header.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "manifest-src 'self'"} {
			if !strings.Contains(csp+";", rule+";") {
				t.Errorf("GET %s: the policy lacks %s: %s", path, rule, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("GET %s: the policy contains unsafe or *: %s", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("GET %s: %s %q, want %q", path, name, got, want)
			}
		}
		if a.Header.Get("Permissions-Policy") == "" || a.Header.Get("Content-Type") == "" && a.StatusCode != http.StatusSeeOther {
			t.Errorf("GET %s: headers %v", path, a.Header)
		}
	}
}

func TestSite_StrictTransport(t *testing.T) {
	for publicURL, want := range map[string]string{"": "", "http://crm.example.com": "", "https://crm.example.com": "max-age=63072000"} {
		_, _, h, _ := newTestApp(t, func(o *app.Options) { o.PublicURL = publicURL })
		for _, path := range []string{"/signin", "/customers", "/nowhere", "/favicon.ico"} {
			if got := newClient(t, h).get(path).Header.Get("Strict-Transport-Security"); got != want {
				t.Errorf("public URL %q: GET %s: Strict-Transport-Security %q, want %q", publicURL, path, got, want)
			}
		}
	}
}

func TestSite_PrivatePagesAreNotStored(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "X"})
	b := signedIn(t, h, "alice")
	for _, path := range []string{"/customers", "/customers/1", "/account", "/customers/none"} {
		a := b.get(path)
		vary := strings.Join(a.Header.Values("Vary"), ", ")
		if a.Header.Get("Cache-Control") != "no-store" || !strings.Contains(vary, "Cookie") || !strings.Contains(vary, "Clientele-Part") || !strings.Contains(vary, "Accept-Language") {
			t.Errorf("GET %s: Cache-Control %q, Vary %q", path, a.Header.Get("Cache-Control"), vary)
		}
	}
}

// inline matches what the content policy forbids.
var inline = regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?:>|[^>]*[^r]>[^<])`)

var reference = regexp.MustCompile(`(?:src|href)="([^"]*)"`)

// TestSite_FirstLoadIsSmall adds up everything that a browser fetches for My Customers.
func TestSite_FirstLoadIsSmall(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	for i := range 10_000 {
		c.customers = map[string][]frontline.Customer{"alice": append(c.customers["alice"], frontline.Customer{ID: fmt.Sprintf("crm-%08d", i*7919), DisplayName: fmt.Sprintf("Person-%d von der Mühlen-%x", i, i*7919)})}
	}
	b := signedIn(t, h, "alice")
	b.header.Set("Accept-Encoding", "gzip, deflate, br")
	size := func(path string) int {
		a := b.get(path)
		if a.StatusCode != http.StatusOK {
			t.Fatalf("GET %s: status %d, want 200", path, a.StatusCode)
		}
		n := len(a.body) + 40
		for name, values := range a.Header {
			n += len(name) + len(strings.Join(values, "")) + 4
		}
		t.Logf("%6d %s", n, path)
		return n
	}
	total := size("/customers") + size("/manifest.webmanifest")
	b.header.Del("Accept-Encoding")
	page := b.get("/customers").body
	if m := inline.FindString(page); m != "" {
		t.Errorf("GET /customers: inline script or style %q", m)
	}
	b.header.Set("Accept-Encoding", "gzip")
	for _, ref := range submatches(reference, page) {
		if strings.Contains(ref, "//") {
			t.Errorf("GET /customers: reference to another host: %s", ref)
		}
		if strings.HasPrefix(ref, "/assets/") {
			total += size(ref)
		}
	}
	if total > 40<<10 {
		t.Errorf("first load: %d bytes, want at most 40 KiB", total)
	}
}

func TestSite_ManifestAndIcons(t *testing.T) {
	_, _, h, _ := newTestApp(t, nil)
	b := newClient(t, h)
	a := b.get("/manifest.webmanifest")
	var m struct {
		Name  string
		Start string `json:"start_url"`
		Icons []struct{ Src, Sizes, Type, Purpose string }
	}
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatal(err)
	}
	if a.Header.Get("Content-Type") != "application/manifest+json" || m.Name != "Clientele" || m.Start != "/customers" || len(m.Icons) < 3 {
		t.Errorf("GET /manifest.webmanifest: headers %v, manifest %+v", a.Header, m)
	}
	maskable := false
	for _, icon := range m.Icons {
		maskable = maskable || icon.Purpose == "maskable"
		got := b.get(icon.Src)
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != icon.Type || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("GET %s: status %d, headers %v", icon.Src, got.StatusCode, got.Header)
		}
	}
	if !maskable {
		t.Error("no icon is maskable")
	}
	for _, path := range []string{"/favicon.ico", "/apple-touch-icon.png"} {
		if got := b.get(path); got.StatusCode != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Type"), "image/") {
			t.Errorf("GET %s: status %d, headers %v", path, got.StatusCode, got.Header)
		}
	}
}

func TestSite_RightToLeft(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "Anna <b>"}, frontline.Customer{ID: "2", DisplayName: "فاطمة"})
	b := signedIn(t, h, "alice")
	b.header.Set("Accept-Language", "ar-EG, en;q=0.5")
	b.get("/customers").must(t, http.StatusOK, []string{`<html lang="ar" dir="rtl" data-state=`, "عملائي", `<bdi class="name" dir="auto">Anna &lt;b&gt;</bdi>`, "عميلان"}, "My Customers", "2 customers")
	b.get("/customers/2").must(t, http.StatusOK, []string{`<bdi dir="auto">فاطمة</bdi>`})
	b.get("/manifest.webmanifest").must(t, http.StatusOK, []string{`"dir":"rtl"`})
}

func TestSite_LogContainsNoPrivateData(t *testing.T) {
	c, _, h, log := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "id-private", DisplayName: "Name Private", Channels: []frontline.Channel{{Type: "sms", Value: "+15557040102"}}})
	b := signedIn(t, h, "alice")
	b.get("/customers?q=private")
	b.get("/customers/id-private?q=private")
	b.post("/signin", "identity", "mallory-private", "password", "pw-private")
	b.get("/private/path?x=private")
	b.do(httptest.NewRequest("PRIVATE", "/customers", nil))
	if strings.Contains(strings.ToLower(log.String()), "private") || strings.Contains(log.String(), "alice") || strings.Contains(log.String(), "secret-") {
		t.Errorf("the log contains private data:\n%s", log)
	}
	if !strings.Contains(log.String(), `route="GET /customers/{id}" status=200`) {
		t.Errorf("the log lacks the route:\n%s", log)
	}
}

func TestNew_InvalidOptions(t *testing.T) {
	c, p := &fakeCRM{}, newFakeAccounts(clock)
	for name, o := range map[string]app.Options{
		"no CRM":               {Accounts: p},
		"no accounts":          {CRM: c},
		"a public URL that is": {CRM: c, Accounts: p, PublicURL: "https://example.com/path"},
	} {
		if _, err := app.New(o); err == nil {
			t.Errorf("New(%s) succeeded", name)
		}
	}
}
