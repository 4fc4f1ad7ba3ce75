package limit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/limit"
)

func TestQueue_LimitsCallsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{takes: time.Second}
		l := limit.New(s.crm(), limit.Options{Queue: fast(3)})
		var all sync.WaitGroup
		for i := range 60 {
			all.Go(func() {
				if err := list(crm.WithPriority(t.Context(), crm.Priority(i%3)), l, "alice"); err != nil {
					t.Errorf("CustomersList: %v", err)
				}
			})
		}
		synctest.Wait()
		if got := l.Stats().Queue; got.InFlight != 3 || got.Waiting != 57 {
			t.Errorf("Stats() = %+v, want 3 in flight and the others waiting", got)
		}
		all.Wait()
		if s.most != 3 || s.calls() != 60 {
			t.Errorf("%d calls, %d at once, want 60 and 3", s.calls(), s.most)
		}
		if got := l.Stats().Queue; got != (limit.QueueStats{}) {
			t.Errorf("Stats() at the end = %+v, want zeroes", got)
		}
	})
}

func TestQueue_LimitsCallsASecond(t *testing.T) {
	const perSecond, burst, calls = 10, 5, 100
	synctest.Test(t, func(t *testing.T) {
		s := &service{takes: 50 * time.Millisecond}
		l := limit.New(s.crm(), limit.Options{Queue: limit.QueueOptions{Calls: 100, PerSecond: perSecond}})
		began := time.Now()
		var all sync.WaitGroup
		for range calls {
			all.Go(func() { list(t.Context(), l, "alice") })
		}
		all.Wait()
		// In any stretch of time: the burst, and what the rate gives meanwhile.
		for i, from := range s.began {
			for j := i; j < len(s.began); j++ {
				if most := burst + perSecond*s.began[j].Sub(from).Seconds() + 0.001; float64(j-i+1) > most {
					t.Fatalf("%d calls within %v, want %v", j-i+1, s.began[j].Sub(from), most)
				}
			}
		}
		if took, want := time.Since(began), 9500*time.Millisecond; took < want || took > want+100*time.Millisecond {
			t.Errorf("%d calls took %v, want about %v", calls, took, want)
		}
	})
}

func TestQueue_TakesTheMostUrgentAndOfThoseTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{takes: time.Second}
		l := limit.New(s.crm(), limit.Options{Queue: fast(1)})
		add := func(worker string, p crm.Priority) {
			go list(crm.WithPriority(t.Context(), p), l, worker)
			synctest.Wait()
		}
		add("first", crm.Background)
		for i := range 3 {
			add(fmt.Sprint("background ", i), crm.Background)
			add(fmt.Sprint("refresh ", i), crm.Refreshing)
			add(fmt.Sprint("worker ", i), crm.Waiting)
		}
		time.Sleep(3500 * time.Millisecond)
		add("worker late", crm.Waiting)
		time.Sleep(time.Minute)
		want := []string{"first", "worker 0", "worker 1", "worker 2", "worker late",
			"refresh 0", "refresh 1", "refresh 2", "background 0", "background 1", "background 2"}
		if got := s.order(); !slices.Equal(got, want) {
			t.Errorf("order of calls = %q, want %q", got, want)
		}
	})
}

// With a single place the queue looks when a call has ended. With free places that are
// not for background calls it must look by itself.
func TestQueue_BackgroundCallThatAWorkerComesToWaitForGoesFirst(t *testing.T) {
	for name, c := range map[string]struct {
		calls  int
		within time.Duration
	}{
		"no place is free":           {1, 2 * time.Second},
		"places are free to workers": {8, 1100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{takes: time.Second}
				l := limit.New(s.crm(), limit.Options{Queue: fast(c.calls)})
				g, kind := new(flight.Group), &flight.Kind{Name: "call"}
				joined := crm.Func(func(ctx context.Context, req crm.Request) (crm.Response, error) {
					return flight.Do(ctx, g, kind, req.Worker(), req.Key(), 0, func(ctx context.Context) (crm.Response, error) { return req.Do(ctx, l) })
				})
				background := crm.WithPriority(t.Context(), crm.Background)
				go list(background, joined, "busy")
				go list(background, joined, "busy too")
				synctest.Wait()
				for _, worker := range []string{"one", "two", "three"} {
					go list(background, joined, worker)
					synctest.Wait()
				}
				began := time.Now()
				if c.calls == 1 {
					time.Sleep(500 * time.Millisecond) // into the first call
				}
				go list(crm.WithPriority(t.Context(), crm.Refreshing), joined, "two")
				synctest.Wait()
				if err := list(t.Context(), joined, "three"); err != nil || time.Since(began) > c.within {
					t.Errorf("CustomersList: %v after %v, want none within %v", err, time.Since(began), c.within)
				}
				time.Sleep(time.Minute)
				order := s.order()
				at := func(worker string) int { return slices.Index(order, worker) }
				if at("three") > at("one") || at("two") > at("one") || c.calls == 1 && at("three") > at("two") {
					t.Errorf("order of calls = %q, want three, two, one", order)
				}
			})
		})
	}
}

func TestQueue_BackgroundCallsHaveAQuarterOfThePlaces(t *testing.T) {
	for _, c := range []struct{ calls, want int }{{1, 1}, {2, 1}, {4, 1}, {8, 2}, {50, 12}} {
		synctest.Test(t, func(t *testing.T) {
			s := &service{takes: time.Second}
			l := limit.New(s.crm(), limit.Options{Queue: fast(c.calls)})
			var all sync.WaitGroup
			for range 60 {
				all.Go(func() { list(crm.WithPriority(t.Context(), crm.Background), l, "background") })
			}
			all.Wait()
			if s.most != c.want || s.calls() != 60 {
				t.Errorf("of %d places background calls had %d, want %d", c.calls, s.most, c.want)
			}
		})
	}
}

func TestQueue_ReservesAPlaceAndACallOfABurstForWorkers(t *testing.T) {
	for name, o := range map[string]limit.QueueOptions{
		"places": fast(2),
		"rate":   {Calls: 100, PerSecond: 2, Burst: 4},
		"both":   {Calls: 4, PerSecond: 10, Burst: 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{takes: 100 * time.Millisecond}
				l := limit.New(s.crm(), limit.Options{Queue: o})
				for range 30 {
					go list(crm.WithPriority(t.Context(), crm.Background), l, "background")
				}
				for range 5 {
					time.Sleep(1730 * time.Millisecond)
					began := time.Now()
					if err := list(t.Context(), l, "worker"); err != nil || time.Since(began) != s.takes {
						t.Errorf("CustomersList: %v after %v, want none without waiting", err, time.Since(began))
					}
				}
				time.Sleep(time.Minute)
				if s.calls() != 35 {
					t.Errorf("%d calls, want 35", s.calls())
				}
			})
		})
	}
}

func TestQueue_RemovesCancelledCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{takes: 5 * time.Second}
		l := limit.New(s.crm(), limit.Options{Queue: fast(1)})
		go list(t.Context(), l, "first")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 2 { // in the queue, and before
			if err := list(ctx, l, "cancelled"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("CustomersList: %v, want the context's error", err)
			}
		}
		if got := l.Stats().Queue; got.Waiting != 0 || got.InFlight != 1 {
			t.Errorf("Stats() = %+v, want one call in flight and none waiting", got)
		}
		if err := list(t.Context(), l, "next"); err != nil {
			t.Errorf("CustomersList: %v", err)
		}
		if got := s.order(); !slices.Equal(got, []string{"first", "next"}) {
			t.Errorf("calls of %q, want first and next", got)
		}
	})
}

// Many contexts end in the very moment in which a place becomes free.
func TestQueue_LosesNoPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{takes: 100 * time.Millisecond}
		l := limit.New(s.crm(), limit.Options{Queue: fast(2)})
		var all sync.WaitGroup
		for i := range 500 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(crm.WithPriority(t.Context(), crm.Priority(i%3)), time.Duration(i%20)*100*time.Millisecond)
				defer cancel()
				list(ctx, l, "alice")
			})
		}
		all.Wait()
		if got := l.Stats().Queue; got != (limit.QueueStats{}) || s.most > 2 {
			t.Errorf("Stats() = %+v, %d calls at once, want nothing left and at most 2", got, s.most)
		}
		s.panics = true
		for range 3 {
			func() {
				defer func() { recover() }()
				list(t.Context(), l, "alice")
			}()
		}
		if got := l.Stats().Queue.InFlight; got != 0 {
			t.Errorf("%d calls in flight after panics, want none", got)
		}
		s.panics = false
		if err := list(crm.WithPriority(t.Context(), crm.Background), l, "alice"); err != nil { // has its place, too
			t.Errorf("CustomersList: %v", err)
		}
	})
}

func TestQueue_FullQueueRefusesTheNewestOfTheLeastUrgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{takes: time.Second}
		o := fast(1)
		o.Queue = 2
		l := limit.New(s.crm(), limit.Options{Queue: o})
		list(t.Context(), l, "before") // so that it is known how long calls take
		go list(t.Context(), l, "first")
		synctest.Wait()
		var refused []string
		for _, c := range []struct {
			worker string
			p      crm.Priority
		}{
			{"background 1", crm.Background},
			{"background 2", crm.Background},
			{"background 3", crm.Background}, // refused
			{"worker 1", crm.Waiting},        // in place of background 2
			{"refresh", crm.Refreshing},      // in place of background 1
			{"worker 2", crm.Waiting},        // in place of refresh
			{"worker 3", crm.Waiting},        // refused
		} {
			go func() {
				err := list(crm.WithPriority(t.Context(), c.p), l, c.worker)
				var full *frontline.UnavailableError
				if errors.As(err, &full) && !full.Pending && full.RetryAfter > 0 {
					refused = append(refused, c.worker)
				} else if err != nil {
					t.Errorf("CustomersList of %s: %v", c.worker, err)
				}
			}()
			synctest.Wait()
		}
		if want := []string{"background 3", "background 2", "background 1", "refresh", "worker 3"}; !slices.Equal(refused, want) {
			t.Errorf("refused = %q, want %q", refused, want)
		}
		time.Sleep(time.Minute)
	})
}

func TestQueue_TimeInTheQueueIsRecordedAndDoesNotCountForTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := &service{takes: 5 * time.Second}, new(recorder)
		l := limit.New(s.crm(), limit.Options{Queue: fast(1), Recorder: r})
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := list(t.Context(), l, "alice"); err != nil {
					t.Errorf("CustomersList: %v", err)
				}
			})
		}
		all.Wait()
		for i, c := range r.calls() {
			if want := time.Duration(i) * s.takes; c.Queued != want || c.Took != s.takes {
				t.Errorf("call %d was queued %v and took %v, want %v and %v", i, c.Queued, c.Took, want, s.takes)
			}
		}
	})
}

func TestQueue_Estimate(t *testing.T) {
	for name, o := range map[string]limit.QueueOptions{
		"ten a second": {Calls: 50, PerSecond: 10, Burst: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{takes: time.Second}
				l := limit.New(s.crm(), limit.Options{Queue: o})
				if d := l.Estimate(crm.Waiting); d != 0 {
					t.Errorf("Estimate() of an empty queue = %v, want 0", d)
				}
				for range 100 {
					go list(t.Context(), l, "alice")
				}
				time.Sleep(1500 * time.Millisecond) // it learns how long calls take
				told := l.Estimate(crm.Waiting)
				began := time.Now()
				go list(crm.WithPriority(t.Context(), crm.Background), l, "background")
				list(t.Context(), l, "bob")
				waited := time.Since(began) - s.takes
				if told < waited*3/4 || told > waited*5/4+200*time.Millisecond {
					t.Errorf("Estimate() = %v, the wait was %v", told, waited)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}

func TestQueue_OddLimits(t *testing.T) {
	for _, perSecond := range []float64{-1, 0, math.NaN(), math.Inf(1), 1e-300, 1e300} {
		synctest.Test(t, func(t *testing.T) {
			l := limit.New((&service{}).crm(), limit.Options{Queue: limit.QueueOptions{Calls: -5, PerSecond: perSecond, Burst: -1, Queue: -1}})
			if err := list(t.Context(), l, "alice"); err != nil {
				t.Errorf("CustomersList at %v a second: %v", perSecond, err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for range 5 {
				list(ctx, l, "alice")
			}
			if d := l.Estimate(crm.Background); d < 0 || d > 24*time.Hour {
				t.Errorf("Estimate() at %v a second = %v, want at most a day", perSecond, d)
			}
		})
	}
}

// Processes that call the same service share its limits, and get them back from those that end.
func TestQueue_SharesLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{takes: time.Second}
		var processes atomic.Int64
		processes.Store(3)
		l := limit.New(s.crm(), limit.Options{Queue: limit.QueueOptions{Calls: 8, PerSecond: 30, Processes: func() int { return int(processes.Load()) }}})
		var all sync.WaitGroup
		defer all.Wait()
		for range 200 {
			all.Go(func() { list(t.Context(), l, "alice") })
		}
		for _, step := range []struct {
			processes      int64
			inFlight, most int
		}{{3, 2, 25}, {20, 1, 15}, {1, 8, 85}} {
			processes.Store(step.processes)
			time.Sleep(1500 * time.Millisecond)
			if got := l.Stats().Queue.InFlight; got != step.inFlight {
				t.Errorf("%d calls at once of one of %d processes, want %d", got, step.processes, step.inFlight)
			}
			before := s.calls()
			time.Sleep(10 * time.Second)
			if got := s.calls() - before; got > step.most || got < step.most-10 {
				t.Errorf("%d calls in 10 s of one of %d processes, want about %d", got, step.processes, step.most-5)
			}
		}
	})
}
