package external

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

func TestTheOldestErrandThatNobodyWaitsForIsGivenUp(t *testing.T) {
	var given []string
	e := errands{most: 2}
	begin := func(worker, name string) *errand { return e.begin(worker, func() { given = append(given, name) }) }
	a := begin("alice@example.com", "a")
	b := begin("ALICE@example.com", "b")
	e.leave(b)
	e.join(b)
	begin("Bob", "other")
	begin("bob", "somebody else")
	c := begin("alice@example.com", "c") // somebody waits for each: none is given up
	if len(given) != 0 {
		t.Fatalf("given up: %q", given)
	}
	e.leave(b)
	e.leave(a)
	if fmt.Sprint(given) != "[b]" {
		t.Errorf("given up: %q", given)
	}
	begin("alice@example.com", "d")
	if fmt.Sprint(given) != "[b a]" {
		t.Errorf("given up: %q", given)
	}
	e.end(c)
	e.end(c)
	e.leave(c)
	if len(e.of) != 3 || len(e.of["alice@example.com"]) != 1 {
		t.Errorf("left are %v", e.of)
	}
}

// A worker who asks and leaves, over and over, must not fill the queue that
// everybody waits in.
func TestWhoAsksAndLeavesDoesNotKeepOthersWaiting(t *testing.T) {
	for _, test := range []struct {
		name     string
		leave    time.Duration
		question func(context.Context, frontline.CRM, int)
	}{
		{"details", 5 * time.Millisecond, func(ctx context.Context, crm frontline.CRM, n int) {
			crm.CustomerDetails(ctx, frontline.DetailsRequest{Worker: "alice", CustomerID: fmt.Sprint("a", n+1)})
		}},
		{"searches", 50 * time.Millisecond, func(ctx context.Context, crm frontline.CRM, n int) {
			crm.CustomersList(ctx, frontline.ListRequest{Worker: "alice", Query: fmt.Sprint(n%10, n)})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(byToken{2}, 1000)
				f.searchable, f.slow = frontline.SearchableYes, 100*time.Millisecond
				f.lists["bob"] = people("b", 10)
				s := stacked(f, Options{Limits: QueueOptions{Calls: 4, PerSecond: 20}})
				defer closeStack(t, s)
				v, err := s.walk.Begin(t.Context(), "alice")
				if err == nil {
					err = s.walk.Fill(t.Context(), "alice", v, 1000)
				}
				if err != nil {
					t.Fatal(err)
				}
				for n := range 600 {
					ctx, leave := context.WithTimeout(t.Context(), test.leave)
					test.question(ctx, s, n)
					leave()
				}
				synctest.Wait()
				if n := queuedOfAll(s); n > 40 {
					t.Errorf("%d calls of a single worker wait their turn", n)
				}
				asked := time.Now()
				if _, _, err := open(t.Context(), s, frontline.ListRequest{Worker: "bob"}); err != nil || time.Since(asked) > 5*time.Second {
					t.Errorf("another worker's list: %v, after %v", err, time.Since(asked))
				}
			})
		})
	}
}

func queuedOfAll(s *Service) (n int) {
	for _, waiting := range s.Stats().Queue.Queue {
		n += waiting
	}
	return n
}
