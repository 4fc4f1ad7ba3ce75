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

func TestAnOldListIsAskedAnewForSomethingNewer(t *testing.T) {
	c, _, h, _ := newBench(t, nil)
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
		got := all(againAttr, a.body)
		if len(got) == 0 || html.UnescapeString(got[len(got)-1]) != again { // the details' stand last
			t.Fatalf("%s is asked anew at %q, want %s", path, got, again)
		}
		a.must(t, http.StatusOK, []string{`>Check again</a></noscript>`, "As of <time"}, "data-stale-code", "notice old")
		c.asked = nil
		b.get(again)
		// Rounded up: what is as old as this must not count as newer.
		if !slices.ContainsFunc(c.asked, func(q string) bool { return strings.HasSuffix(q, "newer than 11:00:00.002") }) {
			t.Errorf("%s asks the CRM %q", again, c.asked)
		}
	}
	c.asked = nil
	b.get("/customers/c1?newer=1000")
	for _, q := range c.asked {
		if strings.HasPrefix(q, "list") && strings.Contains(q, "newer") {
			t.Errorf("what the details are to be newer than is asked of the list too: %s", q)
		}
	}
	if got := all(againAttr, b.get("/customers?page=after-30").body); got != nil {
		t.Errorf("a later page of an old walk is asked anew at %q: its token stays in its walk", got)
	}
	for _, bad := range []string{"x", "-5", "0", "", "99999999999999999999", "9999999999999999", "1e3", "%00"} {
		c.asked = nil
		b.get("/customers?newer="+bad).must(t, http.StatusOK, []string{"data-customer-id"})
		if len(c.asked) != 1 || strings.Contains(c.asked[0], "newer") {
			t.Errorf("newer=%s asks the CRM %q", bad, c.asked)
		}
	}
	// A row leads to the customer, not to something newer about them.
	b.get("/customers?newer=1000").must(t, http.StatusOK, []string{`class="row" href="/customers/c1"`, `data-self="/customers"`})
}

func TestAServiceThatIsDownIsToldBesideTheOldList(t *testing.T) {
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
			c, _, h, _ := newBench(t, nil)
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
