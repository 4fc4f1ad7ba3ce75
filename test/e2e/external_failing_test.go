package e2e

import (
	"net/http"
	"testing"
	"time"
)

const bob = "bob@example.com"

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
