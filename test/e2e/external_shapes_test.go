package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// crowd is how many workers open their lists at once, after one by themself.
	crowd = 60
	// maxCalls is how many calls the service gets at once, and lateCalls how many it may
	// count besides that were given up, which it notices late.
	maxCalls  = 50
	lateCalls = 10
	// crowdMemory is what `serve` may have in memory then, at most: resident, but without
	// the pages of files, such as the program itself, which the kernel drops when memory is
	// short. goMemory is what it gives to Go in a control group of that size.
	crowdMemory, goMemory = 64 << 20, "51MiB"
)

// TestExternal_Shapes runs the program in front of services of all shapes, with one worker
// and then with many at once.
func TestExternal_Shapes(t *testing.T) {
	identities := []string{bob}
	for i := range crowd {
		identities = append(identities, fmt.Sprintf("worker%03d@example.com", i))
	}
	all, secrets := staff(t, identities...)
	for _, c := range published {
		t.Run(strings.TrimSpace(c.how+" "+c.token), func(t *testing.T) {
			t.Parallel()
			in := all.copy(t)
			f := startExternal(t, "normal", "-auth-token", cmp.Or(c.token, authToken))
			want := f.list(t, bob)
			srv := startIn(t, []string{"GOMEMLIMIT=" + goMemory}, "serve",
				in.externalArgs(f, "--log-level", "error", "--callback-rate", "1000", "--callback-concurrency", fmt.Sprint(maxCalls))...)
			f.behave(t, c.how)
			v := srv.client(t, secrets[bob])
			s, first := v.read("/customers")
			took := s.took
			if first > maxResponseTime || took > c.within+maxResponseTime || s.code != c.list || c.list == "" && s.asOf != "" {
				t.Errorf("list: first response after %v, then code %q after %v, want at most %v, then %q after %v\n%s", first, s.code, took, maxResponseTime, c.list, c.within, s.body)
			}
			if c.list == "" {
				want = f.list(t, bob)
				if c.rows > 0 {
					want = want[:c.rows]
				}
				v.complete("/customers", want)
				v.complete("/customers", want) // from the cache
				c.checkCustomer(t, v, f.rows(t, bob))
			} else {
				c.checkFailure(t, f, s)
			}
			if !strings.Contains(s.body, c.says) {
				t.Errorf("list does not say %q\n%s", c.says, s.body)
			}
			t.Logf("%s: first response after %v, %s after %v", c.how, first.Round(time.Millisecond), s.kind(), took.Round(time.Millisecond))
			if n := len(f.log(t).Requests); n > 60 {
				t.Errorf("one worker made %d calls", n)
			}
			if !testing.Short() {
				c.checkCrowd(t, srv, len(want) > 0 || c.list != "", secrets)
			}
			c.checkCalls(t, f)
			if (c.list != "" || c.emptied) && c.token == "" {
				c.checkKept(t, f, v)
			}
		})
	}
}

// copy returns a copy of the installation.
func (in installation) copy(t *testing.T) installation {
	t.Helper()
	to := installation{filepath.Join(t.TempDir(), "clientele.db")}
	for _, suffix := range []string{"", ".secret"} {
		data, err := os.ReadFile(in.database + suffix)
		if err == nil {
			err = os.WriteFile(to.database+suffix, data, 0o600)
		}
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return to
}

// kind returns what a worker sees: "list", "earlier list", "nothing", "waiting" or a code.
func (s screen) kind() string {
	switch {
	case s.code != "":
		return s.code
	case s.pending:
		return "waiting"
	case len(s.ids) == 0:
		return "nothing"
	case s.asOf != "":
		return "earlier list"
	}
	return "list"
}

// checkCustomer finds a customer and opens the details.
func (c shape) checkCustomer(t *testing.T, v *client, rows []listedRow) {
	t.Helper()
	if len(rows) < 3 {
		return
	}
	row := rows[2] // who has a name in every shape
	d, _ := v.read(customerPath(row.ID))
	if d.code != c.details || c.details == "" && !strings.Contains(d.body, row.Name) {
		t.Errorf("details: status %d, code %q, want code %q and the name %q\n%s", d.status, d.code, c.details, row.Name, d.body)
	}
	if c.never != "" && strings.Contains(d.body, c.never) {
		t.Errorf("details say %q\n%s", c.never, d.body)
	}
	var found screen
	eventually(t, "the search is complete", func() bool {
		found, _ = v.read("/customers?q=" + url.QueryEscape(row.Name))
		return !found.partial
	})
	if !slices.Equal(found.ids, []string{row.ID}) || found.code != "" {
		t.Errorf("search for %q: %q, code %q, want %q", row.Name, found.ids, found.code, row.ID)
	}
}

// checkFailure checks what the failure of a service tells the worker, and that one view
// makes few calls.
func (c shape) checkFailure(t *testing.T, f *externalService, s screen) {
	t.Helper()
	if s.none || s.status < http.StatusInternalServerError {
		t.Errorf("status %d, an empty list %v, want a failure", s.status, s.none)
	}
	for _, secret := range []string{f.url, "TypeError", "providers", "tunnel"} {
		if strings.Contains(s.body, secret) {
			t.Errorf("the page shows %q to the worker", secret)
		}
	}
	if n := len(f.log(t).Requests); n > 4 {
		t.Errorf("one view of the list made %d calls", n)
	}
}

// checkCalls checks what the service got.
func (c shape) checkCalls(t *testing.T, f *externalService) {
	t.Helper()
	log, signature := f.log(t), "ok"
	if c.token != "" {
		signature = "wrong"
	}
	if log.MaxInFlight > maxCalls+lateCalls {
		t.Errorf("%d calls at once, want at most %d", log.MaxInFlight, maxCalls)
	}
	for _, r := range log.Requests {
		if r.Signature != signature || r.PageSize == "" && r.CustomerId == "" || r.Anchor != "" && r.NextPageToken != "" {
			t.Errorf("the service got %+v, want signature %s, and a token or an anchor", r, signature)
		}
	}
}

// checkCrowd opens the lists of all others at once.
func (c shape) checkCrowd(t *testing.T, srv *server, customers bool, secrets map[string]string) {
	t.Helper()
	want := "list"
	if c.list != "" {
		want = c.list
	} else if !customers {
		want = "nothing"
	}
	begun := time.Now()
	var mu sync.Mutex
	seen := map[string]int{}
	var opening sync.WaitGroup
	for worker, secret := range secrets {
		if worker == bob {
			continue
		}
		opening.Go(func() {
			s, _ := srv.client(t, secret).read("/customers")
			mu.Lock()
			defer mu.Unlock()
			seen[s.kind()]++
		})
	}
	opening.Wait()
	if !maps.Equal(seen, map[string]int{want: crowd}) {
		t.Errorf("%d workers at once see %v, want %s for all", crowd, seen, want)
	}
	peak := peakMemory(srv.cmd.Process) - memoryOf(srv.cmd.Process, "RssFile:")
	t.Logf("%d workers at once: after %v, %d MiB", crowd, time.Since(begun).Round(time.Millisecond), peak>>20)
	if peak > crowdMemory {
		t.Errorf("%d MiB in memory, want at most %d", peak>>20, crowdMemory>>20)
	}
}

// checkKept lets the service work, which shows the list, and fail once more, which keeps it.
func (c shape) checkKept(t *testing.T, f *externalService, v *client) {
	t.Helper()
	f.behave(t, "normal")
	want := f.list(t, bob)
	eventually(t, "the list has recovered", func() bool {
		s, _ := v.read("/customers")
		return len(s.ids) == 30
	})
	v.complete("/customers", want)
	f.behave(t, c.how)
	waitUntilStale()
	if s, first := v.read("/customers"); s.kind() != "earlier list" || first > maxResponseTime {
		t.Errorf("who has a list sees %s after %v, want the earlier list", s.kind(), first)
	}
	v.complete("/customers", want)
	eventually(t, "the list shows why it is an earlier one", func() bool {
		return strings.Contains(v.get("/customers").body, `class="notice`)
	})
}
