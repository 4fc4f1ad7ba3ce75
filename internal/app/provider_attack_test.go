package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/app"
)

// Requests that a page of another site causes, by images, frames and windows, must not
// begin a sign-in or count as attempts.
func TestProvider_RefusesCrossSiteRequests(t *testing.T) {
	provider, _, _, b := newProviderApp(t, nil)
	ask := func(site, dest, purpose string) redirect {
		r := httptest.NewRequest("GET", "/signin/provider?next=/account", nil)
		for name, value := range map[string]string{"Sec-Fetch-Site": site, "Sec-Fetch-Dest": dest, "Sec-Purpose": purpose} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		return redirect{b.do(r)}
	}
	for range 100 {
		for _, from := range [][3]string{{"cross-site", "image"}, {"cross-site", "document"}, {"same-site", "document"}, {"same-origin", "iframe"}, {"same-origin", "document", "prefetch"}} {
			if a := ask(from[0], from[1], from[2]); a.location() != "/signin?next=%2Faccount" || len(a.Cookies()) != 0 {
				t.Fatalf("GET /signin/provider from %v: status %d, Location %s, cookies %v", from, a.StatusCode, a.location(), a.Cookies())
			}
		}
	}
	if provider.begins != 0 {
		t.Errorf("Begin() called %d times, want 0", provider.begins)
	}
	for _, from := range [][2]string{{"same-origin", "document"}, {"none", "document"}, {"", ""}} {
		if a := ask(from[0], from[1], ""); !strings.HasPrefix(a.location(), "https://idp.example/") {
			t.Errorf("GET /signin/provider from %v: Location %s, want the provider", from, a.location())
		}
	}
	b.post("/signin", "identity", "alice", "password", "wrong").must(t, http.StatusUnauthorized, nil)
}

// The prefix keeps other hosts of the domain from setting a sign-in that they began.
func TestProvider_CookiesHaveTheHostPrefix(t *testing.T) {
	provider, _, _, b := newProviderApp(t, func(o *app.Options) { o.PublicURL = "https://crm.example.com" })
	provider.logout = "https://idp.example/logout"
	var all []*http.Cookie
	all = append(all, b.get("/signin/provider").Cookies()...)
	all = append(all, b.get("/signin/provider/callback?code=alice&state=S").Cookies()...)
	r := httptest.NewRequest("POST", "/signout", nil)
	r.Header.Set("Origin", "https://crm.example.com")
	all = append(all, b.do(r).Cookies()...)
	names := make(map[string]bool)
	for _, c := range all {
		names[c.Name] = true
		if !strings.HasPrefix(c.Name, "__Host-") || c.Path != "/" || c.Domain != "" || !c.Secure || !c.HttpOnly {
			t.Errorf("cookie %+v: want a __Host- cookie", c)
		}
	}
	if len(names) != 3 {
		t.Errorf("cookies %v, want those of a session, a sign-in and a sign-out", names)
	}
}

func TestProvider_DropsALongReturnURL(t *testing.T) {
	_, _, _, b := newProviderApp(t, nil)
	a := b.get("/signin/provider?next=" + url.QueryEscape("/customers?q="+strings.Repeat("x", 5000)))
	if n := len(a.Header.Get("Set-Cookie")); n == 0 || n > 4000 {
		t.Fatalf("GET /signin/provider: cookie of %d bytes, want 1 to 4000", n)
	}
	if a := (redirect{b.get("/signin/provider/callback?code=alice&state=S")}); a.location() != "/customers" {
		t.Errorf("callback: Location %s, want /customers", a.location())
	}
}
