package external_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/crm/limit"
)

func TestService_LimitsCalls(t *testing.T) {
	const atOnce, perSecond = 3, 5
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 0)
		f.SetDelay(time.Second)
		calls := &counter{CRM: f}
		s := newService(calls, external.Options{Queue: limit.QueueOptions{Calls: atOnce, PerSecond: perSecond, Burst: 1}})
		defer closeService(t, s)
		var all sync.WaitGroup
		for i := range 30 {
			all.Go(func() { openList(t.Context(), s, frontline.ListRequest{Worker: fmt.Sprint("worker", i)}) })
		}
		all.Wait()
		if calls.max != atOnce || len(calls.began) != 30 {
			t.Errorf("%d calls, %d at once, want 30 and %d", len(calls.began), calls.max, atOnce)
		}
		for i := perSecond + 1; i < len(calls.began); i++ {
			if within := calls.began[i].Sub(calls.began[i-perSecond-1]); within < time.Second {
				t.Errorf("%d calls within %v, want at most %d a second", perSecond+2, within, perSecond)
			}
		}
	})
}

func TestService_JoinsIdenticalCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 100)
		f.SetDelay(500 * time.Millisecond)
		s := newUnlimited(f)
		defer closeService(t, s)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if resp, _, err := openList(t.Context(), s, alice); err != nil || len(resp.Customers) != 30 {
					t.Errorf("CustomersList = %d customers, %v, want 30", len(resp.Customers), err)
				}
			})
		}
		all.Wait()
		if n := len(f.ListRequests()); n != 1 {
			t.Errorf("%d calls for 20 identical requests, want 1", n)
		}
	})
}

// The caller that leaves does not cancel the call: the next request gets its result.
func TestService_ReturnsWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 100)
		f.SetDelay(5 * time.Second)
		s := newUnlimited(f)
		defer closeService(t, s)
		began := time.Now()
		err := openOnce(t.Context(), s, "alice")
		if isPending, after := crmfake.Pending(err); !isPending || after <= 0 || time.Since(began) > time.Second+10*time.Millisecond {
			t.Errorf("CustomersList of a slow service: %v after %v, want a pending error with RetryAfter within 1s", err, time.Since(began))
		}
		time.Sleep(5 * time.Second)
		if n := len(f.ListRequests()); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
		began = time.Now()
		if resp, err := s.CustomersList(t.Context(), alice); err != nil || len(resp.Customers) != 30 || time.Since(began) > 100*time.Millisecond {
			t.Errorf("CustomersList after the call = %d customers, %v after %v, want 30 at once", len(resp.Customers), err, time.Since(began))
		}
	})
}

func TestService_AbandonedCallsDoNotFillTheQueue(t *testing.T) {
	for name, test := range map[string]struct {
		after time.Duration
		call  func(context.Context, frontline.CRM, int)
	}{
		"details": {5 * time.Millisecond, func(ctx context.Context, crm frontline.CRM, n int) {
			crm.CustomerDetails(ctx, frontline.DetailsRequest{Worker: "alice", CustomerID: fmt.Sprint("a", n+1)})
		}},
		"searches": {50 * time.Millisecond, func(ctx context.Context, crm frontline.CRM, n int) {
			crm.CustomersList(ctx, frontline.ListRequest{Worker: "alice", Query: fmt.Sprint(n%10, n)})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := crmfake.New(crmfake.ByToken(0), 1000)
				f.SetSearchable(frontline.SearchableYes, false)
				f.SetDelay(100 * time.Millisecond)
				f.Set("bob", crmfake.People("b", 10))
				s := newService(f, external.Options{Queue: limit.QueueOptions{Calls: 4, PerSecond: 20}})
				defer closeService(t, s)
				if _, err := walkIDs(t, s, alice); err != nil {
					t.Fatal(err)
				}
				for n := range 600 {
					ctx, cancel := context.WithTimeout(t.Context(), test.after)
					test.call(ctx, s, n)
					cancel()
				}
				synctest.Wait()
				if queued := s.Stats().Queue.Waiting; queued > 40 {
					t.Errorf("%d calls of a single worker are queued, want at most 40", queued)
				}
				began := time.Now()
				if _, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "bob"}); err != nil || time.Since(began) > 5*time.Second {
					t.Errorf("CustomersList of another worker: %v after %v, want none within 5s", err, time.Since(began))
				}
			})
		})
	}
}

// A crawl of 2,000 customers, begun by a search, runs beside workers who open lists.
func TestService_WorkersGoBeforeBackgroundCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 2000)
		f.SetSearchable(frontline.SearchableNo, false)
		f.SetDelay(200 * time.Millisecond)
		s := newService(f, external.Options{Queue: limit.QueueOptions{Calls: 2, PerSecond: 10}})
		defer closeService(t, s)
		mustOpen(t, s, alice)
		mustOpen(t, s, frontline.ListRequest{Worker: "alice", Query: "person"})
		for i := range 20 {
			time.Sleep(200 * time.Millisecond)
			began := time.Now()
			if _, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: fmt.Sprint("worker", i)}); err != nil || time.Since(began) > time.Second {
				t.Errorf("CustomersList during a crawl: %v after %v, want none within 1s", err, time.Since(began))
			}
		}
	})
}

func TestService_SlowsDownAt429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 100)
		s := newUnlimited(f)
		defer closeService(t, s)
		f.FailOn(1, &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: http.StatusTooManyRequests})
		if resp := mustOpen(t, s, alice); len(resp.Customers) != 30 {
			t.Errorf("CustomersList = %d customers, want 30 after another call", len(resp.Customers))
		}
		if n := len(f.ListRequests()); n != 2 || s.Stats().Breaker.State != "closed" {
			t.Errorf("%d calls, breaker %s, want 2 and closed", n, s.Stats().Breaker.State)
		}
	})
}

func TestService_RetriesOnceWithoutConnection(t *testing.T) {
	noConnection := &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}
	for name, test := range map[string]struct {
		err   error
		fails int
		calls int
	}{
		"no connection once": {noConnection, 1, 2},
		"no connection":      {noConnection, 2, 2},
		"a failure":          {crmfake.ErrStatus500, 1, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := crmfake.New(crmfake.ByToken(0), 100)
			s := newUnlimited(f)
			defer closeService(t, s)
			for n := range test.fails {
				f.FailOn(n+1, test.err)
			}
			_, _, err := openList(t.Context(), s, alice)
			if want := test.fails == test.calls; want != errors.Is(err, test.err) || len(f.ListRequests()) != test.calls {
				t.Errorf("%s: CustomersList: %v after %d calls, want %d", name, err, len(f.ListRequests()), test.calls)
			}
		})
	}
}

// A service that is down for 2 s every other 2 s shows no error, also if its calls take a
// good part of that.
func TestService_Flapping(t *testing.T) {
	for _, delay := range []time.Duration{53 * time.Millisecond, 211 * time.Millisecond, 433 * time.Millisecond} {
		t.Run(delay.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := crmfake.New(crmfake.ByToken(0), 100)
				f.SetDelay(delay)
				s := newUnlimited(f)
				defer closeService(t, s)
				mustOpen(t, s, alice)
				ctx, cancel := context.WithCancel(t.Context())
				var all sync.WaitGroup
				all.Go(func() {
					for down := true; ctx.Err() == nil; down = !down {
						f.Fail(map[bool]error{true: crmfake.ErrStatus500}[down])
						time.Sleep(2 * time.Second)
					}
				})
				var opening sync.WaitGroup
				for n := range 200 { // each worker opens a list of which nothing is held
					worker := "worker" + strconv.Itoa(n)
					f.Set(worker, crmfake.People(worker, 10))
					opening.Go(func() {
						began := time.Now()
						_, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: worker})
						if took := time.Since(began); err != nil || took > 30*time.Second {
							t.Errorf("CustomersList of %s: %v after %v, want none within 30s", worker, err, took)
						}
					})
					time.Sleep(97 * time.Millisecond)
				}
				opening.Wait()
				cancel()
				all.Wait()
			})
		})
	}
}

func TestService_BreakerIsNotOpenedByOneWorkersQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 20)
		f.SetSearchable(frontline.SearchableYes, true)
		s := newUnlimited(f)
		defer closeService(t, s)
		mustOpen(t, s, alice)
		f.Fail(crmfake.ErrStatus500)
		for n := range 50 {
			openList(t.Context(), s, frontline.ListRequest{Worker: "alice", Query: fmt.Sprint("o'", n)})
		}
		f.Fail(nil)
		if state := s.Stats().Breaker.State; state != "closed" {
			t.Errorf("breaker is %s after failed searches of one worker, want closed", state)
		}
		if _, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "bob"}); err != nil {
			t.Errorf("CustomersList of another worker: %v", err)
		}
	})
}
