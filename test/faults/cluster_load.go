package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// thinkTime is the time between two requests of a worker, settled the time after which every
// process shows a change, and longestAway what the faults may cost.
const (
	thinkTime   = 2 * time.Second
	settled     = time.Second
	longestAway = 30 * time.Second
	longestWait = 7 * time.Second
)

func workerName(n int) string { return fmt.Sprintf("w%03d@example.com", n) }

// token is in the names of all customers of a worker, and of no one else's.
func token(n int) string { return fmt.Sprintf("w%03dx", n) }

var tokens = regexp.MustCompile(`\bw\d{3}x\b`) // no part of a random text

// A load is the people who use a cluster during a fault, and what they see.
type load struct {
	*cluster
	row    *row
	cancel context.CancelFunc
	people sync.WaitGroup
	begun  time.Time

	mu          sync.Mutex
	answers     int
	refused     []time.Time // of answers 503
	mayCut      bool        // a Clientele is to die
	cut         int         // changes that it died with: 502, or no answer
	slowest     time.Duration
	slowestEdit time.Duration
	edits       map[string]edit // acknowledged, by id
	signedOut   map[string]bool
}

// An edit is a customer that was added, and acknowledged.
type edit struct {
	worker int
	at     time.Time
}

func (c *cluster) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-c.ctx.Done():
	}
}

// load lets workers and administrators use the cluster until end.
func (c *cluster) load(r *row) *load {
	ctx, cancel := context.WithCancel(c.ctx)
	w := &load{cluster: c, row: r, cancel: cancel, begun: time.Now(), edits: make(map[string]edit), signedOut: make(map[string]bool)}
	for n := range clusterWorkers {
		w.people.Go(func() {
			for ctx.Err() == nil {
				c.sleep(thinkTime/2 + rand.N(thinkTime))
				w.visit(n)
			}
		})
	}
	for who := range administrators {
		w.people.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				w.add(fmt.Sprintf("%d-%d-%d", w.begun.Unix()%100000, who, i))
				c.sleep(50 * time.Millisecond)
			}
		})
	}
	return w
}

// request sends a request, and notes what came of it. ok is false for what is no answer.
func (w *load) request(identity, method, path string, form url.Values) (got response, ok bool) {
	r, err := http.NewRequestWithContext(w.ctx, method, w.server.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.broken("%v", err)
		return got, false
	}
	r.Header.Set("Content-Type", formType)
	r.AddCookie(&http.Cookie{Name: "clientele", Value: w.cookies[identity]})
	begun := time.Now()
	resp, err := client.Do(r)
	if err != nil && method == http.MethodPost && errors.Is(err, io.EOF) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.cut++
		return got, false
	}
	if err != nil {
		w.broken("%s %s: %v", method, path, err)
		return got, false
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	got = response{resp.StatusCode, string(text), resp.Header.Get("Location"), resp.Header.Get("Retry-After")}
	took := time.Since(begun)
	w.mu.Lock()
	w.answers++
	if method == http.MethodGet {
		w.slowest = max(w.slowest, took)
	} else {
		w.slowestEdit = max(w.slowestEdit, took)
	}
	switch got.status {
	case http.StatusServiceUnavailable:
		w.refused = append(w.refused, time.Now())
	case http.StatusBadGateway:
		w.cut++
	}
	if strings.HasPrefix(got.location, "/signin") {
		w.signedOut[identity] = true
	}
	w.mu.Unlock()
	switch {
	case err != nil:
		w.broken("%s %s: %v", method, path, err)
	case got.status >= 500 && got.status != http.StatusServiceUnavailable && got.status != http.StatusBadGateway:
		w.broken("%s %s: status %d", method, path, got.status)
	case got.status >= 500 && got.retry == "":
		w.broken("%s %s: status %d without Retry-After", method, path, got.status)
	}
	return got, err == nil && got.status < 400
}

func (w *load) broken(format string, args ...any) {
	if w.ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.row.fail("after %s: "+format, append([]any{seconds(time.Since(w.begun))}, args...)...)
}

// visit reads a page as a worker, and checks it.
func (w *load) visit(n int) {
	begun := time.Now()
	path, want := "/customers", "data-customer-id="
	switch rand.N(3) {
	case 1:
		i := rand.N(clusterCustomers)
		path, want = fmt.Sprintf("/customers/w%03d-%02d", n, i), fmt.Sprintf("%s number %02d", token(n), i)
	case 2:
		if id, ok := w.someEdit(n, begun.Add(-settled)); ok {
			path, want = "/customers?q="+url.QueryEscape(id), `data-customer-id="`+id+`"`
		}
	}
	got, ok := w.request(workerName(n), http.MethodGet, path, nil)
	if !ok {
		if got.status == http.StatusNotFound {
			w.broken("%s of %s: not found", path, workerName(n))
		}
		return
	}
	for _, found := range tokens.FindAllString(got.body, -1) {
		if found != token(n) {
			w.broken("%s of %s shows a customer of %s", path, workerName(n), found)
		}
	}
	if got.status == http.StatusOK && !strings.Contains(got.body, want) {
		w.broken("%s of %s lacks %q", path, workerName(n), want)
	}
}

// someEdit returns an acknowledged edit of a worker's from before a time.
func (w *load) someEdit(n int, until time.Time) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, e := range w.edits {
		if e.worker == n && e.at.Before(until) {
			return id, true
		}
	}
	return "", false
}

// add adds a customer of some worker as an administrator.
func (w *load) add(number string) {
	n := rand.N(clusterWorkers)
	id := "edit-" + number
	got, ok := w.request(root, http.MethodPost, "/console/customers/add", url.Values{
		"id": {id}, "name": {token(n) + " " + id}, "worker": {workerName(n)}})
	if ok && got.status == http.StatusSeeOther && strings.HasPrefix(got.location, "/console/customers") {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.edits[id] = edit{n, time.Now()}
	}
}

// end ends the load, and compares what was acknowledged with what the database has.
func (w *load) end() {
	if _, ok := w.eventually(clusterStart, w.whole); !ok {
		w.broken("the cluster is not whole again")
	}
	w.cancel()
	w.people.Wait()
	r := w.row
	r.tried, r.unit = w.answers, "answers"
	all, err := w.export()
	if err != nil {
		r.fail("%v", err)
		return
	}
	lost := 0
	for id, e := range w.edits {
		if got, ok := all[id]; !ok || got.Name != token(e.worker)+" "+id {
			lost++
			r.fail("%s was acknowledged and is %q", id, got.Name)
		}
	}
	away := time.Duration(0)
	if len(w.refused) > 0 {
		slices.SortFunc(w.refused, time.Time.Compare)
		away = w.refused[len(w.refused)-1].Sub(w.refused[0])
	}
	r.check(away <= longestAway, "503 for %s", seconds(away))
	r.check(w.slowest <= longestWait, "a page took %s", seconds(w.slowest))
	r.check(len(w.signedOut) == 0, "signed out: %v", slices.Sorted(maps.Keys(w.signedOut)))
	r.check(w.cut == 0 || w.mayCut, "%d changes got no answer", w.cut)
	r.check(len(w.edits) > 0, "no change was acknowledged")
	unanswered := ""
	if w.mayCut {
		unanswered = fmt.Sprintf("; %d changes without an answer", w.cut)
	}
	r.figure = fmt.Sprintf("%d × 503 within %s; slowest page %s, slowest change %s; %s acknowledged changes, %d lost; %d signed out",
		len(w.refused), seconds(away), seconds(w.slowest), seconds(w.slowestEdit), thousands(len(w.edits)), lost, len(w.signedOut)) + unanswered
}
