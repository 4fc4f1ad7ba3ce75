package app_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/app"
)

// client is a browser without scripts: it keeps cookies and does not follow.
type client struct {
	t       testing.TB
	h       http.Handler
	cookies map[string]string
	header  http.Header
}

// response is what came.
type response struct {
	*http.Response
	body string
}

// signedIn answers a browser in which identity is signed in.
func signedIn(t testing.TB, h http.Handler, identity string) *client {
	t.Helper()
	b := &client{t: t, h: h, cookies: make(map[string]string), header: make(http.Header)}
	a := b.post("/signin", "identity", identity, "password", "correct horse")
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in answered %d:\n%s", a.StatusCode, a.body)
	}
	return b
}

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
	return response{res, string(body)}
}

func (b *client) get(target string) response {
	b.t.Helper()
	return b.do(httptest.NewRequest("GET", target, nil))
}

// getPart asks as the script does.
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

// must checks a status, and what the body has and has not.
func (a response) must(t testing.TB, status int, has []string, hasNot ...string) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("the answer:\n%.3000s", a.body[max(0, strings.Index(a.body, "<body")):])
		}
	}()
	if a.StatusCode != status {
		t.Errorf("status %d, want %d", a.StatusCode, status)
	}
	for _, s := range has {
		if !strings.Contains(a.body, s) {
			t.Errorf("the answer lacks %q", s)
		}
	}
	for _, s := range hasNot {
		if strings.Contains(a.body, s) {
			t.Errorf("the answer has %q", s)
		}
	}
}

// newTestApp makes an app with a CRM and people, with alice in it.
func newTestApp(t testing.TB, change func(*app.Options)) (*fakeCRM, *fakeAccounts, http.Handler, *bytes.Buffer) {
	t.Helper()
	c, p, log := &fakeCRM{}, newFakeAccounts(clock, "alice", "bob"), new(bytes.Buffer)
	return c, p, newApp(t, c, p, log, change), log
}
