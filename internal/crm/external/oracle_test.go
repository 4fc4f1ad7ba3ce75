package external_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/crm/limit"
	oracle "github.com/clientele-project/clientele/internal/crm/oracle"
	"github.com/clientele-project/clientele/internal/secret"
)

// A stack is the old one or the new one, around its own service.
type stack struct {
	crm interface {
		frontline.CRM
		Close(context.Context) error
		Forget(context.Context, string) error
	}
	service *shifty
	open    func()
	walks   map[string][]step // by worker: tokens, the oldest first
	found   map[string][]step // the same of searches
	asOf    map[string]time.Time
	broken  []string // promises
}

// A step is a page that can be asked for.
type step struct {
	token, query string
	shown        []string // on the way
	begun        int      // versions of the list when the walk began
}

// A result is what a worker sees of one request, or of a walk to its end.
type result struct {
	class   string
	rows    []string
	ended   bool
	stale   bool
	old     bool
	partial bool
	covered int
	name    string
}

func classOf(err error) string {
	var failed *frontline.CallbackError
	var unavailable *frontline.UnavailableError
	var invalid *frontline.InvalidRequestError
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, frontline.ErrNotFound):
		return "not found"
	case errors.As(err, &invalid):
		return "invalid"
	case errors.As(err, &unavailable) && unavailable.Pending:
		return "pending"
	case errors.As(err, &failed):
		return "failure"
	case errors.As(err, &unavailable):
		return "unavailable"
	}
	return "other: " + err.Error()
}

// poll asks as a page does.
func (s *stack) list(req frontline.ListRequest) (resp frontline.ListResponse, err error) {
	for range 40 {
		resp, err = s.crm.CustomersList(context.Background(), req)
		pending, after := crmfake.Pending(err)
		if !pending {
			return resp, err
		}
		time.Sleep(after)
	}
	s.broke("40 times pending")
	return resp, err
}

func (s *stack) broke(format string, args ...any) {
	s.broken = append(s.broken, fmt.Sprintf(format, args...))
}

// page asks for one page, and notes the next.
func (s *stack) page(req frontline.ListRequest, at step, versions int) result {
	req.NextPageToken, req.Query = at.token, at.query
	resp, err := s.list(req)
	r := result{class: classOf(err), rows: crmfake.IDs(resp.Customers), ended: resp.NextPageToken == "", stale: resp.Meta.Stale != nil,
		old: !resp.Meta.AsOf.IsZero(), partial: resp.Meta.Partial, covered: resp.Meta.Covered}
	if err != nil {
		return r
	}
	for i, id := range r.rows {
		if slices.Contains(at.shown, id) || slices.Contains(r.rows[:i], id) {
			if versions == 0 {
				s.broke("repeat in %q", at.query)
			} else {
				s.broke("(changed) repeat (marked %v, began %d of %d)", r.stale || r.old, at.begun, versions)
			}
			break
		}
		if !strings.HasPrefix(id, req.Worker) {
			s.broke("another worker's customer")
		}
	}
	if at.query == "" && at.token == "" {
		s.asOf[req.Worker] = resp.Meta.AsOf
	}
	next := step{resp.NextPageToken, at.query, slices.Concat(at.shown, r.rows), at.begun}
	if at.token == "" {
		next.begun = versions
	}
	if next.token != "" {
		tokens := s.walks
		if at.query != "" {
			tokens = s.found
		}
		tokens[req.Worker] = append(tokens[req.Worker], next)
	}
	return r
}

// walk goes on to the end.
func (s *stack) walk(req frontline.ListRequest, at step, versions int) result {
	all := result{class: "ok", rows: slices.Clone(at.shown)}
	for range 1500 {
		r := s.page(req, at, versions)
		all.class, all.ended = r.class, r.ended
		all.rows = append(all.rows, r.rows...)
		all.stale, all.old, all.partial, all.covered = all.stale || r.stale, all.old || r.old, r.partial, r.covered
		if r.class != "ok" || r.ended {
			return all
		}
		tokens := s.walks[req.Worker]
		if at.query != "" {
			tokens = s.found[req.Worker]
		}
		at = tokens[len(tokens)-1]
	}
	s.broke("no end in %q", at.query)
	return all
}

func (s *stack) details(worker, id string) (r result) {
	for range 90 {
		resp, err := s.crm.CustomerDetails(context.Background(), frontline.DetailsRequest{Worker: worker, CustomerID: id})
		pending, after := crmfake.Pending(err)
		if !pending {
			return result{class: classOf(err), name: resp.Customer.DisplayName, stale: resp.Meta.Stale != nil, old: !resp.Meta.AsOf.IsZero(), rows: []string{resp.Customer.ID}, ended: true}
		}
		time.Sleep(after)
	}
	s.broke("details 90 times pending")
	return result{class: "pending"}
}

var serviceErrors = []error{nil, nil, nil, crmfake.ErrStatus500, crmfake.ErrTimeout, crmfake.ErrBadAnswer, crmfake.ErrStatus404, crmfake.ErrStatus403,
	&frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 401}, crmfake.ErrNoURL, crmfake.ErrStatus400}

var passes = []time.Duration{50 * time.Millisecond, 300 * time.Millisecond, time.Second, 3 * time.Second, 3 * time.Second, 8 * time.Second, 20 * time.Second, time.Minute,
	90 * time.Second, 3 * time.Minute, 6 * time.Minute, 12 * time.Minute, 2 * time.Hour, 24 * time.Hour, 4 * 24 * time.Hour}

// outcome is what a script showed.
type outcome struct {
	oldCalls, newCalls   int
	oldBroken, newBroken []string
	differences          []string
	log                  []string
}

var queries = []string{"Person", "0001", "00012", "Renamed", "zebra"}

// compare runs a script against both stacks.
func compare(t *testing.T, script []byte) (o outcome) {
	verbose := os.Getenv("FUZZ_VERBOSE") != ""
	logf := func(format string, args ...any) {
		if verbose {
			o.log = append(o.log, fmt.Sprintf(format, args...))
		}
	}
	i := 0
	next := func() byte {
		if i >= len(script) {
			return 0
		}
		i++
		return script[i-1]
	}
	limits := limit.QueueOptions{Calls: 1000, PerSecond: 1e6, Burst: 1e6}
	if next()%4 == 0 {
		limits = limit.QueueOptions{}
	}
	h := fnv.New64a()
	h.Write(script[:min(8, len(script))])
	seed := h.Sum64()
	m := manners[int(next())%len(manners)]
	lossy := m.lossy
	sizes := []int{0, 1, 20, 29, 30, 31, 60, 70, 100, 130, 200, 300}
	lists := map[string][]frontline.Customer{"alice": crmfake.People("alice", sizes[int(next())%len(sizes)]), "bob": crmfake.People("bob", sizes[int(next())%len(sizes)]),
		"carol": crmfake.People("carol", 3)}
	workers := []string{"alice", "alice", "bob", "alice", "bob", "carol"}
	versions := map[string][][]frontline.Customer{}
	for w, l := range lists {
		versions[w] = [][]frontline.Customer{l}
	}
	searchable := next()
	mode := next()
	calm, pure := mode%2 == 0, mode%4 == 0 // nothing fails, and nothing changes
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	sealer := secret.NewKey().Sealer("test")
	stacks := [2]*stack{}
	for k := range stacks {
		s := &stack{walks: map[string][]step{}, found: map[string][]step{}, asOf: map[string]time.Time{}}
		s.service = &shifty{calm: calm, page: m.make(seed), lists: map[string][]frontline.Customer{}, asked: map[string]bool{}}
		for w, l := range lists {
			s.service.lists[w] = l
		}
		blobs := crmfake.NewBlobs()
		if k == 0 {
			s.open = func() {
				s.crm = oracle.New(oracle.Options{Client: s.service, Service: "s", Blobs: oldBlobs{blobs}, Sealer: sealer, Logger: logger,
					Limits: oracle.QueueOptions{Calls: limits.Calls, PerSecond: limits.PerSecond, Burst: limits.Burst}})
			}
		} else {
			s.open = func() {
				s.crm = external.New(external.Options{Client: s.service, Service: "s", Blobs: blobs, Sealer: sealer, Logger: logger, Queue: limits})
			}
		}
		s.open()
		stacks[k] = s
	}
	setSearch := func(b byte) {
		for _, s := range stacks {
			s.service.mu.Lock()
			s.service.searchable, s.service.inQuery, s.service.searches = frontline.Searchable(b%3), frontline.Searchable(b/3%3), b/9%2 == 0
			s.service.mu.Unlock()
		}
	}
	setSearch(searchable)
	both := func(f func(s *stack) result) (old, new result) {
		var wg sync.WaitGroup
		var rs [2]result
		for k, s := range stacks {
			wg.Go(func() { rs[k] = f(s) })
		}
		wg.Wait()
		return rs[0], rs[1]
	}
	services := func(f func(s *shifty)) {
		for _, s := range stacks {
			s.service.mu.Lock()
			f(s.service)
			s.service.mu.Unlock()
		}
	}
	differ := func(op, what string) {
		switch {
		case pure && lossy:
			op = "pure lossy " + op
		case pure:
			op = "pure " + op
		case calm:
			op = "calm " + op
		}
		o.differences = append(o.differences, op+": "+what)
	}
	// floor is who was in every version of a list from a number on.
	floor := func(w string, from int) (ids []string) {
		for _, c := range versions[w][from] {
			ids = append(ids, c.ID)
		}
		for _, l := range versions[w][from:] {
			in := map[string]bool{}
			for _, c := range l {
				in[c.ID] = true
			}
			ids = slices.DeleteFunc(ids, func(id string) bool { return !in[id] })
		}
		return ids
	}
	check := func(op string, old, new result) {
		logf("   old %s %d rows ended %v stale %v old %v partial %v/%d | new %s %d rows ended %v stale %v old %v partial %v/%d", old.class, len(old.rows), old.ended, old.stale, old.old, old.partial, old.covered,
			new.class, len(new.rows), new.ended, new.stale, new.old, new.partial, new.covered)
		if old.class != new.class {
			differ(op, old.class+" -> "+new.class)
			return
		}
		if new.class != "ok" {
			return
		}
		a, b := slices.Sorted(slices.Values(old.rows)), slices.Sorted(slices.Values(new.rows))
		if !slices.Equal(a, b) && (op == "walk" || op == "searchwalk" || old.ended || new.ended) {
			more, fewer := 0, 0
			for _, id := range b {
				if !slices.Contains(a, id) {
					more++
				}
			}
			for _, id := range a {
				if !slices.Contains(b, id) {
					fewer++
				}
			}
			d := "rows:"
			if more > 0 {
				d += " more"
			}
			if fewer > 0 {
				d += " fewer"
			}
			if old.ended != new.ended {
				d += fmt.Sprintf(" ended %v->%v", old.ended, new.ended)
			}
			d += fmt.Sprintf(" (marked %v->%v)", old.stale || old.old || old.partial, new.stale || new.old || new.partial)
			differ(op, d)
			return
		}
		if old.name != new.name {
			differ(op, "name")
		}
		if old.stale != new.stale {
			differ(op, fmt.Sprintf("stale %v->%v", old.stale, new.stale))
		} else if old.old != new.old {
			differ(op, fmt.Sprintf("old %v->%v", old.old, new.old))
		} else if old.partial != new.partial {
			differ(op, fmt.Sprintf("partial %v->%v", old.partial, new.partial))
		}
	}
	run := func(op string, f func(s *stack) result) {
		old, new := both(f)
		check(op, old, new)
	}
	// atLeast holds a walk against the service's own lists.
	manner := 0 // changes of manner
	atLeast := func(s *stack, w string, from int, r result, what string) {
		if lossy || manner > 0 || r.class != "ok" || !r.ended {
			return
		}
		missing := 0
		for _, id := range floor(w, from) {
			if !slices.Contains(r.rows, id) {
				missing++
			}
		}
		if missing > 0 {
			if len(versions[w]) > 1 {
				s.broke("(changed) short %s", what)
			} else {
				s.broke("short %s: %d missing of %d (marked %v)", what, missing, len(floor(w, from)), r.old || r.stale)
			}
		}
	}
	logf("manner %s limits %v alice %d bob %d searchable %d", m.name, limits.Calls, len(lists["alice"]), len(lists["bob"]), searchable%18)
	serial := 0
	for op := 0; i < len(script) && op < 60; op++ {
		b := next()
		time.Sleep(3 * time.Millisecond) // no two lists are begun at the same time
		w := workers[int(b>>5)%len(workers)]
		req := frontline.ListRequest{Worker: w}
		n := len(versions[w]) - 1
		at := func(s *stack, back int) (step, bool) {
			t := s.walks[w]
			if len(t) == 0 {
				return step{}, false
			}
			return t[max(len(t)-1-back, 0)], true
		}
		if calm && (b%32 == 27 || b%32 == 28) || pure && (b%32 == 24 || b%32 == 25 || b%32 == 26 || b%32 == 30) {
			continue
		}
		switch b % 32 {
		case 0, 1, 2, 3:
			logf("first %s", w)
			run("first", func(s *stack) result { return s.page(req, step{}, n) })
		case 4, 5, 6:
			logf("next %s", w)
			both2 := func(back int) {
				if _, ok := at(stacks[0], back); !ok {
					return
				}
				if _, ok := at(stacks[1], back); !ok {
					return
				}
				old, new := both(func(s *stack) result { x, _ := at(s, back); return s.page(req, x, n) })
				logf("   old %s %d | new %s %d", old.class, len(old.rows), new.class, len(new.rows))
				if old.class != new.class {
					differ("next", old.class+" -> "+new.class)
				}
			}
			back := 0
			if b%32 == 6 {
				back = int(next()) % 8
			}
			both2(back)
		case 7, 8, 9, 10:
			logf("walk %s", w)
			old, new := both(func(s *stack) result { return s.walk(req, step{}, n) })
			check("walk", old, new)
			atLeast(stacks[0], w, 0, old, "walk")
			atLeast(stacks[1], w, 0, new, "walk")
		case 11, 12:
			if len(stacks[0].walks[w]) == 0 || len(stacks[1].walks[w]) == 0 {
				continue
			}
			back := int(next()) % 8
			logf("walk on %s", w)
			old, new := both(func(s *stack) result { x, _ := at(s, back); return s.walk(req, x, n) })
			logf("   old %s %d | new %s %d", old.class, len(old.rows), new.class, len(new.rows))
			if old.class != new.class {
				differ("walkon", old.class+" -> "+new.class)
			}
			atLeast(stacks[0], w, 0, old, "walk on")
			atLeast(stacks[1], w, 0, new, "walk on")
		case 13, 14:
			logf("newer %s", w)
			since := time.Now()
			run("newer", func(s *stack) result {
				r := req
				if r.NewerThan = s.asOf[w]; r.NewerThan.IsZero() {
					r.NewerThan = since
				}
				return s.page(r, step{}, n)
			})
		case 15, 16:
			q := queries[int(next())%len(queries)]
			logf("search %s %q", w, q)
			run("search", func(s *stack) result { return s.page(req, step{query: q}, n) })
		case 17, 18:
			q := queries[int(next())%len(queries)]
			logf("searchwalk %s %q", w, q)
			run("searchwalk", func(s *stack) result { return s.walk(req, step{query: q}, n) })
		case 19, 20:
			if all := lists[w]; len(all) > 0 {
				id := all[int(next())*7%len(all)].ID
				logf("details %s %s", w, id)
				run("details", func(s *stack) result { return s.details(w, id) })
			}
		case 21:
			id := []string{"carol1", "alice1", "bob2", "nobody", ""}[int(next())%5]
			logf("details %s %s", w, id)
			run("details of other", func(s *stack) result { return s.details(w, id) })
		case 22, 23:
			d := passes[int(next())%len(passes)]
			logf("pass %v", d)
			time.Sleep(d)
		case 24, 25:
			serial++
			how, where := next(), next()
			lists[w] = change(lists[w], w, how, where, serial)
			versions[w] = append(versions[w], lists[w])
			logf("change %s %d: %d", w, how%8, len(lists[w]))
			services(func(s *shifty) { s.lists[w] = lists[w] })
		case 26:
			x := next()
			if x%2 == 0 {
				continue
			}
			m := manners[int(x/2)%len(manners)]
			lossy = lossy || m.lossy
			manner++
			logf("manner %s", m.name)
			for _, s := range stacks {
				s.service.mu.Lock()
				s.service.page = m.make(seed + uint64(op))
				s.service.mu.Unlock()
			}
		case 27:
			err := serviceErrors[int(next())%len(serviceErrors)]
			logf("down %v", err)
			services(func(s *shifty) { s.down, s.flaps = err, false })
		case 28:
			var fails []error
			x, y := next(), next()
			for k := range 6 {
				if x>>k&1 != 0 {
					fails = append(fails, serviceErrors[3+(int(y)+k)%(len(serviceErrors)-3)])
				} else {
					fails = append(fails, nil)
				}
			}
			logf("fail next %v", fails)
			services(func(s *shifty) { s.failNext = fails })
		case 29:
			x := next()
			d := []time.Duration{0, 10 * time.Millisecond, 100 * time.Millisecond, 400 * time.Millisecond, 2 * time.Second, 5 * time.Second}[x%6]
			logf("slow %v", d)
			services(func(s *shifty) { s.slow = d })
		case 30:
			x := next()
			if x >= 128 && !calm {
				logf("flaps / refuses query")
				services(func(s *shifty) {
					if x%2 == 0 {
						s.flaps = !s.flaps
					} else if s.refuses = nil; x%4 == 1 {
						s.refuses = &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: []int{400, 401, 500}[x/4%3]}
					}
				})
			} else {
				logf("searchable %d", x%18)
				setSearch(x)
			}
		case 31:
			switch x := next(); {
			case x < 128:
				logf("all at once")
				var wg sync.WaitGroup
				for _, s := range stacks {
					for _, w := range []string{"alice", "bob", "carol"} {
						wg.Go(func() {
							s.crm.CustomersList(context.Background(), frontline.ListRequest{Worker: w})
						})
						wg.Go(func() {
							s.crm.CustomersList(context.Background(), frontline.ListRequest{Worker: w, Query: "Person"})
						})
					}
				}
				wg.Wait()
			case x < 200:
				logf("restart")
				both(func(s *stack) result {
					s.crm.Close(context.Background())
					s.open()
					return result{}
				})
			default:
				logf("forget %s", w)
				both(func(s *stack) result {
					if err := s.crm.Forget(context.Background(), w); err != nil {
						s.broke("Forget: %v", err)
					}
					return result{}
				})
			}
		}
	}
	for k, s := range stacks {
		s.crm.Close(context.Background())
		synctest.Wait()
		for asked := range s.service.asked {
			w, id, _ := strings.Cut(asked, " ")
			if !strings.HasPrefix(id, w) {
				s.broke("asked for details of another worker's customer")
			}
		}
		if k == 0 {
			o.oldCalls, o.oldBroken = s.service.calls, s.broken
		} else {
			o.newCalls, o.newBroken = s.service.calls, s.broken
		}
	}
	return o
}

func inBubble(t *testing.T, script []byte) (o outcome) {
	synctest.Test(t, func(t *testing.T) { o = compare(t, script) })
	return o
}

// FuzzService_AsBefore runs scripts against both. The new one must keep what it promises.
func FuzzService_AsBefore(f *testing.F) {
	f.Add([]byte("0123456789"))
	f.Fuzz(func(t *testing.T, script []byte) {
		for _, broken := range inBubble(t, script).newBroken {
			if !strings.HasPrefix(broken, "(changed)") {
				t.Error(broken)
			}
		}
	})
}

// TestService_AsBefore compares old and new by random scripts, for as long as FUZZ_FOR.
func TestService_AsBefore(t *testing.T) {
	long, _ := time.ParseDuration(os.Getenv("FUZZ_FOR"))
	from, _ := strconv.ParseUint(os.Getenv("FUZZ_FROM"), 10, 64)
	began := time.Now()
	runtime.GOMAXPROCS(1)
	var oldCalls, newCalls, inputs int
	differences, broken, examples := map[string]int{}, map[string]int{}, map[string]uint64{}
	type worst struct {
		seed     uint64
		old, new int
	}
	var most []worst
	for seed := from; seed < from+30 || time.Since(began) < long; seed++ {
		r := rand.New(rand.NewPCG(seed, 7))
		script := make([]byte, 12+r.IntN(120))
		for i := range script {
			script[i] = byte(r.Uint32())
		}
		o := inBubble(t, script)
		for _, l := range o.log {
			t.Log(l)
		}
		inputs++
		oldCalls += o.oldCalls
		newCalls += o.newCalls
		note := func(m map[string]int, s string) {
			if m[s]++; m[s] == 1 {
				examples[s] = seed
			}
		}
		for _, d := range o.differences {
			note(differences, d)
		}
		for _, b := range o.oldBroken {
			note(broken, "OLD "+b)
		}
		for _, b := range o.newBroken {
			if strings.HasPrefix(b, "short") || strings.HasPrefix(b, "repeat") || strings.HasPrefix(b, "asked") || strings.HasPrefix(b, "another") {
				t.Errorf("seed %d: %s", seed, b)
			}
			note(broken, "NEW "+b)
		}
		most = append(most, worst{seed, o.oldCalls, o.newCalls})
		if os.Getenv("FUZZ_VERBOSE") != "" {
			t.Log(o.oldCalls, o.newCalls, o.oldBroken, o.newBroken, o.differences)
			break
		}
	}
	t.Logf("inputs %d calls old %d new %d (%.3f)", inputs, oldCalls, newCalls, float64(newCalls)/float64(max(oldCalls, 1)))
	for _, m := range []map[string]int{broken, differences} {
		keys := []string{}
		for k := range m {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b string) int { return m[b] - m[a] })
		for _, k := range keys {
			t.Logf("%6d %s (seed %d)", m[k], k, examples[k])
		}
	}
	slices.SortFunc(most, func(a, b worst) int { return (b.new - b.old) - (a.new - a.old) })
	t.Log("most more calls:", most[:min(8, len(most))])
}
