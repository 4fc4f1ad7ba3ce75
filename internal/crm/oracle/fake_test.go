package external

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

// fakeService is somebody's integration service: the workers' lists, and a manner
// of handing them out. Calls are counted from 1. It is safe for concurrent use.
type fakeService struct {
	manner     manner
	searchable frontline.Searchable
	searches   bool          // it answers a Query by its words, else it ignores it
	slow       time.Duration // how long each call takes

	mu      sync.Mutex
	lists   map[string][]frontline.Customer // by worker, byte for byte
	calls   []frontline.ListRequest
	details []frontline.DetailsRequest
	down    error         // every call fails with it
	failing map[int]error // the call of that number fails with it
}

// manner is how a service pages. all is the list asked for, nth the number of
// the call to this service.
type manner interface {
	page(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error)
}

// newFake makes a service where alice has n customers and bob none.
func newFake(m manner, n int) *fakeService {
	return &fakeService{manner: m, lists: map[string][]frontline.Customer{"alice": people("a", n)}, failing: map[int]error{}}
}

// people makes n customers with ids prefix1, prefix2, ….
func people(prefix string, n int) []frontline.Customer {
	all := make([]frontline.Customer, n)
	for i := range all {
		all[i] = frontline.Customer{ID: prefix + strconv.Itoa(i+1), DisplayName: fmt.Sprintf("Person %s %05d", prefix, i+1)}
	}
	return all
}

func (f *fakeService) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	f.mu.Lock()
	f.calls = append(f.calls, req)
	nth := len(f.calls)
	all, err := f.lists[req.Worker], f.down
	if e := f.failing[nth]; e != nil {
		err = e
	}
	searchable := f.searchable
	f.mu.Unlock()
	if err := f.work(ctx); err != nil {
		return frontline.ListResponse{}, err
	}
	if err != nil {
		return frontline.ListResponse{}, err
	}
	if req.Query != "" && f.searches {
		all = slices.DeleteFunc(slices.Clone(all), func(c frontline.Customer) bool {
			return !strings.Contains(c.DisplayName, req.Query)
		})
	}
	resp, err := f.manner.page(all, req, nth)
	resp.Customers = slices.Clone(resp.Customers)
	resp.Searchable = searchable
	return resp, err
}

func (f *fakeService) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
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

func (f *fakeService) work(ctx context.Context) error {
	if f.slow == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(f.slow)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// set changes a worker's list.
func (f *fakeService) set(worker string, list []frontline.Customer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists[worker] = list
}

// breakDown makes every call fail with err, until it is nil.
func (f *fakeService) breakDown(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = err
}

// failOn makes one call fail, counted from now: 1 is the next.
func (f *fakeService) failOn(next int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failing[len(f.calls)+next] = err
}

// asked answers the list requests so far.
func (f *fakeService) asked() []frontline.ListRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// askedDetails answers the details requests so far.
func (f *fakeService) askedDetails() []frontline.DetailsRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.details)
}

// The failures that a service may have.
var (
	errBadAnswer = &frontline.CallbackError{Code: frontline.CodeInvalidResponse, Status: 200}
	errStatus500 = &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 500}
	errStatus403 = &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 403}
	errStatus404 = &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 404}
	errStatus400 = &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 400}
	errTimeout   = &frontline.CallbackError{Code: frontline.CodeCallbackTimeout}
	errNoURL     = &frontline.CallbackError{Code: frontline.CodeNoCallbackURL}
)
