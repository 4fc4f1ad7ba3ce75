package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

const bob = "bob@example.com"

// TestExternal_Failures opens the list of a failing service with an empty cache: the
// worker sees the error in time, and never an empty list.
func TestExternal_Failures(t *testing.T) {
	for _, c := range []struct {
		how, code string
		all       time.Duration // within which the error comes
		args      []string      // of the service
	}{
		{how: "down", code: "48004", all: maxResponseTime},
		{how: "html500", code: "48004", all: maxResponseTime},
		{how: "normal&status=403", code: "48004", all: maxResponseTime},
		{how: "normal&status=404", code: "48004", all: maxResponseTime},
		{how: "redirect", code: "48004", all: maxResponseTime},
		{how: "redirect&redirect=301", code: "48004", all: maxResponseTime},
		{how: "redirect&redirect=302&location=/control/log", code: "48004", all: maxResponseTime},
		{how: "truncated", code: "48003", all: maxResponseTime},
		{how: "oversize", code: "48003", all: maxResponseTime},
		{how: "normal", code: "48004", all: maxResponseTime, args: []string{"-auth-token", "another"}}, // 403
		{how: "slow&delay=30s", code: "48005", all: frontline.CallTimeout + maxResponseTime},
		{how: "trickle", code: "48005", all: frontline.CallTimeout + maxResponseTime},
	} {
		t.Run(c.how+strings.Join(c.args, ""), func(t *testing.T) {
			t.Parallel()
			in, secrets := staff(t, bob)
			f := startExternal(t, c.how, c.args...)
			srv := in.serveExternal(t, f)
			v := srv.client(t, secrets[bob])
			s, first := v.read("/customers")
			t.Logf("first response after %v, the error after %v", first.Round(time.Millisecond), s.took.Round(time.Millisecond))
			if s.code != c.code || s.none || s.status < 500 {
				t.Errorf("shows code %q, status %d, as an empty list %v; want %s\n%s", s.code, s.status, s.none, c.code, s.body)
			}
			if first > maxResponseTime || s.took > c.all {
				t.Errorf("the first response came after %v, the error after %v; want within %v and %v", first, s.took, maxResponseTime, c.all)
			}
			for _, secret := range []string{f.url, "TypeError", "providers"} {
				if strings.Contains(s.body, secret) {
					t.Errorf("the page shows %q to the worker", secret)
				}
			}
			for _, r := range f.log(t).Requests {
				if want := map[bool]string{true: "wrong", false: "unchecked"}[c.args != nil]; r.Signature != want {
					t.Errorf("the service got %+v", r)
				}
			}
			if n := len(f.log(t).Requests); n > 4 {
				t.Errorf("one view of the list made %d requests", n)
			}
			// When the service recovers, so does the list: at once, or when the breaker retries.
			if c.args != nil {
				return
			}
			f.behave(t, "normal")
			eventually(t, "the list has recovered", func() bool {
				s, _ = v.read("/customers")
				return len(s.ids) == 30
			})
			v.complete("/customers", f.list(t, bob))
		})
	}
}

// TestExternal_ErrorBetweenPages follows the list into an error: the rows stay, the error
// stands where the next page would be, and Try again completes the list.
func TestExternal_ErrorBetweenPages(t *testing.T) {
	in, secrets := staff(t, bob)
	f := startExternal(t, "token&fail_from=60&customers=100")
	srv := in.serveExternal(t, f)
	v := srv.client(t, secrets[bob])
	all := f.list(t, bob)
	ids, last := v.walk("/customers")
	if len(ids) != 60 || last.code != "48004" || last.none {
		t.Errorf("walk() = %d rows, and ended with code %q, want 60 and 48004\n%s", len(ids), last.code, last.body)
	}
	f.behave(t, "token&customers=100")
	eventually(t, "Try again completes the list", func() bool {
		rest, end := v.walk(last.path)
		if got := len(ids) - len(last.ids) + len(rest); end.code == "" && got != len(all) {
			t.Errorf("after Try again there are %d rows, want %d", got, len(all))
		}
		return end.code == ""
	})
	v.complete("/customers", all)
}

// TestExternal_Flapping has every second response fail: retrying completes the list, and a
// cached list is never replaced by an error.
func TestExternal_Flapping(t *testing.T) {
	in, secrets := staff(t, bob)
	f := startExternal(t, "flapping")
	srv := in.serveExternal(t, f)
	v := srv.client(t, secrets[bob])
	want := f.list(t, bob)
	path, got, tries := "/customers", 0, 0
	for got < len(want) {
		if tries++; tries > 200 {
			t.Fatalf("after %d tries there are %d rows of %d", tries, got, len(want))
		}
		s, _ := v.read(path)
		switch {
		case s.code != "":
			time.Sleep(100 * time.Millisecond)
		case s.none:
			t.Fatalf("shows an empty list:\n%s", s.body)
		default:
			got += len(s.ids)
			path = s.next
		}
		if path == "" {
			break
		}
	}
	if got != len(want) {
		t.Errorf("Try again returned %d rows, want %d", got, len(want))
	}
	for range 10 {
		if s, _ := v.read("/customers"); s.code != "" || len(s.ids) != 30 || s.status != http.StatusOK {
			t.Errorf("the cached list shows %d rows, code %q, status %d", len(s.ids), s.code, s.status)
		}
	}
}
