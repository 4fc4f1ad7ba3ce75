package external

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
)

// stacked puts a service together over f; whatever is left out of o is added. It is
// closed at the end of the test's bubble by whoever began it.
func stacked(f frontline.CRM, o Options) *Service {
	o.Client = f
	if o.Sealer == nil {
		o.Sealer = testSealer()
	}
	o.Service = "a service"
	return New(o)
}

func closeStack(t *testing.T, s *Service) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// open opens a worker's list as a page does: it waits as long as it is told, and asks
// again, until there is an answer or an error that says anything else.
func open(ctx context.Context, crm frontline.CRM, req frontline.ListRequest) (resp frontline.ListResponse, polls int, err error) {
	for polls = 1; ; polls++ {
		resp, err = crm.CustomersList(ctx, req)
		is, after := pending(err)
		if !is {
			return resp, polls, err
		}
		time.Sleep(after)
	}
}

func TestAThousandWorkersOpenTheirListsThroughANarrowGate(t *testing.T) {
	const workers, atOnce, perSecond = 1000, 4, 10
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{30}, 0)
		f.slow = 300 * time.Millisecond
		for i := range workers {
			name := fmt.Sprintf("worker%d@example.com", i)
			f.lists[name] = people(fmt.Sprintf("w%d-", i), 20)
		}
		g := &gauge{} // counts how many are in flight in front of f
		s := stacked(inFront{g, f}, Options{Limits: QueueOptions{Calls: atOnce, PerSecond: perSecond}})

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
			var most, asked atomic.Int64
			for i := range workers {
				opening.Go(func() {
					name := fmt.Sprintf("worker%d@example.com", i)
					began := time.Now()
					resp, n, err := open(t.Context(), s, frontline.ListRequest{Worker: name})
					if err != nil || len(resp.Customers) != 20 {
						t.Errorf("%s: %d customers, %v", name, len(resp.Customers), err)
						return
					}
					for _, c := range resp.Customers {
						if !strings.HasPrefix(c.ID, fmt.Sprintf("w%d-", i)) {
							t.Errorf("%s was shown %s", name, c.ID)
						}
					}
					asked.Add(int64(n))
					took := int64(time.Since(began))
					for old := most.Load(); took > old && !most.CompareAndSwap(old, took); old = most.Load() {
					}
				})
			}
			opening.Wait()
			return time.Duration(most.Load()), asked.Load()
		}

		longest, polls := round()
		t.Logf("the first round took %v and %d requests for pages, at most %d goroutines", longest, polls, goroutines.Load())
		if want := workers * time.Second / perSecond; longest > want+20*time.Second {
			t.Errorf("the first round took %v; the rate alone takes %v", longest, want)
		}
		if warm, _ := round(); warm > 100*time.Millisecond {
			t.Errorf("the second round took %v", warm)
		}
		if g.most > atOnce {
			t.Errorf("%d calls at once", g.most)
		}
		for i := perSecond; i < len(g.began); i++ {
			if within := g.began[i].Sub(g.began[i-perSecond]); within < 400*time.Millisecond {
				t.Fatalf("%d calls within %v", perSecond+1, within)
			}
		}
		if n := goroutines.Load(); n > 8*workers {
			t.Errorf("%d goroutines", n)
		}
		if held := s.Stats().Queue.Queue; held[waiting] != 0 {
			t.Errorf("workers still queue: %v", held)
		}
		stop()
		watch.Wait()
		closeStack(t, s)
		synctest.Wait() // calls that were given up leave the queue by themselves
		if got := s.Stats(); got.Queue.InFlight != 0 || got.Queue.Queue != [3]int{} || got.Deadline != (DeadlineStats{}) {
			t.Errorf("left over: %+v", got)
		}
	})
}

// inFront notes the calls to a service in a gauge.
type inFront struct {
	*gauge
	crm frontline.CRM
}

func (f inFront) CustomersList(ctx context.Context, req frontline.ListRequest) (resp frontline.ListResponse, err error) {
	f.mu.Lock()
	f.inFlight++
	f.most = max(f.most, f.inFlight)
	f.began = append(f.began, time.Now())
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.inFlight--
	}()
	return f.crm.CustomersList(ctx, req)
}

func TestWithASlowServiceTheSecondOpeningIsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{30}, 90)
		f.slow = 3 * time.Second
		n := new(noted)
		s := stacked(f, Options{Recorder: n})
		began := time.Now()
		if _, polls, err := open(t.Context(), s, frontline.ListRequest{Worker: "alice"}); err != nil || polls < 2 {
			t.Errorf("the first: %v after %d polls", err, polls)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("the first took %v", took)
		}
		time.Sleep(time.Minute)
		began = time.Now()
		resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
		if err != nil || len(resp.Customers) != 30 || resp.Meta.AsOf.IsZero() || time.Since(began) > 100*time.Millisecond {
			t.Errorf("the second: %d customers as of %v, %v, after %v", len(resp.Customers), resp.Meta.AsOf, err, time.Since(began))
		}
		fresh, _, err := open(t.Context(), s, frontline.ListRequest{Worker: "alice", NewerThan: resp.Meta.AsOf})
		if err != nil || !(fresh.Meta.AsOf.IsZero() || fresh.Meta.AsOf.After(resp.Meta.AsOf)) {
			t.Errorf("the fresh one: %+v, %v", fresh.Meta, err)
		}
		stats := s.Stats()
		if stats.Hits == 0 || stats.Calls == 0 || stats.Failures != 0 || stats.HeldBytes == 0 || stats.Workers != 1 || stats.Breaker.State != "closed" {
			t.Errorf("stats: %+v", stats)
		}
		if int64(len(n.all())) != stats.Hits+stats.Calls {
			t.Errorf("%d were noted, stats: %+v", len(n.all()), stats)
		}
		closeStack(t, s)
	})
}

func TestWhenTheServiceGoesDownTheListStaysAndTheServiceIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{30}, 20)
		s := stacked(f, Options{})
		defer closeStack(t, s)
		if _, _, err := open(t.Context(), s, frontline.ListRequest{Worker: "alice"}); err != nil {
			t.Fatal(err)
		}
		f.breakDown(errStatus500)
		for range 30 {
			time.Sleep(3 * time.Second)
			resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
			if err != nil || len(resp.Customers) != 20 {
				t.Fatalf("%d customers, %v", len(resp.Customers), err)
			}
			// Who was never here is told the truth, not an empty list.
			if _, _, err := open(t.Context(), s, frontline.ListRequest{Worker: "bob"}); !errors.Is(err, errStatus500) {
				t.Fatalf("bob got %v", err)
			}
		}
		if state := s.Stats().Breaker; state.State == "closed" || state.Last == nil {
			t.Errorf("%+v", state)
		}
		if n := len(f.asked()); n > 1+5+2*9+5 { // 90 s: five until it opens, then one or two every 10 s
			t.Errorf("a service that is down was asked %d times in 90 s", n)
		}
		f.breakDown(nil)
		time.Sleep(20 * time.Second)
		if _, _, err := open(t.Context(), s, frontline.ListRequest{Worker: "bob"}); err != nil {
			t.Errorf("it is back, but bob got %v", err)
		}
	})
}

func TestTheFailureAfterSixSecondsIsSeenByThePageThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{30}, 20)
		f.slow = 7 * time.Second
		s := stacked(f, Options{})
		defer closeStack(t, s)
		began := time.Now()
		_, polls, err := open(t.Context(), s, frontline.ListRequest{Worker: "alice"})
		var failed *frontline.CallbackError
		if !errors.As(err, &failed) || failed.Code != frontline.CodeCallbackTimeout || polls < 3 {
			t.Errorf("got %v after %d polls", err, polls)
		}
		if took := time.Since(began); took < 6*time.Second || took > 8*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestWhatIsHeldOutlivesTheProcessButNotTheWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keeper, sealer := newMemoryKeeper(), testSealer()
		f := newFake(byToken{30}, 20)
		s := stacked(f, Options{Blobs: keeper, Sealer: sealer})
		if _, _, err := open(t.Context(), s, frontline.ListRequest{Worker: "alice"}); err != nil {
			t.Fatal(err)
		}
		closeStack(t, s)
		if err := askFor(t.Context(), s, "alice"); err == nil {
			t.Error("a closed service answered")
		}

		f.breakDown(errTimeout)
		s = stacked(f, Options{Blobs: keeper, Sealer: sealer})
		resp, _, err := open(t.Context(), s, frontline.ListRequest{Worker: "alice"})
		if err != nil || len(resp.Customers) != 20 {
			t.Errorf("after a start: %d customers, %v", len(resp.Customers), err)
		}
		s.Retain(t.Context(), func(key string) bool { return key != "alice" })
		if held := s.Stats(); held.Workers != 0 {
			t.Errorf("held of nobody: %+v", held)
		}
		if err := s.Forget(t.Context(), "alice"); err != nil {
			t.Error(err)
		}
		if _, _, err := open(t.Context(), s, frontline.ListRequest{Worker: "alice"}); !errors.Is(err, errTimeout) {
			t.Errorf("of who was forgotten something is left: %v", err)
		}
		closeStack(t, s)
	})
}

func TestCloseDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{30}, 2000)
		f.slow = 5 * time.Second
		s := stacked(f, Options{Blobs: newMemoryKeeper()})
		askFor(t.Context(), s, "alice")
		s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "person"})
		began := time.Now()
		closeStack(t, s)
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
