package auth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// testProvider is an identity provider; off is whether passwords are off.
type testProvider struct{ off bool }

func (testProvider) Name() string         { return "idp.example" }
func (p testProvider) PasswordsOff() bool { return p.off }

// postForm posts a form to /sure?a=b.
func (b *testSite) postForm(secret string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/sure?a=b", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "clientele", Value: secret})
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

func TestSite_Confirm(t *testing.T) {
	b := newTestSite(t, "")
	typed := url.Values{"do": {"export"}, "id": {"1", `"><script>`}}
	if w := b.postForm("a", typed); w.Code != http.StatusOK || len(b.actions) != 1 {
		t.Errorf("POST /sure in a confirmed session: status %d, actions %q", w.Code, b.actions)
	}
	if w := b.do("GET", "/sure", "x"); w.Code != http.StatusOK || len(b.actions) != 2 {
		t.Errorf("GET /sure in an unconfirmed session: status %d, actions %q, want it to run", w.Code, b.actions)
	}
	b.actions = nil
	ask := func(form url.Values, status int, has ...string) {
		t.Helper()
		w := b.postForm("x", form)
		for _, want := range append(has, `action="/sure?a=b"`, `name="do" value="export"`, `name="id" value="1"`, `name="id" value="&#34;&gt;&lt;script&gt;"`, `type="password"`) {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("POST /sure unconfirmed: the page lacks %s:\n%s", want, w.Body)
			}
		}
		if w.Code != status || len(b.actions) != 0 || w.Header().Get("Cache-Control") != "no-store" || strings.Contains(w.Body.String(), "guess") {
			t.Errorf("POST /sure unconfirmed: status %d, actions %q, headers %v, want %d and the page", w.Code, b.actions, w.Header(), status)
		}
	}
	with := func(password string) url.Values {
		form := url.Values{"confirm_password": {password}}
		for name, values := range typed {
			form[name] = values
		}
		return form
	}
	ask(typed, http.StatusForbidden)
	ask(with("guess"), http.StatusForbidden, "That isn’t your current password.")
	if b.failed != 1 {
		t.Errorf("ConfirmFailed was called %d times, want once", b.failed)
	}
	if w := b.postForm("x", with("right")); w.Code != http.StatusOK || fmt.Sprint(b.actions) != "[sure post for exporter]" {
		t.Errorf("POST /sure with the password: status %d, actions %q", w.Code, b.actions)
	}
	if got := b.form; got.Encode() != typed.Encode() {
		t.Errorf("POST /sure with the password: form %v, want %v", got, typed)
	}
	b.actions = nil
	for range 20 {
		b.postForm("x", with("guess"))
	}
	ask(with("right"), http.StatusTooManyRequests, "Too many attempts")
	if w := b.postForm("w", with("right")); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "confirm_password") {
		t.Errorf("POST /sure by a worker: status %d, want 403 without asking", w.Code)
	}
}

func TestSite_ConfirmMethods(t *testing.T) {
	const password, provider = `type="password"`, "/signin/provider/confirm"
	for _, c := range []struct {
		name                 string
		provider             auth.Provider
		hash, subject        string
		password, atProvider bool
	}{
		{"a password", nil, "hash", "", true, false},
		{"linked to a provider that is gone", nil, "", "s", false, false},
		{"linked", testProvider{}, "", "s", false, true},
		{"both", testProvider{}, "hash", "s", true, true},
		{"passwords off", testProvider{off: true}, "hash", "s", false, true},
		{"not linked, passwords off", testProvider{off: true}, "hash", "", false, false},
	} {
		b := newTestSiteWith(t, "", c.provider)
		b.site.Accounts.(people)["x"] = account.Person{Identity: "admin", Role: account.RoleAdmin, PasswordHash: c.hash, Subject: c.subject}
		w := b.postForm("x", url.Values{"confirm_password": {"wrong"}, "a": {"kept"}})
		body := w.Body.String()
		if strings.Contains(body, password) != c.password || strings.Contains(body, provider) != c.atProvider || len(b.actions) != 0 {
			t.Errorf("%s: status %d, actions %v; want password: %v, provider: %v\n%s", c.name, w.Code, b.actions, c.password, c.atProvider, body)
		}
		if kept := strings.Contains(body, `name="a" value="kept"`); kept != (c.password || c.atProvider) {
			t.Errorf("%s: the form is kept: %v\n%s", c.name, kept, body)
		}
	}
}
