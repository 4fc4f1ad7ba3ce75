package cache_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/secret"
)

var alice = frontline.ListRequest{Worker: "alice"}

// A stack is the decorators of this package around a service.
type stack struct {
	frontline.CRM
	t     *testing.T
	next  frontline.CRM
	opts  cache.Options
	store *cache.Store
	pager *paging.Pager
	calls recorder
}

func newStack(t *testing.T, next frontline.CRM, o cache.Options) *stack {
	if o.Sealer == nil {
		o.Sealer = secret.NewKey().Sealer("test")
	}
	if o.Service == "" {
		o.Service = "service"
	}
	s := &stack{t: t, next: next, opts: o}
	s.open()
	return s
}

// open begins with what is stored.
func (s *stack) open() {
	s.opts.Flights, s.opts.Recorder = new(flight.Group), &s.calls
	s.store = cache.New(s.opts)
	now := s.opts.Now
	if now == nil {
		now = time.Now
	}
	s.pager = paging.New(s.next, paging.Options{Flights: s.opts.Flights, Store: s.store, Sealer: s.opts.Sealer, Service: s.opts.Service, Now: now})
	s.CRM = cache.NewOwned(cache.NewDetails(cache.NewLists(s.pager, s.store), s.store), s.pager, s.store)
}

// close ends all calls and stores what is held. In a synctest bubble nothing may be left
// running.
func (s *stack) close() {
	s.t.Helper()
	if err := errors.Join(s.opts.Flights.Close(s.t.Context()), s.store.Close(s.t.Context())); err != nil {
		s.t.Errorf("Close: %v", err)
	}
}

func (s *stack) restart() {
	s.t.Helper()
	s.close()
	s.open()
}

// list requests alice's first page.
func (s *stack) list(newerThan time.Time) frontline.ListResponse {
	s.t.Helper()
	resp, err := s.CustomersList(s.t.Context(), frontline.ListRequest{Worker: "alice", NewerThan: newerThan})
	if err != nil {
		s.t.Errorf("CustomersList: %v", err) // not Fatal: it may be another goroutine
	}
	return resp
}

// page requests a later page of alice's.
func (s *stack) page(token string) (frontline.ListResponse, error) {
	return s.CustomersList(s.t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: token})
}

// walk requests all pages from req on, and fails the test if a customer is repeated or
// the list has no end. With an error it returns what came before it.
func (s *stack) walk(req frontline.ListRequest) (ids []string, err error) {
	s.t.Helper()
	for range 1000 {
		resp, err := s.CustomersList(s.t.Context(), req)
		if err != nil {
			return ids, err
		}
		for _, id := range crmfake.IDs(resp.Customers) {
			if slices.Contains(ids, id) {
				s.t.Errorf("customer %s is repeated", id)
			}
			ids = append(ids, id)
		}
		if resp.NextPageToken == "" {
			return ids, nil
		}
		req.NextPageToken = resp.NextPageToken
	}
	s.t.Fatal("the list has no end")
	return nil, nil
}

// mustWalk is walk of a worker's whole list, which has so many customers.
func (s *stack) mustWalk(worker string, want int) {
	s.t.Helper()
	if ids, err := s.walk(frontline.ListRequest{Worker: worker}); err != nil || len(ids) != want {
		s.t.Errorf("walk of %s = %d customers, %v, want %d", worker, len(ids), err, want)
	}
}

func (s *stack) details(worker, id string, newerThan time.Time) (frontline.DetailsResponse, error) {
	return s.CustomerDetails(s.t.Context(), frontline.DetailsRequest{Worker: worker, CustomerID: id, NewerThan: newerThan})
}

// A recorder counts the responses from the cache.
type recorder struct {
	mu   sync.Mutex
	hits []crm.Call
}

func (r *recorder) Record(c crm.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hits = append(r.hits, c)
}

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.hits)
}

// A failure is one of the ways in which a call fails, and whether the last good response
// stands in for it.
type failure struct {
	err  error
	kept bool
}

func failures() map[string]failure {
	all := map[string]failure{
		"not JSON, half or a flood": {crmfake.ErrBadAnswer, true},
		"timeout":                   {crmfake.ErrTimeout, true},
		"unreachable":               {&frontline.CallbackError{Code: frontline.CodeCallbackFailed}, true},
		"no URL":                    {crmfake.ErrNoURL, false},
		"queue is full":             {&frontline.UnavailableError{RetryAfter: time.Second}, false},
		"internal error":            {errors.New("internal error"), false},
	}
	for name, status := range map[string]int{"400": 400, "401": 401, "403": 403, "404": 404, "410": 410, "429": 429, "500": 500, "503": 503} {
		all[name] = failure{&frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: status}, true}
	}
	return all
}

// A slowCRM delays lists by what delay returns.
type slowCRM struct {
	frontline.CRM
	delay func(crm.Request) time.Duration
}

func (s slowCRM) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	time.Sleep(s.delay(crm.Request{List: req}))
	return s.CRM.CustomersList(ctx, req)
}
