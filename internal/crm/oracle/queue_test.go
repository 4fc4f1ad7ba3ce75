package external

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

func TestNeverMoreCallsAtOnceThanAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: time.Second}
		gate := newQueue(g, QueueOptions{Calls: 3, PerSecond: 1000, Burst: 1000})
		var asking sync.WaitGroup
		for i := range 60 {
			asking.Go(func() {
				ctx := withPriority(t.Context(), priority(i%3))
				if err := askFor(ctx, gate, "alice"); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if s := gate.Stats(); s.InFlight != 3 {
			t.Errorf("%+v", s)
		}
		asking.Wait()
		if g.most != 3 || g.calls() != 60 {
			t.Errorf("%d at once, %d in all", g.most, g.calls())
		}
		if s := gate.Stats(); s.InFlight != 0 || s.Queue != [3]int{} || s.Wait != 0 {
			t.Errorf("left over: %+v", s)
		}
	})
}

func TestNeverMoreCallsASecondThanAllowed(t *testing.T) {
	const perSecond, burst, calls = 10, 5, 100
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: 50 * time.Millisecond}
		gate := newQueue(g, QueueOptions{Calls: 100, PerSecond: perSecond})
		began := time.Now()
		var asking sync.WaitGroup
		for range calls {
			asking.Go(func() { askFor(t.Context(), gate, "alice") })
		}
		asking.Wait()
		// In any stretch of time: the burst, and what the rate gives meanwhile.
		for i, from := range g.began {
			for j := i; j < len(g.began); j++ {
				if most := burst + perSecond*g.began[j].Sub(from).Seconds() + 0.001; float64(j-i+1) > most {
					t.Fatalf("%d calls within %v", j-i+1, g.began[j].Sub(from))
				}
			}
		}
		if took, want := time.Since(began), 9500*time.Millisecond; took < want || took > want+100*time.Millisecond {
			t.Errorf("took %v, want about %v: the rate is to be used", took, want)
		}
	})
}

func TestWhoIsWaitedForGoesFirstAndAmongThoseWhoeverCameFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: time.Second}
		gate := newQueue(g, QueueOptions{Calls: 1, PerSecond: 1000, Burst: 1000})
		come := func(who string, u priority) {
			go askFor(withPriority(t.Context(), u), gate, who)
			synctest.Wait()
		}
		come("first", crawling)
		for i := range 3 {
			come(fmt.Sprint("crawl ", i), crawling)
			come(fmt.Sprint("refresh ", i), refreshing)
			come(fmt.Sprint("worker ", i), waiting)
		}
		time.Sleep(3500 * time.Millisecond)
		come("worker late", waiting)
		time.Sleep(time.Minute)
		want := []string{"first", "worker 0", "worker 1", "worker 2", "worker late",
			"refresh 0", "refresh 1", "refresh 2", "crawl 0", "crawl 1", "crawl 2"}
		if got := g.order(); !slices.Equal(got, want) {
			t.Errorf("order:\n%q\nwant\n%q", got, want)
		}
	})
}

func TestCrawlingLeavesAPlaceAndACallForWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: time.Second}
		gate := newQueue(g, QueueOptions{Calls: 4, PerSecond: 10, Burst: 3})
		crawl := withPriority(t.Context(), crawling)
		for range 30 {
			go askFor(crawl, gate, "crawl")
		}
		for range 30 {
			time.Sleep(123 * time.Millisecond)
			if s := gate.Stats(); s.InFlight > 3 {
				t.Fatalf("crawling has all places: %+v", s)
			}
		}
		before := time.Now()
		if err := askFor(t.Context(), gate, "worker"); err != nil || time.Since(before) != g.takes {
			t.Errorf("%v after %v: the worker had to wait for crawling", err, time.Since(before))
		}
		time.Sleep(time.Minute)
		if g.calls() != 31 {
			t.Errorf("%d calls", g.calls())
		}
	})
}

func TestCrawlingLeavesTheLastCallOfABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newQueue(&gauge{}, QueueOptions{Calls: 100, PerSecond: 2, Burst: 4})
		for range 30 {
			go askFor(withPriority(t.Context(), crawling), gate, "crawl")
		}
		for range 5 {
			time.Sleep(1700 * time.Millisecond)
			before := time.Now()
			if err := askFor(t.Context(), gate, "worker"); err != nil || time.Since(before) != 0 {
				t.Errorf("%v after %v: the worker had to wait for crawling", err, time.Since(before))
			}
		}
		time.Sleep(time.Minute)
	})
}

func TestAPlaceThatWasGivenAsTheContextEndedIsGivenBack(t *testing.T) {
	gate := newQueue(&gauge{}, QueueOptions{Calls: 1000, PerSecond: 1000, Burst: 1000})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	taken := 0
	for range 100 {
		w, err := gate.queue(waiting)
		if err != nil {
			t.Fatal(err)
		}
		if gate.wait(ended, w) == nil { // both are true: either may be noticed first
			taken++
		}
	}
	if s := gate.Stats(); s.InFlight != taken || taken == 0 || taken == 100 {
		t.Errorf("%d in flight, %d were let in", s.InFlight, taken)
	}
}

func TestACallWhoseContextEndsLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: 10 * time.Second}
		gate := newQueue(g, QueueOptions{Calls: 1, PerSecond: 1000})
		go askFor(t.Context(), gate, "first")
		synctest.Wait()
		for _, d := range []time.Duration{time.Second, 2 * time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			if err := askFor(ctx, gate, "impatient"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			if err := askFor(ctx, gate, "impatient"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("asked with a context that has ended: %v", err)
			}
		}
		if s := gate.Stats(); s.Queue != [3]int{} || s.InFlight != 1 {
			t.Errorf("%+v", s)
		}
		if err := askFor(t.Context(), gate, "next"); err != nil {
			t.Error(err)
		}
		if got := g.order(); !slices.Equal(got, []string{"first", "next"}) {
			t.Errorf("called were %q", got)
		}
	})
}

func TestPlacesAreNotLostWhenContextsEndAtTheMomentOfAdmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: 100 * time.Millisecond}
		gate := newQueue(g, QueueOptions{Calls: 2, PerSecond: 1000, Burst: 1000})
		var asking sync.WaitGroup
		for i := range 500 {
			asking.Go(func() {
				// Many contexts end in the very moment in which a place becomes free.
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%20)*100*time.Millisecond)
				defer cancel()
				askFor(ctx, gate, "alice")
			})
		}
		asking.Wait()
		if s := gate.Stats(); s.InFlight != 0 || s.Queue != [3]int{} {
			t.Errorf("left over: %+v", s)
		}
		if g.most > 2 {
			t.Errorf("%d at once", g.most)
		}
	})
}

func TestAFullQueueSendsTheLeastUrgentAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: time.Minute}
		gate := newQueue(g, QueueOptions{Calls: 1, PerSecond: 1000, Queue: 2})
		go askFor(t.Context(), gate, "first")
		synctest.Wait()
		gone := make(chan string, 10)
		come := func(who string, u priority) {
			go func() {
				err := askFor(withPriority(t.Context(), u), gate, who)
				var full *frontline.UnavailableError
				if errors.As(err, &full) && !full.Pending && full.RetryAfter > 0 {
					gone <- who
				} else if err != nil {
					t.Errorf("%s got %v", who, err)
				}
			}()
			synctest.Wait()
		}
		come("crawl 1", crawling)
		come("crawl 2", crawling)
		come("crawl 3", crawling) // no room
		come("worker 1", waiting) // crawl 2 gives way
		come("refresh", refreshing)
		come("worker 2", waiting)
		come("worker 3", waiting) // no room, not even for a worker
		close(gone)
		var got []string
		for who := range gone {
			got = append(got, who)
		}
		if want := []string{"crawl 3", "crawl 2", "crawl 1", "refresh", "worker 3"}; !slices.Equal(got, want) {
			t.Errorf("sent away were %q, want %q", got, want)
		}
		time.Sleep(10 * time.Minute)
	})
}

func TestHowLongACallQueuedIsToldAndDoesNotCountTowardsItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: 5 * time.Second}
		gate := newQueue(newRetry(g, retryOptions{}), QueueOptions{Calls: 1, PerSecond: 1000})
		results := make(chan error, 4)
		for range 4 {
			go func() { results <- askFor(t.Context(), gate, "alice") }()
		}
		for range 4 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		for i, queued := range g.queued {
			if want := time.Duration(i) * 5 * time.Second; queued < want || queued > want+10*time.Millisecond {
				t.Errorf("call %d queued %v, want %v", i, queued, want)
			}
		}
	})
}

func TestTheEstimateIsAboutRight(t *testing.T) {
	for _, c := range []struct {
		name string
		opts QueueOptions
	}{
		{"bounded by the rate", QueueOptions{Calls: 50, PerSecond: 10, Burst: 1}},
		{"bounded by the calls at once", QueueOptions{Calls: 4, PerSecond: 1000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := newQueue(&gauge{takes: time.Second}, c.opts)
				if d := gate.Estimate(waiting); d != 0 {
					t.Errorf("with nobody there it is %v", d)
				}
				for range 100 {
					go askFor(t.Context(), gate, "alice")
				}
				time.Sleep(1500 * time.Millisecond) // it learns how long calls take
				told := gate.Estimate(waiting)
				began := time.Now()
				go askFor(withPriority(t.Context(), crawling), gate, "crawl")
				askFor(t.Context(), gate, "bob")
				waited := time.Since(began) - time.Second
				if told < waited*3/4 || told > waited*5/4+200*time.Millisecond {
					t.Errorf("told %v, was %v", told, waited)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}

func TestAFlushSendsAllAwayWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newQueue(&gauge{takes: 10 * time.Second}, QueueOptions{Calls: 1, PerSecond: 1000})
		results := make(chan error, 4)
		for u := range crawling + 1 {
			go func() { results <- askFor(withPriority(t.Context(), u), gate, "alice") }()
			synctest.Wait()
		}
		gate.Flush(errStatus500)
		for range 2 {
			if err := <-results; !errors.Is(err, errStatus500) {
				t.Errorf("got %v", err)
			}
		}
		if err := <-results; err != nil {
			t.Errorf("the call under way got %v", err)
		}
	})
}

func TestAPanicInACallGivesItsPlaceBack(t *testing.T) {
	gate := newQueue(&gauge{panics: true}, QueueOptions{Calls: 1, PerSecond: 1000})
	for range 3 {
		func() {
			defer func() { recover() }()
			gate.CustomerDetails(t.Context(), frontline.DetailsRequest{})
		}()
	}
	if s := gate.Stats(); s.InFlight != 0 {
		t.Errorf("%+v", s)
	}
}

func TestOddLimitsAreLivedWith(t *testing.T) {
	for _, perSecond := range []float64{-1, 0, math.NaN(), math.Inf(1), 1e-300, 1e300} {
		synctest.Test(t, func(t *testing.T) {
			gate := newQueue(&gauge{}, QueueOptions{Calls: -5, PerSecond: perSecond, Burst: -1, Queue: -1})
			if err := askFor(t.Context(), gate, "alice"); err != nil {
				t.Errorf("%v a second: %v", perSecond, err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for range 5 {
				askFor(ctx, gate, "alice")
			}
			if d := gate.Estimate(crawling); d < 0 || d > 24*time.Hour {
				t.Errorf("%v a second: an estimate of %v", perSecond, d)
			}
		})
	}
}
