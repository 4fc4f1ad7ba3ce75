package app_test

import (
	"errors"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

var againAttr = regexp.MustCompile(`data-again="([^"]*)"`)

func TestFreshness_NewerHref(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", many(40)...)
	b := signedIn(t, h, "alice")
	asOf := noon.Add(-time.Hour + 1500*time.Microsecond)
	c.meta = frontline.Meta{AsOf: asOf}
	for path, again := range map[string]string{
		"/customers":          "/customers?newer=1795345200002",
		"/customers?q=name":   "/customers?newer=1795345200002&q=name",
		"/customers/c1":       "/customers/c1?newer=1795345200002",
		"/customers/c1?q=nam": "/customers/c1?newer=1795345200002&q=nam",
	} {
		a := b.get(path)
		got := submatches(againAttr, a.body)
		if len(got) == 0 || html.UnescapeString(got[len(got)-1]) != again { // that of the details is last
			t.Fatalf("GET %s: data-again %q, want %s", path, got, again)
		}
		a.must(t, http.StatusOK, []string{`>Check again</a></noscript>`, "As of <time"}, "data-stale-code", "notice old")
		c.requests = nil
		b.get(again)
		// Rounded up: what is as old as this must not count as newer.
		if !slices.ContainsFunc(c.requests, func(q string) bool { return strings.HasSuffix(q, "newer than 11:00:00.002") }) {
			t.Errorf("GET %s: CRM requests %q, want one newer than 11:00:00.002", again, c.requests)
		}
	}
	c.requests = nil
	b.get("/customers/c1?newer=1000")
	for _, q := range c.requests {
		if strings.HasPrefix(q, "list") && strings.Contains(q, "newer") {
			t.Errorf("newer applies to the list beside the details too: %s", q)
		}
	}
	if got := submatches(againAttr, b.get("/customers?page=after-30").body); got != nil {
		t.Errorf("GET of a later page: data-again %q, want none: its token belongs to an old snapshot", got)
	}
	for _, bad := range []string{"x", "-5", "0", "", "99999999999999999999", "9999999999999999", "1e3", "%00"} {
		c.requests = nil
		b.get("/customers?newer="+bad).must(t, http.StatusOK, []string{"data-customer-id"})
		if len(c.requests) != 1 || strings.Contains(c.requests[0], "newer") {
			t.Errorf("GET with newer=%s: CRM requests %q, want one without newer", bad, c.requests)
		}
	}
	// The links of rows do not request newer data.
	b.get("/customers?newer=1000").must(t, http.StatusOK, []string{`class="row" href="/customers/c1"`, `data-self="/customers"`})
}

func TestFreshness_StaleData(t *testing.T) {
	for _, test := range []struct {
		name        string
		why         error
		code        string
		retry       string
		has, hasNot []string
	}{
		{"an error status", &frontline.CallbackError{Code: 48004, Status: 429, Err: errors.New("secret")}, "48004", "10", []string{"<small>Error code 48004</small>"}, nil},
		{"too slow", &frontline.CallbackError{Code: 48005}, "48005", "10", []string{"<small>Error code 48005</small>"}, nil},
		{"left alone for a while", &frontline.UnavailableError{RetryAfter: 1500 * time.Millisecond, Err: errors.New("secret")}, "unavailable", "2", nil, []string{"<small>"}},
		{"left alone for long", &frontline.UnavailableError{RetryAfter: time.Hour}, "unavailable", "10", nil, []string{"<small>"}},
		{"any other", errors.New("secret"), "internal", "10", nil, []string{"<small>"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _, h, _ := newTestApp(t, nil)
			c.add("alice", named("Anna")...)
			c.meta = frontline.Meta{AsOf: noon.Add(-166 * time.Minute), Stale: test.why}
			b := signedIn(t, h, "alice")
			for _, path := range []string{"/customers", "/customers?q=a", "/customers/id-0"} {
				a := b.get(path)
				a.must(t, http.StatusOK, append(test.has, `data-as-of="2026-11-22T09:14:00Z"`, `data-again="`, `data-stale-code="`+test.code+`"`, `data-retry-after="`+test.retry+`"`, "nna", "09:14</time>.</strong>", "Your CRM isn’t responding. We’ll keep trying."),
					append(test.hasNot, "secret", "data-error-code", "data-pending", "http-equiv")...)
			}
			b.get("/customers").must(t, http.StatusOK, []string{"Showing your list from"})
		})
	}
}
