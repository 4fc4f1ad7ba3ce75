// Package crmfake has fake integration services, for tests of the packages beside it.
// It is imported by tests only.
package crmfake

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// Service is somebody's integration service: the workers' lists, and a manner
// of handing them out. Calls are counted from 1. It is safe for concurrent use.
type Service struct {
	page PageFunc

	mu         sync.Mutex
	searchable frontline.Searchable
	searches   bool                            // it answers a Query by its words, else it ignores it
	slow       time.Duration                   // how long each call takes
	lists      map[string][]frontline.Customer // by worker, byte for byte
	calls      []frontline.ListRequest
	details    []frontline.DetailsRequest
	down       error         // every call fails with it
	failing    map[int]error // the call of that number fails with it
}

// New returns a service where alice has n customers and bob none.
func New(page PageFunc, n int) *Service {
	return &Service{page: page, lists: map[string][]frontline.Customer{"alice": People("a", n)}, failing: map[int]error{}}
}

// People makes n customers with ids prefix1, prefix2, ….
func People(prefix string, n int) []frontline.Customer {
	all := make([]frontline.Customer, n)
	for i := range all {
		all[i] = frontline.Customer{ID: prefix + strconv.Itoa(i+1), DisplayName: fmt.Sprintf("Person %s %05d", prefix, i+1)}
	}
	return all
}

func (f *Service) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	f.mu.Lock()
	f.calls = append(f.calls, req)
	nth := len(f.calls)
	all, err := f.lists[req.Worker], f.down
	if e := f.failing[nth]; e != nil {
		err = e
	}
	searchable, searches := f.searchable, f.searches
	f.mu.Unlock()
	if err := f.work(ctx); err != nil {
		return frontline.ListResponse{}, err
	}
	if err != nil {
		return frontline.ListResponse{}, err
	}
	if req.Query != "" && searches {
		all = slices.DeleteFunc(slices.Clone(all), func(c frontline.Customer) bool {
			return !strings.Contains(c.DisplayName, req.Query)
		})
	}
	resp, err := f.page(all, req, nth)
	resp.Customers = slices.Clone(resp.Customers)
	resp.Searchable = searchable
	return resp, err
}

func (f *Service) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	f.mu.Lock()
	f.details = append(f.details, req)
	err := f.down
	var found *frontline.Customer
	for _, list := range f.lists { // whosever it is, as the published sample does
		if i := slices.IndexFunc(list, func(c frontline.Customer) bool { return c.ID == req.CustomerID }); i >= 0 {
			found = &list[i]
		}
	}
	f.mu.Unlock()
	if err := f.work(ctx); err != nil {
		return frontline.DetailsResponse{}, err
	}
	switch {
	case err != nil:
		return frontline.DetailsResponse{}, err
	case found == nil:
		return frontline.DetailsResponse{}, frontline.ErrNotFound
	}
	return frontline.DetailsResponse{Customer: *found}, nil
}

// SetDelay makes every call take d.
func (f *Service) SetDelay(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slow = d
}

// SetSearchable makes the service say s about searching, and search if finds is set.
func (f *Service) SetSearchable(s frontline.Searchable, finds bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.searchable, f.searches = s, finds
}

func (f *Service) work(ctx context.Context) error {
	f.mu.Lock()
	slow := f.slow
	f.mu.Unlock()
	if slow == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(slow)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Set changes a worker's list.
func (f *Service) Set(worker string, list []frontline.Customer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists[worker] = list
}

// Fail makes every call fail with err, until it is nil.
func (f *Service) Fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = err
}

// FailOn makes one call fail, counted from now: 1 is the next.
func (f *Service) FailOn(next int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failing[len(f.calls)+next] = err
}

// ListRequests returns the list requests so far.
func (f *Service) ListRequests() []frontline.ListRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// DetailsRequests returns the details requests so far.
func (f *Service) DetailsRequests() []frontline.DetailsRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.details)
}

// The failures that a service may have.
var (
	ErrBadAnswer = &frontline.CallbackError{Code: frontline.CodeInvalidResponse, Status: 200}
	ErrStatus500 = &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 500}
	ErrStatus403 = &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 403}
	ErrStatus404 = &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 404}
	ErrStatus400 = &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 400}
	ErrTimeout   = &frontline.CallbackError{Code: frontline.CodeCallbackTimeout}
	ErrNoURL     = &frontline.CallbackError{Code: frontline.CodeNoCallbackURL}
)
