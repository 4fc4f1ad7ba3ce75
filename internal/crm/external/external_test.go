package external_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/crm/limit"
	"github.com/clientele-project/clientele/internal/secret"
)

// A counter counts the calls to a service in flight.
type counter struct {
	frontline.CRM

	mu            sync.Mutex
	inFlight, max int
	began         []time.Time
}

func (c *counter) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	c.mu.Lock()
	c.inFlight++
	c.max = max(c.max, c.inFlight)
	c.began = append(c.began, time.Now())
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.inFlight--
	}()
	return c.CRM.CustomersList(ctx, req)
}

func TestService_AThousandWorkersAtOnce(t *testing.T) {
	const workers, atOnce, perSecond = 1000, 4, 10
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(30), 0)
		f.SetDelay(300 * time.Millisecond)
		for i := range workers {
			name := fmt.Sprintf("worker%d@example.com", i)
			f.Set(name, crmfake.People(fmt.Sprintf("w%d-", i), 20))
		}
		calls := &counter{CRM: f}
		s := newService(calls, external.Options{Queue: limit.QueueOptions{Calls: atOnce, PerSecond: perSecond}})

		var goroutines atomic.Int64
		watching, stop := context.WithCancel(t.Context())
		var watch sync.WaitGroup
		watch.Go(func() {
			for watching.Err() == nil {
				goroutines.Store(max(goroutines.Load(), int64(runtime.NumGoroutine())))
				time.Sleep(100 * time.Millisecond)
			}
		})
		round := func() (longest time.Duration, polls int64) {
			var opening sync.WaitGroup
			var slowest, polled atomic.Int64
			for i := range workers {
				opening.Go(func() {
					name := fmt.Sprintf("worker%d@example.com", i)
					began := time.Now()
					resp, n, err := openList(t.Context(), s, frontline.ListRequest{Worker: name})
					if err != nil || len(resp.Customers) != 20 {
						t.Errorf("CustomersList(%s) = %d customers, %v, want 20", name, len(resp.Customers), err)
						return
					}
					for _, c := range resp.Customers {
						if !strings.HasPrefix(c.ID, fmt.Sprintf("w%d-", i)) {
							t.Errorf("CustomersList(%s) returned %s of another worker", name, c.ID)
						}
					}
					polled.Add(int64(n))
					took := int64(time.Since(began))
					for old := slowest.Load(); took > old && !slowest.CompareAndSwap(old, took); old = slowest.Load() {
					}
				})
			}
			opening.Wait()
			return time.Duration(slowest.Load()), polled.Load()
		}

		longest, polls := round()
		t.Logf("first round: %v, %d requests, at most %d goroutines", longest, polls, goroutines.Load())
		if want := workers * time.Second / perSecond; longest > want+20*time.Second {
			t.Errorf("first round took %v, want at most 20s more than the %v of the rate", longest, want)
		}
		if warm, _ := round(); warm > 100*time.Millisecond {
			t.Errorf("second round took %v, want at most 100ms", warm)
		}
		if calls.max > atOnce {
			t.Errorf("%d calls at once, want at most %d", calls.max, atOnce)
		}
		for i := perSecond; i < len(calls.began); i++ {
			if within := calls.began[i].Sub(calls.began[i-perSecond]); within < 400*time.Millisecond {
				t.Fatalf("%d calls within %v, want at most %d a second", perSecond+1, within, perSecond)
			}
		}
		if n := goroutines.Load(); n > 8*workers {
			t.Errorf("%d goroutines, want at most %d", n, 8*workers)
		}
		stop()
		watch.Wait()
		closeService(t, s)
		synctest.Wait() // canceled calls leave the queue
		if got := s.Stats(); got.Queue != (limit.QueueStats{}) {
			t.Errorf("Stats() after Close = %+v, want nothing in flight or held", got)
		}
	})
}

func TestService_ReturnsCachedListOfSlowServiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(30), 90)
		f.SetDelay(3 * time.Second)
		n := new(recorder)
		s := newService(f, external.Options{Recorder: n})
		began := time.Now()
		if _, polls, err := openList(t.Context(), s, frontline.ListRequest{Worker: "alice"}); err != nil || polls < 2 {
			t.Errorf("first CustomersList: %v after %d polls, want none after 2 or more", err, polls)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("first CustomersList took %v, want at most 5s", took)
		}
		time.Sleep(time.Minute)
		began = time.Now()
		resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
		if err != nil || len(resp.Customers) != 30 || resp.Meta.AsOf.IsZero() || time.Since(began) > 100*time.Millisecond {
			t.Errorf("second CustomersList = %d customers as of %v, %v, after %v, want 30 cached ones at once", len(resp.Customers), resp.Meta.AsOf, err, time.Since(began))
		}
		fresh, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "alice", NewerThan: resp.Meta.AsOf})
		if err != nil || !(fresh.Meta.AsOf.IsZero() || fresh.Meta.AsOf.After(resp.Meta.AsOf)) {
			t.Errorf("CustomersList with NewerThan: Meta = %+v, %v, want a newer list", fresh.Meta, err)
		}
		if stats := s.Stats(); stats.HeldBytes == 0 || stats.Workers != 1 || stats.Breaker.State != "closed" {
			t.Errorf("Stats() = %+v, want one worker", stats)
		}
		hits := 0
		for _, c := range n.calls {
			if c.Hit {
				hits++
			}
		}
		if calls := len(f.ListRequests()); hits == 0 || n.len() != hits+calls {
			t.Errorf("%d recorded, %d of them from the cache, want all %d calls", n.len(), hits, calls)
		}
		closeService(t, s)
	})
}

func TestService_KeepsListAndStopsCallsWhileServiceIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(30), 20)
		s := newService(f, external.Options{})
		defer closeService(t, s)
		if _, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "alice"}); err != nil {
			t.Fatal(err)
		}
		f.Fail(crmfake.ErrStatus500)
		for range 30 {
			time.Sleep(3 * time.Second)
			resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
			if err != nil || len(resp.Customers) != 20 {
				t.Fatalf("CustomersList with the service down = %d customers, %v, want 20", len(resp.Customers), err)
			}
			// A worker without a cached list gets the error, not an empty list.
			if _, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "bob"}); !errors.Is(err, crmfake.ErrStatus500) {
				t.Fatalf("CustomersList(bob): %v, want %v", err, crmfake.ErrStatus500)
			}
		}
		if state := s.Stats().Breaker; state.State == "closed" {
			t.Errorf("Stats().Breaker = %+v, want open with its failure", state)
		}
		if n := len(f.ListRequests()); n > 1+5+2*9+5 { // 90 s: five until it opens, then one or two every 10 s
			t.Errorf("%d calls in 90s to a service that is down, want at most 29", n)
		}
		f.Fail(nil)
		time.Sleep(20 * time.Second)
		if _, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "bob"}); err != nil {
			t.Errorf("CustomersList(bob) after the outage: %v", err)
		}
	})
}

func TestService_ReportsTimeoutToTheCallerThatPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(30), 20)
		f.SetDelay(7 * time.Second)
		s := newService(f, external.Options{})
		defer closeService(t, s)
		began := time.Now()
		_, polls, err := openList(t.Context(), s, frontline.ListRequest{Worker: "alice"})
		var failed *frontline.CallbackError
		if !errors.As(err, &failed) || failed.Code != frontline.CodeCallbackTimeout || polls < 3 {
			t.Errorf("CustomersList: %v after %d polls, want a timeout after 3 or more", err, polls)
		}
		if took := time.Since(began); took < 6*time.Second || took > 8*time.Second {
			t.Errorf("CustomersList failed after %v, want 6s to 8s", took)
		}
	})
}

func TestService_CacheOutlivesTheProcessButNotTheWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blobs, sealer := crmfake.NewBlobs(), secret.NewKey().Sealer("test")
		f := crmfake.New(crmfake.ByToken(30), 20)
		s := newService(f, external.Options{Blobs: blobs, Sealer: sealer})
		if _, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "alice"}); err != nil {
			t.Fatal(err)
		}
		closeService(t, s)
		if err := openOnce(t.Context(), s, "alice"); err == nil {
			t.Error("CustomersList after Close = nil error")
		}

		f.Fail(crmfake.ErrTimeout)
		s = newService(f, external.Options{Blobs: blobs, Sealer: sealer})
		resp, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "alice"})
		if err != nil || len(resp.Customers) != 20 {
			t.Errorf("CustomersList after a restart = %d customers, %v, want 20", len(resp.Customers), err)
		}
		s.Retain(t.Context(), func(key string) bool { return key != "alice" })
		if held := s.Stats(); held.Workers != 0 {
			t.Errorf("Stats().Workers = %d after Retain, want 0", held.Workers)
		}
		if err := s.Forget(t.Context(), "alice"); err != nil {
			t.Errorf("Forget: %v", err)
		}
		if _, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "alice"}); !errors.Is(err, crmfake.ErrTimeout) {
			t.Errorf("CustomersList after Forget: %v, want %v", err, crmfake.ErrTimeout)
		}
		closeService(t, s)
	})
}

func TestService_CloseHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(30), 2000)
		f.SetDelay(5 * time.Second)
		s := newService(f, external.Options{Blobs: crmfake.NewBlobs()})
		openOnce(t.Context(), s, "alice")
		s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "person"})
		began := time.Now()
		closeService(t, s)
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("Close took %v, want at most 4s", took)
		}
	})
}
