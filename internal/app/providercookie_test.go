package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/app"
)

func TestProvider_SignInCookie(t *testing.T) {
	for _, test := range []struct {
		public, name, callback string
		secure                 bool
	}{
		{"", "clientele-signin", "http://example.com/signin/provider/callback", false},
		{"https://crm.example.com", "__Host-clientele-signin", "https://crm.example.com/signin/provider/callback", true},
	} {
		provider, _, _, b := newProviderApp(t, func(o *app.Options) { o.PublicURL = test.public })
		a := b.get("/signin/provider?next=/account")
		if provider.callback != test.callback {
			t.Errorf("public URL %q: Begin() got callback %s", test.public, provider.callback)
		}
		if len(a.Cookies()) != 1 {
			t.Fatalf("public URL %q: cookies %v, want one", test.public, a.Cookies())
		}
		c := a.Cookies()[0]
		if c.Name != test.name || !c.HttpOnly || c.Secure != test.secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 600 || c.Domain != "" {
			t.Errorf("public URL %q: cookie %+v", test.public, c)
		}
		b.get("/signin/provider/callback?code=alice&state=S")
		if a := (redirect{b.get("/signin/provider/callback?code=alice&state=S")}); a.location() != "/signin?next=%2Fcustomers&problem=expired" {
			t.Errorf("public URL %q: repeated callback: Location %s, want expired", test.public, a.location())
		}
	}
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

func TestProvider_SignOut(t *testing.T) {
	provider, _, _, b := newProviderApp(t, nil)
	provider.logout = "https://idp.example/logout?client_id=x&post_logout_redirect_uri=y"
	b.signInWithProvider("/customers", "code=alice&state=S")
	a := b.post("/signout")
	if a.Header.Get("Location") != "/signin?bye=1" || b.cookies["clientele"] != "" {
		t.Fatalf("POST /signout: Location %s, cookies %v", a.Header.Get("Location"), b.cookies)
	}
	bye := b.get("/signin?bye=1")
	bye.must(t, http.StatusOK, []string{"Signing you out of idp.example too…", `href="https://idp.example/logout?client_id=x&amp;post_logout_redirect_uri=y"`})
	if bye.Header.Get("Refresh") != "0; url="+provider.logout || provider.after != "http://example.com/signin?bye=1" {
		t.Errorf("GET /signin?bye=1: Refresh %q, Logout() got %s", bye.Header.Get("Refresh"), provider.after)
	}
	end := b.get("/signin?bye=1")
	end.must(t, http.StatusOK, []string{"You’re signed out."}, "idp.example/logout")
	if end.Header.Get("Refresh") != "" || len(b.cookies) != 0 {
		t.Errorf("second GET /signin?bye=1: Refresh %q, cookies %v, want none", end.Header.Get("Refresh"), b.cookies)
	}
	// There is no redirect after a sign-in with a password, or without a logout address.
	b.post("/signin", "identity", "bob", "password", "correct horse")
	b.post("/signout")
	if a := b.get("/signin?bye=1"); a.Header.Get("Refresh") != "" {
		t.Errorf("after signing in with a password: Refresh %q, want none", a.Header.Get("Refresh"))
	}
	provider.logout = ""
	b.signInWithProvider("/customers", "code=alice&state=S")
	b.post("/signout")
	if a := b.get("/signin?bye=1"); a.Header.Get("Refresh") != "" || contains(a.body, "Signing you out") {
		t.Errorf("provider without logout: Refresh %q, want none", a.Header.Get("Refresh"))
	}
}
