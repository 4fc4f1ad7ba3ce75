package app_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/app"
)

// client is a browser without scripts that stores cookies and does not follow redirects.
type client struct {
	t       testing.TB
	h       http.Handler
	cookies map[string]string
	header  http.Header
}

// response is the response to a call like "GET /customers".
type response struct {
	*http.Response
	call, body string
}

// signedIn returns a client in which identity is signed in.
func signedIn(t testing.TB, h http.Handler, identity string) *client {
	t.Helper()
	b := &client{t: t, h: h, cookies: make(map[string]string), header: make(http.Header)}
	a := b.post("/signin", "identity", identity, "password", "correct horse")
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in of %s: status %d:\n%s", identity, a.StatusCode, a.body)
	}
	return b
}

// newClient returns a client that is not signed in.
func newClient(t testing.TB, h http.Handler) *client {
	return &client{t: t, h: h, cookies: make(map[string]string), header: make(http.Header)}
}

func (b *client) do(r *http.Request) response {
	b.t.Helper()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for name, values := range b.header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	res := w.Result()
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response{res, r.Method + " " + r.URL.RequestURI(), string(body)}
}

func (b *client) get(target string) response {
	b.t.Helper()
	return b.do(httptest.NewRequest("GET", target, nil))
}

// getPart requests a part of a page, as the script does.
func (b *client) getPart(target, part string) response {
	b.t.Helper()
	r := httptest.NewRequest("GET", target, nil)
	r.Header.Set("Clientele-Part", part)
	return b.do(r)
}

func (b *client) post(target string, fields ...string) response {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func contains(s, part string) bool { return strings.Contains(s, part) }

// must checks the status, and that the body contains has and does not contain hasNot.
func (a response) must(t testing.TB, status int, has []string, hasNot ...string) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("%s: body:\n%.3000s", a.call, a.body[max(0, strings.Index(a.body, "<body")):])
		}
	}()
	if a.StatusCode != status {
		t.Errorf("%s: status %d, want %d", a.call, a.StatusCode, status)
	}
	for _, s := range has {
		if !strings.Contains(a.body, s) {
			t.Errorf("%s: body lacks %q", a.call, s)
		}
	}
	for _, s := range hasNot {
		if strings.Contains(a.body, s) {
			t.Errorf("%s: body contains %q", a.call, s)
		}
	}
}

// newTestApp returns an app with its fakes, with the people alice and bob, and its log.
func newTestApp(t testing.TB, change func(*app.Options)) (crm *fakeCRM, accounts *fakeAccounts, h http.Handler, log *syncBuffer) {
	t.Helper()
	crm, accounts, log = &fakeCRM{}, newFakeAccounts(clock, "alice", "bob"), new(syncBuffer)
	return crm, accounts, newApp(t, crm, accounts, log, change), log
}

// noon is the time of the fake clock.
var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// newApp returns an app over c and p that logs to log.
func newApp(t testing.TB, c *fakeCRM, p *fakeAccounts, log io.Writer, change func(*app.Options)) http.Handler {
	t.Helper()
	o := app.Options{CRM: c, Accounts: p, Logger: slog.New(slog.NewTextHandler(log, nil)), Now: clock, Zone: time.UTC}
	if change != nil {
		change(&o)
	}
	h, err := app.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// syncBuffer is a buffer that can be read while it is written: a list loaded beside
// details may outlive its request.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf.Reset()
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
