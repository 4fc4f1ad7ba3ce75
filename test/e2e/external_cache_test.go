package e2e

import (
	"bytes"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestExternal_SlowFirstRequest opens a list that takes 3 s: the waiting page shows
// first, and the list when the service has responded.
func TestExternal_SlowFirstRequest(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, bob)
	f := startExternal(t, "slow&delay=3s&customers=20")
	srv := in.serveExternal(t, f)
	v := srv.client(t, secrets[bob])
	s := v.get("/customers")
	if !s.pending || s.none || s.code != "" {
		t.Errorf("after %v: pending %v, code %q, an empty list %v; want a waiting page\n%s", s.took, s.pending, s.code, s.none, s.body)
	}
	if !strings.Contains(s.body, `http-equiv="refresh"`) {
		t.Error("with scripts off the waiting page does not fill itself in")
	}
	t.Logf("the waiting page came after %v", s.took.Round(time.Millisecond))
	s, _ = v.read("/customers")
	t.Logf("the list came after another %v", s.took.Round(time.Millisecond))
	if len(s.ids) != 20 {
		t.Errorf("read(/customers): %d rows, code %q; want 20", len(s.ids), s.code)
	}
	// A second request is for further rows, since pages may be short.
	if n := len(f.log(t).Requests); n > 2 {
		t.Errorf("the service got %d requests for one list", n)
	}
}

// maxResponseTime is the limit for responses that do not wait for the service, even on a
// busy machine. Program test/bench measures response times.
const maxResponseTime = 5 * time.Second

// TestExternal_SecondRequestIsCached opens the list of a service that takes 3 s a second time,
// and does not wait for it.
func TestExternal_SecondRequestIsCached(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, bob)
	f := startExternal(t, "slow&delay=3s")
	srv := in.serveExternal(t, f)
	v := srv.client(t, secrets[bob])
	if s, _ := v.read("/customers"); len(s.ids) != 30 {
		t.Fatalf("the first load shows %d rows, code %q", len(s.ids), s.code)
	}
	begun := time.Now()
	var times []time.Duration
	for i := range 20 {
		if i == 10 {
			waitUntilStale()
		}
		s := v.get("/customers")
		times = append(times, s.took)
		if len(s.ids) != 30 || s.pending || i >= 10 && s.asOf == "" {
			t.Fatalf("the second load shows %d rows, pending %v, as of %q", len(s.ids), s.pending, s.asOf)
		}
		if age := since(t, s.asOf); s.asOf != "" && (age < 0 || age > time.Minute) {
			t.Errorf("the list is as of %s, %v ago", s.asOf, age)
		}
	}
	slices.Sort(times)
	t.Logf("with a service that takes 3 s, loading again takes %v (median), %v at most", times[10].Round(10*time.Microsecond), times[19].Round(10*time.Microsecond))
	if times[10] > 1500*time.Millisecond {
		t.Errorf("half of the loads took %v and more: they waited for the service", times[10])
	}
	// One request at a time, not one for each page view.
	if log, most := f.log(t), 4+int(time.Since(begun)/(3*time.Second)); log.MaxInFlight > 2 || len(log.Requests) > most {
		t.Errorf("the service got %d requests, %d at once", len(log.Requests), log.MaxInFlight)
	}
}

// waitUntilStale waits until a second load of a page requests fresh data.
func waitUntilStale() { time.Sleep(300 * time.Millisecond) }

func since(t *testing.T, stamp string) time.Duration {
	t.Helper()
	if stamp == "" {
		return 0
	}
	at, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		t.Errorf("data-as-of is %q: %v", stamp, err)
	}
	return time.Since(at)
}

// TestExternal_DownAfterSuccess kills the service and starts it again: the worker reads on,
// sees that the list is stale, and then the fresh list. A restart of the program in
// between keeps the cache.
func TestExternal_DownAfterSuccess(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, bob, alice)
	f := startExternal(t, "normal")
	srv := in.serveExternal(t, f)
	v := srv.client(t, secrets[bob])
	want := f.list(t, bob)
	v.complete("/customers", want)
	seen, unseen := want[3], want[40]
	name := v.get(customerPath(seen)).body
	if !strings.Contains(name, "Customer ") {
		t.Fatalf("the details show no text of the service:\n%s", name)
	}
	f.kill()
	waitUntilStale()

	down := func(v *client, when string) {
		t.Helper()
		s, first := v.read("/customers")
		if s.asOf == "" || s.code != "" || len(s.ids) != 30 || first > maxResponseTime {
			t.Errorf("%s: %d rows, as of %q, code %q, after %v", when, len(s.ids), s.asOf, s.code, first)
		}
		v.complete("/customers", want)
		d, _ := v.read(customerPath(seen))
		if d.status != http.StatusOK || !strings.Contains(d.body, "Customer ") || d.asOf == "" {
			t.Errorf("%s: details seen before have status %d, as of %q, code %q", when, d.status, d.asOf, d.code)
		}
		if d, _ = v.read(customerPath(unseen)); d.code != "48004" {
			t.Errorf("%s: details not in the cache have status %d, code %q, want 48004", when, d.status, d.code)
		}
	}
	down(v, "down")
	// A page that requested fresh data shows why it is stale.
	eventually(t, "the list shows why it is stale", func() bool {
		return strings.Contains(v.get("/customers").body, `class="notice`)
	})
	if s, _ := srv.client(t, secrets[alice]).read("/customers"); s.code != "48004" || s.none {
		t.Errorf("a worker without a cache sees code %q, an empty list %v; want 48004", s.code, s.none)
	}

	srv.stop(t)
	srv = in.serveExternal(t, f)
	v = srv.client(t, secrets[bob])
	down(v, "down, and restarted")
	in.checkEncrypted(t, want[0], "Adeyemi", f.callbackURL())

	f.restart(t)
	f.behave(t, "normal&deleted="+want[0]+","+seen)
	eventually(t, "back again, the list is fresh", func() bool {
		s := v.get("/customers")
		return len(s.ids) == 30 && !slices.Contains(s.ids, want[0])
	})
	// The old details may be shown once more while the fresh ones are fetched.
	eventually(t, "the customer deleted at the service is gone", func() bool {
		d, _ := v.read(customerPath(seen))
		return d.status == http.StatusNotFound
	})
}

// checkEncrypted checks that no file of the database holds words in plain text.
func (in installation) checkEncrypted(t *testing.T, words ...string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(in.database + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, word := range words {
			if bytes.Contains(data, []byte(word)) {
				t.Errorf("the file clientele.db%s holds %q in plain text", suffix, word)
			}
		}
	}
}

// TestExternal_ChangedURL changes the callback URL: nothing of the first service shows any
// more, even when the second is down.
func TestExternal_ChangedURL(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, bob)
	first := startExternal(t, "normal")
	srv := in.serveExternal(t, first)
	srv.client(t, secrets[bob]).complete("/customers", first.list(t, bob))
	srv.stop(t)
	second := startExternal(t, "down")
	srv = in.serveExternal(t, second)
	v := srv.client(t, secrets[bob])
	if s, _ := v.read("/customers"); len(s.ids) != 0 || s.code != "48004" {
		t.Errorf("after the URL changed: %d rows, code %q", len(s.ids), s.code)
	}
	if d, _ := v.read(customerPath(first.list(t, bob)[0])); d.status == http.StatusOK {
		t.Error("after the URL changed, details of the first service show")
	}
	srv.stop(t)
	// Without a URL the built-in service is used, which has no customers here.
	srv = start(t, "serve", "--database", in.database, "--auth-token", authToken)
	v = srv.client(t, secrets[bob])
	if s, _ := v.read("/customers"); !s.none || s.status != http.StatusOK {
		t.Errorf("with the built-in service: %d rows, code %q, status %d", len(s.ids), s.code, s.status)
	}
}
