package external

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

func TestIdenticalQuestionsAtTheSameTimeAreOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: time.Second}
		s := newShared(g)
		var asking sync.WaitGroup
		for range 50 {
			asking.Go(func() {
				resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
				if err != nil || len(resp.Customers) != 1 || resp.Customers[0].ID != "alice1" {
					t.Errorf("%v, %v", resp, err)
				}
			})
			asking.Go(func() {
				resp, err := s.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", CustomerID: "1"})
				if err != nil || resp.Customer.ID != "1" {
					t.Errorf("%v, %v", resp, err)
				}
			})
		}
		asking.Wait()
		if g.calls() != 2 {
			t.Errorf("%d calls", g.calls())
		}
		askFor(t.Context(), s, "alice")
		if g.calls() != 3 {
			t.Errorf("an answer was kept: %d calls", g.calls())
		}
		if len(s.calls) != 0 {
			t.Errorf("%d calls are left over", len(s.calls))
		}
	})
}

func TestNoTwoWorkersShareACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: time.Second}
		s := newShared(g)
		// Each pair reads the same when it is only strung together.
		for _, req := range []frontline.ListRequest{
			{Worker: "alice"}, {Worker: "alic", Anchor: "e"}, {Worker: `alice" 0 "`}, {Worker: "alice\x00"},
			{Worker: "a", Anchor: "b", Query: "c"}, {Worker: "a", Anchor: "b c"}, {Worker: "a", NextPageToken: "b"}, {Worker: "a", Query: "b"}, {Worker: "a b"},
		} {
			go s.CustomersList(t.Context(), req)
		}
		go s.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice"})
		synctest.Wait()
		if g.calls() != 10 {
			t.Errorf("%d calls, want 10", g.calls())
		}
		time.Sleep(time.Second)
	})
}

func TestASharedCallOutlivesWhoBeganItAndEndsWithTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: 10 * time.Second}
		s := newShared(g)
		first, leaveFirst := context.WithCancel(t.Context())
		second, leaveSecond := context.WithCancel(t.Context())
		results := make(chan error, 2)
		go func() { results <- askFor(first, s, "alice") }()
		synctest.Wait()
		go func() { results <- askFor(second, s, "alice") }()
		synctest.Wait()
		leaveFirst()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
		synctest.Wait()
		if len(g.ended) != 0 {
			t.Fatal("the call ended with the first")
		}
		leaveSecond()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
		// Who comes now must not get the end of the call that was given up.
		g.set(time.Second, nil)
		if err := askFor(t.Context(), s, "alice"); err != nil {
			t.Errorf("the next got %v", err)
		}
		if g.calls() != 2 || len(g.ended) != 1 || len(s.calls) != 0 {
			t.Errorf("%d calls, %d given up, %d left over", g.calls(), len(g.ended), len(s.calls))
		}
	})
}

func TestAPanicInASharedCallIsAnErrorForAll(t *testing.T) {
	s := newShared(&gauge{panics: true})
	for range 3 {
		if err := askFor(t.Context(), s, "alice"); err == nil {
			t.Error("no error")
		}
	}
}

func TestASharedCallIsAsUrgentAsTheMostUrgentWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: time.Second}
		s := newShared(newQueue(g, QueueOptions{Calls: 2, PerSecond: 1000}))
		crawl := withPriority(t.Context(), crawling)
		go askFor(crawl, s, "busy") // crawling has one of the two places
		synctest.Wait()
		for _, worker := range []string{"one", "two", "three"} {
			go askFor(crawl, s, worker)
			synctest.Wait()
		}
		go askFor(t.Context(), s, "three") // now a worker waits for it
		synctest.Wait()
		if got := g.order(); len(got) != 2 || got[1] != "three" {
			t.Errorf("called were %q", got)
		}
		// Work that grows urgent by itself takes its calls along.
		ctx, raise := withRisingPriority(crawl)
		go askFor(ctx, s, "two")
		synctest.Wait()
		time.Sleep(500 * time.Millisecond)
		raise(refreshing)
		time.Sleep(time.Minute)
		if got := g.order(); len(got) != 4 || got[2] != "two" || got[3] != "one" {
			t.Errorf("called were %q", got)
		}
	})
}
