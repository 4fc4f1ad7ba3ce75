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

func TestManyWhoWantTheSameAreOneWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 100)
		f.slow = time.Second
		w := walkOver(t, f)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				v, err := w.Begin(t.Context(), "alice")
				if err != nil {
					t.Error(err)
					return
				}
				if err := w.Fill(t.Context(), "alice", v, 100); err != nil || v.Len() != 100 {
					t.Errorf("%d rows, %v", v.Len(), err)
				}
			})
		}
		all.Wait()
		if n := len(f.asked()); n != 4 {
			t.Errorf("%d calls were made, want 4", n)
		}
	})
}

func TestAWalkGoesOnWhileAnybodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 100)
		f.slow = time.Second
		w := walkOver(t, f)
		v, err := w.Begin(t.Context(), "alice")
		if err != nil {
			t.Fatal(err)
		}
		leaves, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		var stays sync.WaitGroup
		gone := make(chan error, 1)
		go func() { gone <- w.Fill(leaves, "alice", v, 60) }()
		synctest.Wait()
		stays.Go(func() {
			if err := w.Fill(t.Context(), "alice", v, 60); err != nil {
				t.Error(err)
			}
		})
		if err := <-gone; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who left got %v", err)
		}
		stays.Wait()
		if n := len(f.asked()); n != 2 || v.Len() != 60 {
			t.Errorf("%d calls, %d rows; the call of who left was given up", n, v.Len())
		}

		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if err := w.Fill(ctx, "alice", v, 90); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v", err)
		}
		time.Sleep(time.Hour)
		if v.Len() != 60 {
			t.Error("the walk went on though nobody waited")
		}
	})
}

func TestACrawlMakesWayForWhoComesToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &urgencies{newFake(byToken{}, 100), make(chan context.Context, 10)}
		f.slow = time.Second
		w := walkOver(t, f)
		v, err := w.Begin(t.Context(), "alice")
		if err != nil {
			t.Fatal(err)
		}
		if u := priorityOf(<-f.seen); u != waiting {
			t.Errorf("who looks at an empty place asks with urgency %d", u)
		}
		crawls := withPriority(t.Context(), crawling)
		var all sync.WaitGroup
		all.Go(func() { w.Fill(crawls, "alice", v, 60) })
		call := <-f.seen
		if u := priorityOf(call); u != crawling {
			t.Errorf("a crawl asks with urgency %d", u)
		}
		all.Go(func() { w.Fill(t.Context(), "alice", v, 60) })
		synctest.Wait()
		if u := priorityOf(call); u != waiting {
			t.Errorf("a worker waits for the crawl's call, which has urgency %d", u)
		}
		all.Wait()
	})
}

// priorities tells the contexts of list calls.
type urgencies struct {
	*fakeService
	seen chan context.Context
}

func (u *urgencies) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	u.seen <- ctx
	return u.fakeService.CustomersList(ctx, req)
}

func TestASlowServiceIsNotWaitedForToFillAPageUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byAnchor{}, 60)
		f.slow = 3 * time.Second
		w := walkOver(t, f)
		began := time.Now()
		first := next(t, w, "")
		if took := time.Since(began); took > 4*time.Second || len(first.Customers) != 30 || first.NextPageToken == "" {
			t.Errorf("%d customers after %v", len(first.Customers), took)
		}
		time.Sleep(5 * time.Second) // what was begun to look ahead goes on
		began = time.Now()
		second := next(t, w, first.NextPageToken)
		if took := time.Since(began); took > time.Second || len(second.Customers) != 30 {
			t.Errorf("%d more after %v", len(second.Customers), took)
		}
		time.Sleep(5 * time.Second)
		if err := w.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
