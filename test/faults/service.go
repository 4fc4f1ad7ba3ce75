package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// servicePart lets an external service fail behind workers who have its list, and others
// who never had it.
func servicePart() part {
	p := part{"service", "The external service fails", nil}
	for _, f := range []struct{ what, mode string }{
		{"never answers", "mode=slow&delay=10m"},
		{"sends half answers", "mode=truncated"},
		{"sends chunks without end", "mode=endless"},
		{"sends answers over 64 KiB", "mode=oversize"},
		{"closes every connection", "mode=down"},
		{"every other answer is an error", "mode=flapping"},
		{"is gone for 2 s of every 4 s", ""},
	} {
		p.faults = append(p.faults, fault{f.what, false, failService(f.mode)})
	}
	return p
}

const (
	// workers is how many have an earlier list, and how many have none.
	workers = 20
	// failFor is how long the service fails, longer than the circuit breaker leaves it alone;
	// openEvery is the time between two visits of a worker meanwhile.
	failFor   = 13 * time.Second
	openEvery = time.Second
	// flap is how long a service that comes and goes does either.
	flap = 2 * time.Second
	// freshWithin is when every worker must have a fresh list again. The circuit breaker
	// waits ten seconds before it tries a service again.
	freshWithin = 30 * time.Second
)

func failService(mode string) func(*lab, *row) error {
	return func(l *lab, r *row) error {
		service, err := l.listen(l.command(l.external, "-addr", "127.0.0.1:0", "-auth-token", authToken))
		if err != nil {
			return err
		}
		var warm, cold []string
		for i := range workers {
			warm, cold = append(warm, fmt.Sprintf("warm%d@example.com", i)), append(cold, fmt.Sprintf("cold%d@example.com", i))
		}
		s, err := l.newSite(l.dir, slices.Concat(warm, cold)...)
		if err != nil {
			return err
		}
		if err := s.serve("--allow-private-callbacks", "--crm-callback-url", service.url+"/crm", "--callback-rate", "200"); err != nil {
			return err
		}
		if _, ok := s.allFresh(warm, time.Time{}); !ok {
			return fmt.Errorf("the workers have no list of a service without faults")
		}
		before, err := callsTo(service)
		if err != nil {
			return err
		}
		if err := behave(service, cmp.Or(mode, "mode=down")); err != nil {
			return err
		}
		begun, down := time.Now(), true
		seen := map[bool]*pageCounts{false: newPageCounts(), true: newPageCounts()}
		for time.Since(begun) < failFor {
			if now := time.Since(begun)/flap%2 == 0; mode == "" && now != down {
				down = now
				if err := behave(service, map[bool]string{true: "mode=down", false: "mode=normal"}[down]); err != nil {
					return err
				}
			}
			next := time.After(openEvery)
			s.openAll(warm, seen[true])
			s.openAll(cold, seen[false])
			<-next
		}
		calls, err := callsTo(service)
		if err != nil {
			return err
		}
		if err := behave(service, "mode=normal"); err != nil {
			return err
		}
		r.tried = seen[true].n + seen[false].n
		r.unit = "visits"
		for what, n := range seen[true].kinds {
			r.check(what == "list" || what == "earlier list", "a worker with an earlier list got %d × %s", n, what)
		}
		for what, n := range seen[false].kinds {
			// One who got a list from a service that works now and then has an earlier one.
			r.check(what == "list" || what == "earlier list" || what == "waiting" || strings.HasPrefix(what, "48"), "a worker without an earlier list got %d × %s", n, what)
		}
		took, ok := s.allFresh(slices.Concat(warm, cold), time.Now())
		r.check(ok, "not every worker has a fresh list %s after the service works again", seconds(took))
		r.check(!s.server.hasEnded(), "`serve` ended: %s", s.server.log.tail())
		r.figure = fmt.Sprintf("with an earlier list: %s; without: %s; %d calls; all fresh %s after it works again", seen[true], seen[false], calls-before, seconds(took))
		return nil
	}
}

// behave sets the behavior of the external service.
func behave(service *process, form string) error {
	resp, err := client.Post(service.url+"/control", formType, strings.NewReader(form))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the external service refuses %s: status %d", form, resp.StatusCode)
	}
	return nil
}

// callsTo returns how many callbacks the external service has got.
func callsTo(service *process) (int, error) {
	resp, err := client.Get(service.url + "/control/log")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var log struct{ Requests []json.RawMessage }
	err = json.NewDecoder(resp.Body).Decode(&log)
	return len(log.Requests), err
}

// pageCounts counts the pages that workers saw, by kind.
type pageCounts struct {
	mu    sync.Mutex
	n     int
	kinds map[string]int
}

func newPageCounts() *pageCounts { return &pageCounts{kinds: make(map[string]int)} }

func (v *pageCounts) add(kind string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.n++
	v.kinds[kind]++
}

// String returns the share of each kind.
func (v *pageCounts) String() string {
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(v.kinds)) {
		parts = append(parts, fmt.Sprintf("%d %% %s", (v.kinds[kind]*100+v.n/2)/v.n, kind))
	}
	return strings.Join(parts, ", ")
}

// openAll opens the lists of workers at the same time.
func (s *site) openAll(workers []string, seen *pageCounts) {
	var all sync.WaitGroup
	for _, worker := range workers {
		all.Go(func() { seen.add(kindOf(s.get(worker, "/customers"))) })
	}
	all.Wait()
}

// kindOf returns what a worker sees: "list", "earlier list", "waiting", or a code.
func kindOf(page response, err error) string {
	switch rows := strings.Contains(page.body, "data-customer-id="); {
	case err != nil:
		return err.Error()
	case strings.Contains(page.body, `data-error-code="`):
		return attribute(page.body, "data-error-code")
	case rows && strings.Contains(page.body, `data-as-of="`):
		return "earlier list"
	case rows:
		return "list"
	case strings.Contains(page.body, "data-pending"):
		return "waiting"
	default:
		return fmt.Sprintf("status %d without customers", page.status)
	}
}

// allFresh waits until each worker has a list of the time after since.
func (s *site) allFresh(workers []string, since time.Time) (time.Duration, bool) {
	left := slices.Clone(workers)
	return s.eventually(freshWithin, func() bool {
		left = slices.DeleteFunc(left, func(worker string) bool {
			page, err := s.get(worker, "/customers")
			switch kindOf(page, err) {
			case "list":
				return true
			case "earlier list":
				at, err := time.Parse(time.RFC3339, attribute(page.body, "data-as-of"))
				return err == nil && !at.Before(since.Truncate(time.Second)) && !strings.Contains(page.body, "data-stale-code")
			}
			return false
		})
		return len(left) == 0
	})
}
