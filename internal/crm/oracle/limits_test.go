package external_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/oracle"
)

func TestService_LimitsCalls(t *testing.T) {
	const atOnce, perSecond = 3, 5
	synctest.Test(t, func(t *testing.T) {
		f := external.NewFake(external.ByToken(0), 0)
		f.SetDelay(time.Second)
		calls := &counter{CRM: f}
		s := newService(calls, external.Options{Limits: external.QueueOptions{Calls: atOnce, PerSecond: perSecond, Burst: 1}})
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
		f := external.NewFake(external.ByToken(0), 100)
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
		f := external.NewFake(external.ByToken(0), 100)
		f.SetDelay(5 * time.Second)
		s := newUnlimited(f)
		defer closeService(t, s)
		began := time.Now()
		err := openOnce(t.Context(), s, "alice")
		if isPending, after := external.Pending(err); !isPending || after <= 0 || time.Since(began) > time.Second+10*time.Millisecond {
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

func TestService_CallersThatLeaveDoNotFillTheQueue(t *testing.T) {
	for name, test := range map[string]struct {
		leave time.Duration
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
				f := external.NewFake(external.ByToken(0), 1000)
				f.SetSearchable(frontline.SearchableYes, false)
				f.SetDelay(100 * time.Millisecond)
				f.Set("bob", external.People("b", 10))
				s := newService(f, external.Options{Limits: external.QueueOptions{Calls: 4, PerSecond: 20}})
				defer closeService(t, s)
				if _, err := walkIDs(t, s, alice); err != nil {
					t.Fatal(err)
				}
				for n := range 600 {
					ctx, leave := context.WithTimeout(t.Context(), test.leave)
					test.call(ctx, s, n)
					leave()
				}
				synctest.Wait()
				queued := 0
				for _, n := range s.Stats().Queue.Queue {
					queued += n
				}
				if queued > 40 {
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
		f := external.NewFake(external.ByToken(0), 2000)
		f.SetSearchable(frontline.SearchableNo, false)
		f.SetDelay(200 * time.Millisecond)
		s := newService(f, external.Options{Limits: external.QueueOptions{Calls: 2, PerSecond: 10}})
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
		f := external.NewFake(external.ByToken(0), 100)
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
	synctest.Test(t, func(t *testing.T) {
		f := external.NewFake(external.ByToken(0), 100)
		s := newUnlimited(f)
		defer closeService(t, s)
		f.FailOn(1, noConnection)
		if resp := mustOpen(t, s, alice); len(resp.Customers) != 30 || len(f.ListRequests()) != 2 {
			t.Errorf("CustomersList = %d customers, %d calls, want 30 and 2", len(resp.Customers), len(f.ListRequests()))
		}
		f.Fail(noConnection)
		if _, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "bob"}); !errors.Is(err, noConnection) || len(f.ListRequests()) != 4 {
			t.Errorf("CustomersList: %v, %d calls, want the failure after one retry", err, len(f.ListRequests())-2)
		}
		f.Fail(external.ErrStatus500)
		if _, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "carol"}); !errors.Is(err, external.ErrStatus500) || len(f.ListRequests()) != 5 {
			t.Errorf("CustomersList: %v, %d calls, want the failure without a retry", err, len(f.ListRequests())-4)
		}
	})
}

func TestService_BreakerIsNotOpenedByOneWorkersQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := external.NewFake(external.ByToken(0), 20)
		f.SetSearchable(frontline.SearchableYes, true)
		s := newUnlimited(f)
		defer closeService(t, s)
		mustOpen(t, s, alice)
		f.Fail(external.ErrStatus500)
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
