package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	alice = "alice@example.com"
	carol = "carol@example.com"
)

// TestExternal_DetailsNeedOwnership requests IDs of all kinds in front of a service
// that returns any customer to any worker, and exits at an unknown ID.
func TestExternal_DetailsNeedOwnership(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, alice, bob)
	f := startExternal(t, "dies")
	srv := in.serveExternal(t, f)
	a, b := srv.client(t, secrets[alice]), srv.client(t, secrets[bob])
	own, others := f.list(t, bob), f.list(t, alice)
	a.complete("/customers", others) // so that the service knows them

	// A link from a colleague: the worker's list was never opened.
	late := own[65]
	if d, _ := b.read(customerPath(late)); d.status != http.StatusOK || !strings.Contains(d.body, late) {
		t.Errorf("details of the worker's own late customer: status %d, code %q", d.status, d.code)
	}
	unknown := map[string]string{}
	for _, id := range []string{others[0], others[40], "never-was", "..", "%00", "a/b", strings.Repeat("x", 600), "<script>"} {
		d, _ := b.read(customerPath(id))
		if d.status != http.StatusNotFound && d.status != http.StatusBadRequest {
			t.Errorf("%.40q has status %d, code %q", id, d.status, d.code)
		}
		unknown[id] = strings.ReplaceAll(d.body, url.PathEscape(id), "")
	}
	if strings.Contains(unknown[others[0]], mark(others[0])+"<") || len(unknown[others[0]]) != len(unknown["never-was"]) {
		t.Errorf("another worker's ID and an unknown one get different pages: %d and %d bytes", len(unknown[others[0]]), len(unknown["never-was"]))
	}
	if !f.alive() {
		t.Fatal("the service died")
	}
	for _, r := range f.log(t).Requests {
		if r.CustomerId != "" && (r.Worker != bob || r.CustomerId != late) {
			t.Errorf("details of %s were requested for %s", r.CustomerId, r.Worker)
		}
	}
	b.complete("/customers", own)
}

// mark returns the letters in every ID and name of a worker at the external service.
func mark(id string) string { return id[:strings.IndexByte(id, '-')] }

// TestExternal_WorkersAreIsolated lists, searches and reads as two workers, without a cache,
// from the cache, and while the service is down. Neither gets data of the other, nor can
// use the other's URLs.
func TestExternal_WorkersAreIsolated(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"anchor", "token", "unsearchable", "dies,token"} {
		in, secrets := staff(t, alice, bob)
		f := startExternal(t, mode)
		srv := in.serveExternal(t, f)
		people := []person{
			{srv.client(t, secrets[alice]), f.list(t, alice), f.list(t, bob)},
			{srv.client(t, secrets[bob]), f.list(t, bob), f.list(t, alice)},
		}
		var next [2]string
		for _, how := range []string{"cold", "held", "down"} {
			if how == "down" {
				f.kill()
			}
			for i, p := range people {
				path := "/customers"
				for path != "" {
					s, _ := p.v.read(path)
					p.checkNothingOf(t, mode+", "+how, s)
					if len(s.ids) == 0 {
						t.Errorf("%s, %s: %s shows no rows, code %q", mode, how, path, s.code)
					}
					if path == "/customers" {
						next[i] = s.next
					}
					path = s.next
				}
				for _, q := range []string{mark(p.others[0]), "a", p.others[0], "Adeyemi"} {
					s, _ := p.v.read("/customers?q=" + url.QueryEscape(q))
					p.checkNothingOf(t, mode+", "+how+", search", s)
				}
				own, _ := p.v.read(customerPath(p.own[0]))
				p.checkNothingOf(t, mode+", "+how+", details", own)
				if own.status != http.StatusOK {
					t.Errorf("%s, %s: own details have status %d, code %q", mode, how, own.status, own.code)
				}
				other, _ := p.v.read(customerPath(p.others[0]))
				if other.status != http.StatusNotFound {
					t.Errorf("%s, %s: another's details have status %d, code %q", mode, how, other.status, other.code)
				}
			}
			// Each other's next pages.
			for i, p := range people {
				s, _ := p.v.read(next[1-i])
				p.checkNothingOf(t, mode+", "+how+", exchanged", s)
				if s.status == http.StatusOK && len(s.ids) > 0 && s.code == "" && !slices.Contains(p.own, s.ids[0]) {
					t.Errorf("%s, %s: another worker's token returns %q", mode, how, s.ids[0])
				}
			}
		}
		srv.stop(t)
	}
}

// A person is a worker with their own list, and another's.
type person struct {
	v           *client
	own, others []string
}

// checkNothingOf checks that a screen has no data of the other worker.
func (p person) checkNothingOf(t *testing.T, when string, s screen) {
	t.Helper()
	if other := mark(p.others[0]); strings.Contains(strings.ReplaceAll(s.body, url.QueryEscape(other), ""), other+"-") {
		t.Errorf("%s: %s shows something of another worker", when, s.path)
	}
	for _, id := range s.ids {
		if !slices.Contains(p.own, id) {
			t.Errorf("%s: %s lists %q, which is not this worker's", when, s.path, id)
		}
	}
}

// TestExternal_Signatures has the service check signatures, and the program sign
// with its token.
func TestExternal_Signatures(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, carol)
	f := startExternal(t, "normal", "-auth-token", authToken)
	srv := in.serveExternal(t, f)
	v := srv.client(t, secrets[carol])
	v.complete("/customers", f.list(t, carol))
	v.read("/customers?q=" + url.QueryEscape("Zoë & +Żółć;=%"))
	v.read(customerPath(f.list(t, carol)[1]))
	kinds := map[string]int{}
	for _, r := range f.log(t).Requests {
		kinds[r.Location+map[bool]string{true: " search"}[r.Query != ""]]++
		if r.Signature != "ok" {
			t.Errorf("the signature is %s of %+v", r.Signature, r)
		}
	}
	if kinds["GetCustomersList"] < 3 || kinds["GetCustomersList search"] < 1 || kinds["GetCustomerDetailsByCustomerId"] < 1 {
		t.Errorf("the service got %v", kinds)
	}
}

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
