package limit_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/limit"
)

// fast limits nothing but the calls at once.
func fast(calls int) limit.QueueOptions {
	return limit.QueueOptions{Calls: calls, PerSecond: 1000, Burst: 1000}
}

// service is a service whose calls take a while and end as told. It records the calls.
type service struct {
	takes time.Duration

	mu       sync.Mutex
	err      error
	panics   bool
	inFlight int
	most     int
	began    []time.Time
	workers  []string
}

func (s *service) crm() frontline.CRM { return crm.Func(s.call) }

func (s *service) call(ctx context.Context, req crm.Request) (resp crm.Response, err error) {
	s.mu.Lock()
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	s.began = append(s.began, time.Now())
	s.workers = append(s.workers, req.Worker())
	takes, failure, panics := s.takes, s.err, s.panics
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.inFlight--
	}()
	if panics {
		panic("the service broke")
	}
	select {
	case <-time.After(takes):
		return resp, failure
	case <-ctx.Done():
		return resp, ctx.Err()
	}
}

// set says how calls go from now on.
func (s *service) set(takes time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takes, s.err = takes, err
}

// calls returns how many were made.
func (s *service) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.began)
}

// order returns the workers of the calls, in order.
func (s *service) order() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.workers)
}

// list requests a worker's list.
func list(ctx context.Context, c frontline.CRM, worker string) error {
	_, err := c.CustomersList(ctx, frontline.ListRequest{Worker: worker})
	return err
}

// status is a failure with an HTTP status.
func status(code int) error {
	return &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: code}
}

var (
	err500     = status(500)
	errTimeout = &frontline.CallbackError{Code: frontline.CodeCallbackTimeout}
)

// recorder records calls in memory.
type recorder struct {
	mu  sync.Mutex
	all []crm.Call
}

func (r *recorder) Record(c crm.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, c)
}

func (r *recorder) calls() []crm.Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// roundTrip is a transport without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// clientOf returns a client of a URL; its transport is measured.
func clientOf(t *testing.T, url string, transport http.RoundTripper) *frontline.Client {
	t.Helper()
	client, err := frontline.NewClient(url, frontline.ClientOptions{Transport: limit.MeasureTransport(transport)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// statusOf returns the status in err, and 0 if there is none.
func statusOf(err error) int {
	var failed *frontline.CallbackError
	if !errors.As(err, &failed) {
		return 0
	}
	return failed.Status
}
