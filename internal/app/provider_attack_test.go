package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/app"
)

// TestAnotherSiteBeginsNoSignIn has a page elsewhere make the browser ask, by pictures,
// frames and windows: no sign-in begins, and nobody at that address is kept out.
func TestAnotherSiteBeginsNoSignIn(t *testing.T) {
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
				t.Fatalf("%v leads to %d %s with cookies %v", from, a.StatusCode, a.location(), a.Cookies())
			}
		}
	}
	if provider.begins != 0 {
		t.Errorf("%d sign-ins were begun", provider.begins)
	}
	for _, from := range [][2]string{{"same-origin", "document"}, {"none", "document"}, {"", ""}} {
		if a := ask(from[0], from[1], ""); !strings.HasPrefix(a.location(), "https://idp.example/") {
			t.Errorf("%v leads to %s", from, a.location())
		}
	}
	b.post("/signin", "identity", "alice", "password", "wrong").must(t, http.StatusUnauthorized, nil)
}

// TestCookiesOfTheWayInAreThisHostsOwn keeps another host of the same domain from
// planting a sign-in that it began itself.
func TestCookiesOfTheWayInAreThisHostsOwn(t *testing.T) {
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
			t.Errorf("cookie %+v", c)
		}
	}
	if len(names) != 3 {
		t.Errorf("there are cookies %v, want those of a session, a sign-in and a sign-out", names)
	}
}

func TestAPlaceThatIsTooLongIsNotComeBackTo(t *testing.T) {
	_, _, _, b := newProviderApp(t, nil)
	a := b.get("/signin/provider?next=" + url.QueryEscape("/customers?q="+strings.Repeat("x", 5000)))
	if n := len(a.Header.Get("Set-Cookie")); n == 0 || n > 4000 {
		t.Fatalf("the cookie has %d bytes: no browser takes it", n)
	}
	if a := (redirect{b.get("/signin/provider/callback?code=alice&state=S")}); a.location() != "/customers" {
		t.Errorf("it leads to %s", a.location())
	}
}
