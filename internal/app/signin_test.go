package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/app"
)

func TestSignIn_ReturnsToNext(t *testing.T) {
	for next, want := range map[string]string{
		"":                        "/customers",
		"/customers?q=anna":       "/customers?q=anna",
		"/customers/a%2Fb?q=x":    "/customers/a%2Fb?q=x",
		"/account":                "/account",
		"https://evil.example/":   "/customers",
		"//evil.example/":         "/customers",
		"/\\evil.example":         "/customers",
		"/customers\\@evil":       "/customers",
		"/customersx":             "/customers",
		"/customers\r\nX: y":      "/customers",
		"/\t/evil.example":        "/customers",
		"javascript:alert(1)":     "/customers",
		"/signout":                "/customers",
		"/assets/x":               "/customers",
		"customers":               "/customers",
		"http:///customers":       "/customers",
		"/customers/../../signin": "/customers",
		"/customers//evil":        "/customers",
		"/customers/%2E%2E":       "/customers/%2E%2E", // an id
	} {
		_, _, h, _ := newTestApp(t, nil)
		a := newClient(t, h).post("/signin", "identity", "alice", "password", "correct horse", "next", next)
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != want {
			t.Errorf("next %q: status %d, Location %q, want %q", next, a.StatusCode, a.Header.Get("Location"), want)
		}
	}
}

func TestSignIn_IsRequired(t *testing.T) {
	_, _, h, _ := newTestApp(t, nil)
	for _, path := range []string{"/customers", "/customers?q=anna&page=x", "/customers/a%2F%2Fb", "/account", "/customers?id=.."} {
		b := newClient(t, h)
		a := b.get(path)
		a.must(t, http.StatusSeeOther, nil, "alice")
		to, err := url.Parse(a.Header.Get("Location"))
		if err != nil || to.Path != "/signin" || to.Query().Get("next") != path || to.Query().Has("ended") {
			t.Errorf("anonymous GET %s: Location %s", path, a.Header.Get("Location"))
		}
		b.get(a.Header.Get("Location")).must(t, http.StatusOK, []string{`name="identity"`, `name="password"`}, "signed out")
		if a := b.getPart(path, "list"); a.StatusCode != http.StatusUnauthorized || a.body != "" {
			t.Errorf("anonymous GET %s, part: status %d, body %q, want 401, none", path, a.StatusCode, a.body)
		}
	}
	for _, path := range []string{"/account/password", "/account/preferences", "/account/sessions/revoke", "/account/sessions/revoke-others"} {
		if a := newClient(t, h).post(path, "theme", "dark"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/signin" {
			t.Errorf("anonymous POST %s: status %d, Location %s, want /signin", path, a.StatusCode, a.Header.Get("Location"))
		}
	}
}

func TestSignIn_AfterTheSessionEnded(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	clear(p.sessions)
	a := b.get("/customers?q=x")
	if len(b.cookies) != 0 {
		t.Errorf("cookies %v, want none", b.cookies)
	}
	b.get(a.Header.Get("Location")).must(t, http.StatusOK, []string{"You were signed out.", `name="next" value="/customers?q=x"`})
}

func TestSignIn_SessionCookie(t *testing.T) {
	for _, test := range []struct {
		public, name string
		secure       bool
	}{{"", "clientele", false}, {"http://crm.example.com", "clientele", false}, {"https://crm.example.com", "__Host-clientele", true}} {
		_, _, h, _ := newTestApp(t, func(o *app.Options) { o.PublicURL = test.public })
		a := newClient(t, h).post("/signin", "identity", "alice", "password", "correct horse")
		var secret *http.Cookie
		for _, c := range a.Cookies() {
			if c.Name == test.name {
				secret = c
			} else if strings.Contains(c.Value, "secret") {
				t.Errorf("cookie %s contains the secret", c.Name)
			}
		}
		if secret == nil || !secret.HttpOnly || secret.SameSite != http.SameSiteLaxMode || secret.Path != "/" || secret.Domain != "" || secret.Secure != test.secure || secret.Expires.IsZero() {
			t.Errorf("public URL %q: cookie %+v", test.public, secret)
		}
	}
}

func TestSignIn_Refusals(t *testing.T) {
	_, _, h, _ := newTestApp(t, nil)
	b := newClient(t, h)
	b.post("/signin", "identity", "alice", "password", "wrong").must(t, http.StatusUnauthorized, []string{"Incorrect username or password.", `value="alice"`, `role="alert"`}, `value="wrong"`)
	b.post("/signin", "identity", "nobody", "password", "wrong").must(t, http.StatusUnauthorized, []string{"Incorrect username or password."})
	b.post("/signin", "identity", " ", "password", "").must(t, http.StatusUnprocessableEntity, []string{"Enter your email or username.", "Enter your password.", `aria-describedby="identity-error"`, `aria-describedby="password-error"`})
	b.post("/signin", "identity", `"><script>alert(1)</script>`, "password", "x").must(t, http.StatusUnauthorized, nil, "<script>alert")
	if len(b.cookies) != 0 {
		t.Errorf("cookies %v, want none", b.cookies)
	}
}

func TestSignIn_DoesNotCountTheRightPassword(t *testing.T) {
	_, _, h, _ := newTestApp(t, nil)
	for i := range 100 {
		if a := newClient(t, h).post("/signin", "identity", "alice", "password", "correct horse"); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("sign-in %d: status %d, want 303", i, a.StatusCode)
		}
	}
}

func TestSignIn_FirstRunHint(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	hint := "clientele user add"
	newClient(t, h).get("/signin").must(t, http.StatusOK, nil, hint)
	clear(p.persons)
	newClient(t, h).get("/signin").must(t, http.StatusOK, []string{hint, "No one can sign in yet", `name="identity"`})
}

func TestSignIn_WithoutPassword(t *testing.T) {
	offer := []string{"alice"}
	_, _, h, _ := newTestApp(t, func(o *app.Options) { o.OneTap = func(*http.Request) []string { return offer } })
	newClient(t, h).get("/signin").must(t, http.StatusOK, []string{`name="as" value="alice"`, "Sign in as <bdi>alice</bdi>"}, `value="bob"`, `name="password"`)
	b := newClient(t, h)
	if a := b.post("/signin", "as", "alice"); a.StatusCode != http.StatusSeeOther || len(b.cookies) == 0 {
		t.Errorf("POST /signin as alice: status %d, cookies %v", a.StatusCode, b.cookies)
	}
	b = newClient(t, h)
	b.post("/signin", "as", "bob").must(t, http.StatusForbidden, nil)
	offer = nil
	b.post("/signin", "as", "alice").must(t, http.StatusForbidden, []string{`name="password"`}, `name="as"`)
	_, _, closed, _ := newTestApp(t, nil)
	b.h = closed
	b.post("/signin", "as", "alice").must(t, http.StatusForbidden, nil)
	if len(b.cookies) != 0 {
		t.Errorf("cookies %v, want none", b.cookies)
	}
}

func TestSignOut_EndsTheSession(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	a := b.post("/signout")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Clear-Site-Data") != `"cache", "storage"` || len(b.cookies) != 0 || len(p.sessions) != 0 {
		t.Errorf("POST /signout: status %d, headers %v, cookies %v, %d sessions", a.StatusCode, a.Header, b.cookies, len(p.sessions))
	}
	b.get(a.Header.Get("Location")).must(t, http.StatusOK, []string{"You’re signed out."})
	b.post("/signout").must(t, http.StatusSeeOther, nil)
}

func TestSignOut_RefusesCrossSiteRequests(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	r := httptest.NewRequest("POST", "/signout", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	b.do(r).must(t, http.StatusForbidden, []string{`data-error-code="foreign"`, "another site"})
	if len(p.sessions) != 1 {
		t.Errorf("cross-site POST /signout: %d sessions, want 1", len(p.sessions))
	}
}

func TestSignIn_EndsThePreviousSession(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	b.post("/signin", "identity", "bob", "password", "correct horse")
	if len(p.sessions) != 1 {
		t.Errorf("POST /signin as bob: %d sessions, want 1", len(p.sessions))
	}
	b.get("/account").must(t, http.StatusOK, []string{">bob</bdi>"}, ">alice<")
	if a := b.get("/signin?next=/account"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/account" {
		t.Errorf("GET /signin when signed in: status %d, Location %s", a.StatusCode, a.Header.Get("Location"))
	}
}
