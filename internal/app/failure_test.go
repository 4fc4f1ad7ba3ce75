package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
)

func TestFailure_Pages(t *testing.T) {
	reason := errors.New("secret reason at https://crm.internal/x?worker=alice")
	for _, test := range []struct {
		name   string
		err    error
		status int
		code   string
		says   string
	}{
		{"not set", &frontline.CallbackError{Code: 48001, Err: reason}, 502, "48001", "isn’t connected yet"},
		{"unreadable", &frontline.CallbackError{Code: 48003, Status: 200, Err: reason}, 502, "48003", "invalid response"},
		{"error status", &frontline.CallbackError{Code: 48004, Status: 500, Err: reason}, 502, "48004", "Your CRM isn’t available"},
		{"timeout", &frontline.CallbackError{Code: 48005, Err: reason}, 504, "48005", "took too long to respond"},
		{"payload", &frontline.CallbackError{Code: 48000, Err: reason}, 502, "48000", "rejected the request"},
		{"unpublished code", &frontline.CallbackError{Code: 49999, Err: reason}, 502, "49999", "Your CRM isn’t available"},
		{"unavailable", &frontline.UnavailableError{RetryAfter: 1500 * time.Millisecond, Err: reason}, 503, "unavailable", "Can’t show your customers right now"},
		{"audit unavailable", fmt.Errorf("%w: %w", audit.ErrUnavailable, reason), 503, "unavailable", "Can’t show your customers right now"},
		{"unavailable without RetryAfter", &frontline.UnavailableError{Err: reason}, 503, "unavailable", "Can’t show your customers right now"},
		{"internal", reason, 500, "internal", "Something went wrong"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _, h, log := newTestApp(t, nil)
			b := signedIn(t, h, "alice")
			c.fail = test.err
			for _, path := range []string{"/customers", "/customers?q=x", "/customers/1"} {
				a := b.get(path)
				a.must(t, test.status, []string{`data-error-code="` + test.code + `"`, test.says, "Try again", `href="` + path + `"`}, "secret", "No customers yet", "crm.internal")
				want := map[string]string{"unavailable": "2", "unavailable without RetryAfter": "5", "audit unavailable": "5"}[test.name]
				if got := a.Header.Get("Retry-After"); got != want {
					t.Errorf("GET %s: Retry-After %q, want %q", path, got, want)
				}
				b.getPart(path, "list").must(t, test.status, []string{`data-error-code="` + test.code + `"`}, "secret")
			}
			if !strings.Contains(log.String(), "secret reason") {
				t.Error("the log lacks the reason")
			}
		})
	}
}

func TestFailure_OfTheListBesideDetails(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "The One"})
	b := signedIn(t, h, "alice")
	c.failList = &frontline.CallbackError{Code: 48005}
	b.get("/customers/1").must(t, http.StatusOK, []string{"The One</bdi></h1>", `data-error-code="48005"`})
}

func TestFailure_InvalidPageToken(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", many(40)...)
	b := signedIn(t, h, "alice")
	for _, token := range []string{"bogus", "after-999", strings.Repeat("x", 5000), "%00", "%FF", "%3Cscript%3E"} {
		b.get("/customers?q=name&page="+token).must(t, http.StatusBadRequest,
			[]string{`data-error-code="48000"`, "This part of your list has changed", `href="/customers?q=name"`}, "<script>", `rel="next"`)
	}
	if n := len(c.requests); n > 10 {
		t.Errorf("GET /customers with invalid page tokens: %d CRM requests, want 10 at most", n)
	}
}

func TestFailure_Panics(t *testing.T) {
	c, _, h, log := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	c.panics = true
	b.get("/customers").must(t, http.StatusInternalServerError, []string{`data-error-code="internal"`})
	b.get("/customers/1").must(t, http.StatusInternalServerError, []string{`data-error-code="internal"`})
	if !strings.Contains(log.String(), "fakecrm_test.go") {
		t.Errorf("the log lacks the file of the panic:\n%s", log)
	}
}

func TestFailure_AccountsUnavailable(t *testing.T) {
	_, p, h, log := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	p.fail = account.ErrUnavailable
	b.get("/customers?q=anna").must(t, http.StatusServiceUnavailable, []string{`data-error-code="unavailable"`, "Try again", `href="/customers?q=anna"`}, "data-customer-id")
	b.get("/signin").must(t, http.StatusOK, []string{`name="identity"`}, "No one can sign in yet")
	b.post("/signin", "identity", "alice", "password", "correct horse").must(t, http.StatusServiceUnavailable, []string{"isn’t available right now", `value="alice"`}, "correct horse")
	b.post("/signout").must(t, http.StatusServiceUnavailable, []string{`data-error-code="unavailable"`})
	if strings.Contains(log.String(), "correct horse") || strings.Contains(log.String(), "anna") {
		t.Errorf("the log contains private data:\n%s", log)
	}
}

func TestFailure_UnreadableForms(t *testing.T) {
	_, _, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	for _, path := range []string{"/signin", "/account/preferences", "/account/password", "/account/sessions/revoke"} {
		for name, r := range map[string]*http.Request{
			"bad escapes":  httptest.NewRequest("POST", path, strings.NewReader("identity=%zz")),
			"far too long": httptest.NewRequest("POST", path, bytes.NewReader(bytes.Repeat([]byte("a=b&"), 100_000))),
		} {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			a := b.do(r)
			if a.StatusCode != http.StatusBadRequest || !strings.Contains(a.body, `data-error-code="bad-form"`) {
				t.Errorf("POST %s, %s: status %d, want 400", path, name, a.StatusCode)
			}
		}
		for _, kind := range []string{"", "application/json", "multipart/form-data", "text/plain", "nonsense/;;"} {
			r := httptest.NewRequest("POST", path, strings.NewReader(`{"a":1}`))
			r.Header.Set("Content-Type", kind)
			if a := b.do(r); a.StatusCode >= 500 {
				t.Errorf("POST %s as %q: status %d, want below 500", path, kind, a.StatusCode)
			}
		}
	}
}
