package e2e

import (
	"testing"
	"time"
)

// TestExternal_RemovedWorkerIsPurged removes a worker while the server runs, and
// adds one of the same name: nothing of the old cache shows, even when the service is
// down.
func TestExternal_RemovedWorkerIsPurged(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, alice, bob)
	f := startExternal(t, "normal")
	srv := in.serveExternal(t, f)
	a, b := srv.client(t, secrets[alice]), srv.client(t, secrets[bob])
	all, others := f.list(t, bob), f.list(t, alice)
	b.complete("/customers", all)
	b.read(customerPath(all[0]))
	a.complete("/customers", others)
	must(t, "", "user", "remove", bob, "--database", in.database)
	time.Sleep(6 * time.Second) // the server reads every 5 s what other processes changed
	f.kill()
	b = srv.client(t, in.addPeople(t, bob)[bob])
	for _, path := range []string{"/customers", customerPath(all[0])} {
		if s, _ := b.read(path); s.code != "48004" || s.none || path == "/customers" && len(s.ids) > 0 {
			t.Errorf("%s shows %d rows and code %q to a new worker, want 48004", path, len(s.ids), s.code)
		}
	}
	a.complete("/customers", others) // other workers lose nothing
}
