package auth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/web/auth"
)

func TestSite_OtherMethods(t *testing.T) {
	b := newTestSite(t, "")
	for _, test := range []struct{ method, path, allow string }{
		{"POST", "/read", "GET, HEAD"}, {"GET", "/write", "POST"}, {"HEAD", "/write", "POST"},
		{"PUT", "/open", "GET, HEAD, POST"}, {"DELETE", "/in", "GET, HEAD, POST"}, {"PROPFIND", "/admin", "GET, HEAD, POST"}, {"TRACE", "/read", "GET, HEAD"},
	} {
		for _, secret := range []string{"", "w", "a", "broken"} {
			w := b.do(test.method, test.path, secret)
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != test.allow {
				t.Errorf("%s %s as %q: status %d, Allow %q, want 405, %q", test.method, test.path, secret, w.Code, w.Header().Get("Allow"), test.allow)
			}
		}
	}
	if len(b.actions) != 0 {
		t.Errorf("actions %q, want none", b.actions)
	}
	if w := b.do("GET", "/nowhere", "a"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), `data-error-code="no-page"`) {
		t.Errorf("GET /nowhere: status %d, want 404 with the no-page code", w.Code)
	}
}

func TestSite_HeadIsGetWithoutABody(t *testing.T) {
	b := newTestSite(t, "")
	for _, target := range []string{"/read?fail=odd", "/nowhere", "/admin"} {
		get, head := b.do("GET", target, "w"), b.do("HEAD", target, "w")
		if head.Code != get.Code || head.Body.Len() != 0 || head.Header().Get("Content-Length") != get.Header().Get("Content-Length") {
			t.Errorf("HEAD %s: %d with %d bytes and %v; GET: %d and %v", target, head.Code, head.Body.Len(), head.Header(), get.Code, get.Header())
		}
	}
}

func TestSite_ErrorPages(t *testing.T) {
	for _, test := range []struct {
		name, method, target string
		status               int
		has, hasNot          []string
		retry                string
	}{
		{"unknown error", "GET", "/in?fail=odd", 500, []string{`data-error-code="internal"`, `href="/in?fail=odd"`, "Try again"}, nil, ""},
		{"unknown error of a form, which cannot be retried", "POST", "/in?fail=odd", 500, []string{`data-error-code="internal"`, `href="/home"`}, []string{">Try again<"}, ""},
		{"unavailable", "GET", "/in?fail=down", 503, []string{`data-error-code="unavailable"`, `href="/in?fail=down"`}, nil, "5"},
		{"forbidden", "GET", "/admin", 403, []string{`data-error-code="forbidden"`, `href="/customers"`}, nil, ""},
		{"a panic", "GET", "/in?panic", 500, []string{`data-error-code="internal"`}, nil, ""},
	} {
		b := newTestSite(t, "")
		w := b.do(test.method, test.target, "w")
		body := w.Body.String()
		if w.Code != test.status || w.Header().Get("Retry-After") != test.retry || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: status %d, headers %v, want %d, Retry-After %q", test.method, test.target, w.Code, w.Header(), test.status, test.retry)
		}
		for _, s := range test.has {
			if !strings.Contains(body, s) {
				t.Errorf("%s %s: body lacks %s:\n%s", test.method, test.target, s, body)
			}
		}
		for _, s := range append(test.hasNot, "secret reasons", "worker") {
			if strings.Contains(body, s) {
				t.Errorf("%s %s: body contains %s:\n%s", test.method, test.target, s, body)
			}
		}
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Vary"} {
			if w.Header().Get(name) == "" {
				t.Errorf("%s %s: header %s is missing", test.method, test.target, name)
			}
		}
	}
}

func TestSite_Log(t *testing.T) {
	b := newTestSite(t, "")
	b.do("GET", "/in?fail=odd&q=private", "w")
	b.do("GET", "/in?fail=down&q=private", "w")
	b.do("GET", "/in?panic&q=private", "w")
	b.do("GET", "/private", "w")
	log := b.log.String()
	for _, s := range []string{`code=internal error="odd: secret reasons"`, `code=unavailable error=`, "level=ERROR msg=panic", "fake_test.go"} {
		if !strings.Contains(log, s) {
			t.Errorf("the log lacks %s:\n%s", s, log)
		}
	}
	if strings.Contains(log, "private") || strings.Contains(log, "worker") {
		t.Errorf("the log contains private data:\n%s", log)
	}
	if n := strings.Count(log, "odd:"); n != 1 {
		t.Errorf("one failure is logged %d times", n)
	}
}

// A panic in Authenticate must not panic again while the error page is written.
func TestSite_PanicInAuthenticate(t *testing.T) {
	b := newTestSite(t, "")
	if w := b.do("GET", "/open", "explosive"); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), `data-error-code="internal"`) {
		t.Errorf("GET /open: status %d, want 500 with the internal code:\n%s", w.Code, w.Body)
	}
}

func TestSite_PanicAfterTheFirstByteAbortsTheConnection(t *testing.T) {
	b := newTestSite(t, "")
	server := httptest.NewServer(b)
	defer server.Close()
	if resp, err := http.Get(server.URL + "/open?late"); err == nil {
		resp.Body.Close()
		t.Errorf("Get(/open?late) = %v, want an error", resp.Status)
	}
}

func TestSite_WritesNothingToAClientThatIsGone(t *testing.T) {
	b := newTestSite(t, "")
	if w := b.do("GET", "/in?fail=gone", "w"); w.Code != http.StatusInternalServerError {
		t.Errorf("context.Canceled with the client still there: status %d, want 500", w.Code)
	}
	b.log.Reset()
	r := httptest.NewRequest("GET", "/in?fail=gone", nil)
	r.AddCookie(&http.Cookie{Name: "clientele", Value: "w"})
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r.WithContext(ctx))
	if w.Body.Len() != 0 || strings.Contains(b.log.String(), "request failed") {
		t.Errorf("client gone: body %q, want none; log:\n%s", w.Body, b.log)
	}
}

func TestSite_SessionCookie(t *testing.T) {
	until := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	for public, want := range map[string]string{
		"":                        "clientele=secret; Path=/; Expires=Thu, 24 Dec 2026 00:00:00 GMT; HttpOnly; SameSite=Lax",
		"http://crm.example.com":  "clientele=secret; Path=/; Expires=Thu, 24 Dec 2026 00:00:00 GMT; HttpOnly; SameSite=Lax",
		"https://crm.example.com": "__Host-clientele=secret; Path=/; Expires=Thu, 24 Dec 2026 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
	} {
		b := newTestSite(t, public)
		w := httptest.NewRecorder()
		b.site.SetSession(w, "secret", until)
		if got := w.Header().Get("Set-Cookie"); got != want {
			t.Errorf("public URL %q: SetSession wrote %q, want %q", public, got, want)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", strings.Split(want, ";")[0])
		if got := b.site.SessionSecret(r); got != "secret" {
			t.Errorf("public URL %q: SessionSecret() = %q, want secret", public, got)
		}
	}
	// Over https, a cookie without the __Host- prefix may be another host's.
	b := newTestSite(t, "https://crm.example.com")
	if w := b.do("GET", "/in", "w"); w.Code != http.StatusSeeOther {
		t.Errorf("cookie without prefix: status %d, want 303", w.Code)
	}
}

func TestViewer_Preferences(t *testing.T) {
	b := newTestSite(t, "")
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Language", "de-AT, en;q=0.5")
	v, err := b.site.Viewer(r)
	if err != nil || v.SignedIn || v.Locale.Tag() != "de" || v.ZoneChosen || v.Zone != time.UTC || v.IsAdmin() {
		t.Errorf("Viewer(anonymous) = %+v, %v", v, err)
	}
	b.site.Accounts = people{"w": {Identity: "worker", Role: account.RoleAdmin, Preferences: account.Preferences{Language: "ar", TimeZone: "Asia/Tokyo", Theme: "dark"}}}
	r.AddCookie(&http.Cookie{Name: "clientele", Value: "w"})
	v, err = b.site.Viewer(r)
	if err != nil || !v.SignedIn || v.Locale.Tag() != "ar" || !v.ZoneChosen || v.Zone.String() != "Asia/Tokyo" || !v.IsAdmin() {
		t.Errorf("Viewer(w) = %+v, %v", v, err)
	}
	base := v.Base("T", "tab")
	if base.Dir != "rtl" || base.Theme != "dark" || !base.Admin || base.Refresh != 0 || base.View != "list" {
		t.Errorf("Base(T, tab) = %+v", base)
	}
	at := string(v.TimeHTML(time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC)))
	if at != `<time datetime="2026-11-22T18:14:00+09:00">18:14</time>` {
		t.Errorf("TimeHTML() = %s", at)
	}
}

func TestForm(t *testing.T) {
	for name, body := range map[string]string{"bad escapes": "a=%zz", "too long": strings.Repeat("a=b&", 10_000)} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if err := auth.Form(httptest.NewRecorder(), r); err != auth.ErrForm {
			t.Errorf("Form(%s) = %v, want ErrForm", name, err)
		}
	}
	r := httptest.NewRequest("POST", "/?a=query", strings.NewReader("a=b"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := auth.Form(httptest.NewRecorder(), r); err != nil || r.PostForm.Get("a") != "b" {
		t.Errorf("Form(a=b) = %v with %v", err, r.PostForm)
	}
}

func TestHandler_Routes(t *testing.T) {
	b := newTestSite(t, "")
	h := b.Handler.(*auth.Handler)
	if routes := h.Routes(); len(routes) != 9 || routes[3].Path != "/admin" || routes[3].Permission != auth.Admin {
		t.Errorf("Routes() = %+v", routes)
	}
	if _, err := b.site.Handler(nil); err != nil {
		t.Errorf("Handler(nil) = %v", err)
	}
}
