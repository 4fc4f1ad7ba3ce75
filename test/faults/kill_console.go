package main

import (
	"fmt"
	"html"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// administrators is how many change customers at a time.
const administrators = 4

// editFor returns how long they do until a kill.
func editFor() time.Duration { return 300*time.Millisecond + rand.N(800*time.Millisecond) }

// addCustomer adds a customer of alice in the console.
func (s *site) addCustomer(id, name string) (response, error) {
	return s.post(root, "/console/customers/add", url.Values{"id": {id}, "name": {name}, "worker": {alice}})
}

// renameCustomer changes the name of a customer in the console.
func (s *site) renameCustomer(id, name string) (response, error) {
	page, err := s.get(root, "/console/customers/one?id="+url.QueryEscape(id))
	if err != nil {
		return page, err
	}
	_, was, _ := strings.Cut(page.body, `name="was" value="`)
	was, _, _ = strings.Cut(was, `"`)
	return s.post(root, "/console/customers/one?id="+url.QueryEscape(id), url.Values{
		"id": {id}, "was": {html.UnescapeString(was)}, "name": {name}, "worker": {alice}})
}

// acknowledged holds what administrators were told was done.
type acknowledged struct {
	mu    sync.Mutex
	names map[string]string // of customers, by id
	edits int
	// refused is how many edits were refused because the database was away; wrong has other responses.
	refused int
	wrong   []string
}

func (a *acknowledged) add(id, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.names[id] = name
	a.edits++
}

func (a *acknowledged) refuse(got response) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused++
	if got.status != http.StatusServiceUnavailable || got.retry == "" {
		a.wrong = append(a.wrong, fmt.Sprintf("status %d, Retry-After %q: %s", got.status, got.retry, lastLine(got.body)))
	}
}

// edit lets administrators add and rename customers until the server is gone. When a change is
// refused, they go on with another customer.
func (s *site) edit(round int, acked *acknowledged) *sync.WaitGroup {
	var all sync.WaitGroup
	for who := range administrators {
		all.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("edit-%d-%d-%d", round, who, i)
				for _, change := range []struct {
					name string
					do   func(id, name string) (response, error)
				}{{"first " + id, s.addCustomer}, {"second " + id, s.renameCustomer}} {
					got, err := change.do(id, change.name)
					if err != nil {
						return
					}
					if got.status != http.StatusSeeOther {
						acked.refuse(got)
						time.Sleep(20 * time.Millisecond)
						break
					}
					acked.add(id, change.name)
				}
			}
		})
	}
	return &all
}

// killEdits kills the server while administrators add and rename customers.
func killEdits(l *lab, r *row) error {
	s, err := l.newSite(l.dir)
	if err != nil {
		return err
	}
	acked := &acknowledged{names: make(map[string]string)}
	var slowest time.Duration
	r.unit = "kills"
	for round := range l.kills {
		if err := s.serve(); err != nil {
			return err
		}
		slowest = max(slowest, s.started)
		got, err := s.get(root, "/console/customers")
		r.check(err == nil && got.status == http.StatusOK, "the session is gone after a kill: status %d, %v", got.status, err)
		editing := s.edit(round, acked)
		if killLater(s.server, editFor()) {
			r.tried++
		}
		editing.Wait()
	}
	r.held = fmt.Sprintf("%s acknowledged edits, all there with their audit entries; sessions kept; restart within %s", thousands(acked.edits), seconds(slowest))
	r.check(acked.refused == 0, "%d edits were refused: %v", acked.refused, acked.wrong)
	return s.checkAcknowledged(r, acked)
}

// checkAcknowledged checks that what was acknowledged is there, and that each customer has an
// audit entry for each of its edits, acknowledged or not.
func (s *site) checkAcknowledged(r *row, acked *acknowledged) error {
	all, err := s.export()
	if err != nil {
		return err
	}
	entries := make(map[string]int)
	for _, action := range []string{"customer-added", "customer-changed"} {
		some, err := s.audit(action)
		if err != nil {
			return err
		}
		for id, n := range some {
			entries[id] += n
		}
	}
	for id, name := range acked.names {
		// The rename that was under way may have been done too.
		got, ok := all[id]
		r.check(ok && (got.Name == name || got.Name == "second "+id), "%s is %q after a kill, was acknowledged as %q", id, got.Name, name)
	}
	edits := 0
	for id, c := range all {
		want := 1
		if strings.HasPrefix(c.Name, "second") {
			want = 2
		}
		if strings.HasPrefix(id, "edit-") {
			edits += want
		}
		r.check(entries[id] == want, "%s, which is %q, has %d audit entries, want %d", id, c.Name, entries[id], want)
		delete(entries, id)
	}
	r.check(len(entries) == 0, "the audit has edits of customers that are not there: %v", entries)
	r.check(acked.edits > 0, "no edit was acknowledged")
	r.held += fmt.Sprintf("; %s more done without an answer, with theirs", thousands(edits-acked.edits))
	s.verify(r)
	return nil
}

// killDeletions kills the server while administrators delete customers. What was deleted
// must be in the audit, acknowledged or not, and what the audit has must be deleted.
func killDeletions(l *lab, r *row) error {
	s, err := l.newSite(l.dir)
	if err == nil {
		err = s.fill(20_000)
	}
	if err != nil {
		return err
	}
	before, err := s.export()
	if err != nil {
		return err
	}
	r.unit = "kills"
	acked, unacked := 0, 0
	left := slices.Collect(maps.Keys(before))
	for range l.kills {
		if err := s.serve(); err != nil {
			return err
		}
		told, asked := s.deleteUntilKilled(r, left)
		after, err := s.export()
		if err != nil {
			return err
		}
		entries, err := s.audit("customer-deleted")
		if err != nil {
			return err
		}
		for id := range before {
			_, there := after[id]
			r.check(!there || !told[id], "%s is still there, its deletion was acknowledged", id)
			r.check(there == (entries[id] == 0), "%s: there %v, with %d audit entries", id, there, entries[id])
			if !there && asked[id] && !told[id] {
				unacked++
			}
		}
		acked += len(told)
		left = slices.Collect(maps.Keys(after))
	}
	s.verify(r)
	r.check(acked > 0, "no deletion was acknowledged")
	r.held = fmt.Sprintf("%s acknowledged deletions, and %s done without an answer: each has its entry, and each entry its deletion", thousands(acked), thousands(unacked))
	return nil
}

// deleteUntilKilled deletes customers, ten in a request, until the server is killed. It
// returns those whose deletion was acknowledged, and those that were to be deleted.
func (s *site) deleteUntilKilled(r *row, ids []string) (told, asked map[string]bool) {
	told, asked = make(map[string]bool), make(map[string]bool)
	var mu sync.Mutex
	batches := make(chan []string)
	var deleting sync.WaitGroup
	for range administrators {
		deleting.Go(func() {
			for batch := range batches {
				got, err := s.post(root, "/console/customers/chosen", url.Values{"do": {"delete-now"}, "id": batch})
				mu.Lock()
				for _, id := range batch {
					asked[id] = true
					if err == nil && got.status == http.StatusSeeOther {
						told[id] = true
					}
				}
				mu.Unlock()
			}
		})
	}
	end := time.After(editFor() / 2)
	for batch := range slices.Chunk(ids, 10) {
		select {
		case batches <- batch:
			continue
		case <-end:
		}
		break
	}
	if killLater(s.server, 0) {
		r.tried++
	}
	close(batches)
	deleting.Wait()
	return told, asked
}
