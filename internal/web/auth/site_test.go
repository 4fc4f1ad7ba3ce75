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

func TestMethodsThatARouteDoesNotAnswer(t *testing.T) {
	b := newBench(t, "")
	for _, test := range []struct{ method, path, allow string }{
		{"POST", "/read", "GET, HEAD"}, {"GET", "/write", "POST"}, {"HEAD", "/write", "POST"},
		{"PUT", "/open", "GET, HEAD, POST"}, {"DELETE", "/in", "GET, HEAD, POST"}, {"PROPFIND", "/admin", "GET, HEAD, POST"}, {"TRACE", "/read", "GET, HEAD"},
	} {
		for _, secret := range []string{"", "w", "a", "broken"} {
			w := b.ask(test.method, test.path, secret)
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != test.allow {
				t.Errorf("%s %s as %q: status %d, allows %q, want %q", test.method, test.path, secret, w.Code, w.Header().Get("Allow"), test.allow)
			}
		}
	}
	if len(b.acted) != 0 {
		t.Errorf("done was %q", b.acted)
	}
	if w := b.ask("GET", "/nowhere", "a"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), `data-error-code="no-page"`) {
		t.Errorf("a path that nobody has answers %d", w.Code)
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	b := newBench(t, "")
	for _, target := range []string{"/read?fail=odd", "/nowhere", "/admin"} {
		get, head := b.ask("GET", target, "w"), b.ask("HEAD", target, "w")
		if head.Code != get.Code || head.Body.Len() != 0 || head.Header().Get("Content-Length") != get.Header().Get("Content-Length") {
			t.Errorf("HEAD %s: %d with %d bytes and %v; GET: %d and %v", target, head.Code, head.Body.Len(), head.Header(), get.Code, get.Header())
		}
	}
}

func TestErrorsBecomePages(t *testing.T) {
	for _, test := range []struct {
		name, method, target string
		status               int
		has, hasNot          []string
		retry                string
	}{
		{"an error that nobody knows", "GET", "/in?fail=odd", 500, []string{`data-error-code="internal"`, `href="/in?fail=odd"`, "Try again"}, nil, ""},
		{"the same of a form, which cannot be asked again", "POST", "/in?fail=odd", 500, []string{`data-error-code="internal"`, `href="/home"`}, []string{">Try again<"}, ""},
		{"something that is down", "GET", "/in?fail=down", 503, []string{`data-error-code="unavailable"`, `href="/in?fail=down"`}, nil, "5"},
		{"not for this person", "GET", "/admin", 403, []string{`data-error-code="forbidden"`, `href="/customers"`}, nil, ""},
		{"a panic", "GET", "/in?panic", 500, []string{`data-error-code="internal"`}, nil, ""},
	} {
		b := newBench(t, "")
		w := b.ask(test.method, test.target, "w")
		body := w.Body.String()
		if w.Code != test.status || w.Header().Get("Retry-After") != test.retry || w.Header().Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s: status %d, headers %v", test.name, w.Code, w.Header())
		}
		for _, s := range test.has {
			if !strings.Contains(body, s) {
				t.Errorf("%s: the page lacks %s:\n%s", test.name, s, body)
			}
		}
		for _, s := range append(test.hasNot, "secret reasons", "worker") {
			if strings.Contains(body, s) {
				t.Errorf("%s: the page has %s:\n%s", test.name, s, body)
			}
		}
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Vary"} {
			if w.Header().Get(name) == "" {
				t.Errorf("%s: the page lacks %s", test.name, name)
			}
		}
	}
}

func TestWhatIsWrittenDown(t *testing.T) {
	b := newBench(t, "")
	b.ask("GET", "/in?fail=odd&q=private", "w")
	b.ask("GET", "/in?fail=down&q=private", "w")
	b.ask("GET", "/in?panic&q=private", "w")
	b.ask("GET", "/private", "w")
	log := b.log.String()
	for _, s := range []string{`level=ERROR msg="request failed" route="GET /in" err="odd: secret reasons"`, `level=WARN msg="cannot answer" route="GET /in" code=unavailable`, "level=ERROR msg=panic", "fake_test.go"} {
		if !strings.Contains(log, s) {
			t.Errorf("the log lacks %s:\n%s", s, log)
		}
	}
	if strings.Contains(log, "private") || strings.Contains(log, "worker") {
		t.Errorf("the log tells:\n%s", log)
	}
	if n := strings.Count(log, `msg="request failed"`); n != 1 {
		t.Errorf("one failure is written down %d times", n)
	}
}

// A panic of the accounts themselves must not bring the error page down with it.
func TestAPanicWhileFindingOutWhoAsks(t *testing.T) {
	b := newBench(t, "")
	if w := b.ask("GET", "/open", "explosive"); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), `data-error-code="internal"`) {
		t.Errorf("status %d:\n%s", w.Code, w.Body)
	}
}

func TestAPanicAfterTheFirstByteBreaksTheConnection(t *testing.T) {
	b := newBench(t, "")
	server := httptest.NewServer(b)
	defer server.Close()
	if answer, err := http.Get(server.URL + "/open?late"); err == nil {
		answer.Body.Close()
		t.Errorf("half an answer looks like a whole one: %v", answer.Status)
	}
}

func TestSomebodyWhoHasLeftIsToldNothing(t *testing.T) {
	b := newBench(t, "")
	if w := b.ask("GET", "/in?fail=gone", "w"); w.Code != http.StatusInternalServerError {
		t.Errorf("a cancelled answer to somebody who waits has status %d", w.Code)
	}
	b.log.Reset()
	r := httptest.NewRequest("GET", "/in?fail=gone", nil)
	r.AddCookie(&http.Cookie{Name: "clientele", Value: "w"})
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r.WithContext(ctx))
	if w.Body.Len() != 0 || strings.Contains(b.log.String(), "request failed") {
		t.Errorf("%q was written, and in the log:\n%s", w.Body, b.log)
	}
}

func TestTheSessionCookie(t *testing.T) {
	until := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	for public, want := range map[string]string{
		"":                        "clientele=secret; Path=/; Expires=Thu, 24 Dec 2026 00:00:00 GMT; HttpOnly; SameSite=Lax",
		"http://crm.example.com":  "clientele=secret; Path=/; Expires=Thu, 24 Dec 2026 00:00:00 GMT; HttpOnly; SameSite=Lax",
		"https://crm.example.com": "__Host-clientele=secret; Path=/; Expires=Thu, 24 Dec 2026 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
	} {
		b := newBench(t, public)
		w := httptest.NewRecorder()
		b.site.SetSession(w, "secret", until)
		if got := w.Header().Get("Set-Cookie"); got != want {
			t.Errorf("%q: the cookie is %q, want %q", public, got, want)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", strings.Split(want, ";")[0])
		if got := b.site.SessionSecret(r); got != "secret" {
			t.Errorf("%q: the secret is read as %q", public, got)
		}
	}
	// Over https, a cookie that another host of the domain could set is not believed.
	b := newBench(t, "https://crm.example.com")
	if w := b.ask("GET", "/in", "w"); w.Code != http.StatusSeeOther {
		t.Errorf("a cookie without its prefix answers %d", w.Code)
	}
}

func TestAVisitReadsAsThePersonChose(t *testing.T) {
	b := newBench(t, "")
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Language", "de-AT, en;q=0.5")
	v, err := b.site.Viewer(r)
	if err != nil || v.SignedIn || v.Locale.Tag() != "de" || v.ZoneChosen || v.Zone != time.UTC || v.IsAdmin() {
		t.Errorf("a stranger's visit: %+v, %v", v, err)
	}
	b.site.Accounts = people{"w": {Identity: "worker", Role: account.RoleAdmin, Preferences: account.Preferences{Language: "ar", TimeZone: "Asia/Tokyo", Theme: "dark"}}}
	r.AddCookie(&http.Cookie{Name: "clientele", Value: "w"})
	v, err = b.site.Viewer(r)
	if err != nil || !v.SignedIn || v.Locale.Tag() != "ar" || !v.ZoneChosen || v.Zone.String() != "Asia/Tokyo" || !v.IsAdmin() {
		t.Errorf("the visit: %+v, %v", v, err)
	}
	base := v.Base("T", "tab")
	if base.Dir != "rtl" || base.Theme != "dark" || !base.Admin || base.Refresh != 0 || base.View != "list" {
		t.Errorf("its page: %+v", base)
	}
	at := string(v.TimeHTML(time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC)))
	if at != `<time datetime="2026-11-22T18:14:00+09:00">18:14</time>` {
		t.Errorf("a time reads %s", at)
	}
}

func TestFormsAreBounded(t *testing.T) {
	for name, body := range map[string]string{"bad escapes": "a=%zz", "far too long": strings.Repeat("a=b&", 10_000)} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if err := auth.Form(httptest.NewRecorder(), r); err != auth.ErrForm {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := httptest.NewRequest("POST", "/?a=query", strings.NewReader("a=b"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := auth.Form(httptest.NewRecorder(), r); err != nil || r.PostForm.Get("a") != "b" {
		t.Errorf("a form: %v, %v", r.PostForm, err)
	}
}

func TestTheTableOfRoutesCanBeRead(t *testing.T) {
	b := newBench(t, "")
	h := b.Handler.(*auth.Handler)
	if routes := h.Routes(); len(routes) != 7 || routes[2].Path != "/admin" || routes[2].Permission != auth.Admin {
		t.Errorf("the routes are %+v", routes)
	}
	if _, err := b.site.Handler(nil); err != nil {
		t.Error(err)
	}
}
