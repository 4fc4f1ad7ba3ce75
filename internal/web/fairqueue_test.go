package web_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/web"
)

// queued runs jobs of a second in a FairQueue and records the order in which they run.
type queued struct {
	*web.FairQueue
	mu      sync.Mutex
	order   []string
	refused []string
}

// job enters in the background, and returns when it waits, works or was refused.
func (q *queued) job(key string, rank int) {
	go func() {
		release, err := q.Enter(context.Background(), key, rank)
		q.mu.Lock()
		if err != nil {
			q.refused = append(q.refused, key)
		} else {
			q.order = append(q.order, key)
		}
		q.mu.Unlock()
		if err == nil {
			time.Sleep(time.Second)
			release()
		}
	}()
	synctest.Wait()
}

func TestFairQueue_AlternatesKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queued{FairQueue: web.NewFairQueue(1, 100, time.Minute)}
		for range 4 {
			q.job("crowd", 1)
		}
		q.job("a", 1)
		q.job("b", 1)
		q.job("a", 1)
		q.job("known", 0)
		time.Sleep(time.Hour)
		synctest.Wait()
		want := []string{"crowd", "known", "b", "a", "crowd", "a", "crowd", "crowd"}
		if !slices.Equal(q.order, want) {
			t.Errorf("order %v, want %v", q.order, want)
		}
	})
}

func TestFairQueue_NewKeyNeedNotWaitForTheBacklogOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queued{FairQueue: web.NewFairQueue(1, 100, time.Hour)}
		for range 50 {
			q.job("crowd", 1)
		}
		time.Sleep(10 * time.Second)
		q.job("victim", 1)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		q.mu.Lock()
		if !slices.Contains(q.order, "victim") {
			t.Errorf("order %v: the new key waited behind more than one other", q.order)
		}
		q.mu.Unlock()
		time.Sleep(time.Hour)
	})
}

func TestFairQueue_RefusesTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queued{FairQueue: web.NewFairQueue(1, 3, time.Hour)}
		for range 5 {
			q.job("crowd", 1)
		}
		q.job("victim", 1)
		q.job("other", 2)
		time.Sleep(time.Hour)
		synctest.Wait()
		if want := []string{"crowd", "crowd", "other"}; !slices.Equal(q.refused, want) {
			t.Errorf("refused %v, want %v", q.refused, want)
		}
		if want := []string{"crowd", "victim", "crowd", "crowd"}; !slices.Equal(q.order, want) {
			t.Errorf("order %v, want %v", q.order, want)
		}
	})
}

func TestFairQueue_StopsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := web.NewFairQueue(1, 3, 2*time.Second)
		release, err := q.Enter(t.Context(), "a", 0)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := q.Enter(t.Context(), "b", 0); !errors.Is(err, web.ErrBusy) || time.Since(start) != 2*time.Second {
			t.Errorf("Enter(b) = %v after %v, want ErrBusy after 2 s", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := q.Enter(ctx, "b", 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Enter(b) = %v, want the error of the context", err)
		}
		release()
		for range 10 { // the place is free, and is freed again
			release, err := q.Enter(t.Context(), "b", 0)
			if err != nil {
				t.Fatalf("Enter(b) = %v after release, want nil", err)
			}
			release()
		}
	})
}

// TestFairQueue_LosesNoPlace gives up waiting at the moment of being admitted.
func TestFairQueue_LosesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := web.NewFairQueue(2, 100, time.Second)
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				if release, err := q.Enter(context.Background(), "a", 0); err == nil {
					time.Sleep(time.Second)
					release()
				}
			})
		}
		all.Wait()
		for range 2 { // both places are free
			if _, err := q.Enter(t.Context(), "b", 0); err != nil {
				t.Fatalf("Enter(b) = %v, want nil", err)
			}
		}
	})
}
