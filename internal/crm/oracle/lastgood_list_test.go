package external

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/secret"
)

// hits is a Recorder.
type hits struct {
	mu    sync.Mutex
	calls []Call
}

func (h *hits) Record(c Call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, c)
}

func (h *hits) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.calls)
}

// lastGoodOver makes a lastGood over a walk of f, kept in k (nil for nowhere). It is
// closed when the test ends.
func lastGoodOver(t *testing.T, f frontline.CRM, k BlobStore, sealer Sealer) (*lastGood, *hits) {
	t.Helper()
	if sealer == nil {
		sealer = secret.NewKey().Sealer("test")
	}
	shelf := newShelf(shelfOptions{Service: "s", Blobs: k, Sealer: sealer})
	walk := newWalk(f, shelf, walkOptions{Sealer: sealer})
	h := new(hits)
	g := newLastGood(walk, lastGoodOptions{Service: "s", Blobs: k, Sealer: sealer, Recorder: h})
	return g, h
}

// closing closes what lastGoodOver made: in a bubble of synctest nothing may go on.
func closing(t *testing.T, g *lastGood) {
	t.Helper()
	walk := g.lists.(*walk)
	if err := errors.Join(g.Close(t.Context()), walk.Close(t.Context()), walk.shelf.Close(t.Context())); err != nil {
		t.Error(err)
	}
}

func firstPage(t *testing.T, crm frontline.CRM, newerThan time.Time) frontline.ListResponse {
	t.Helper()
	resp, err := crm.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NewerThan: newerThan})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestTheSecondOpeningIsAnsweredAtOnceAndThenFreshened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 40)
		f.slow = 3 * time.Second
		g, h := lastGoodOver(t, f, nil, nil)
		defer closing(t, g)
		began := time.Now()
		cold := firstPage(t, g, time.Time{})
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the first opening took %v", took)
		}
		if cold.Meta != (frontline.Meta{}) || h.count() != 0 {
			t.Errorf("what was just fetched is marked: %+v, %d hits", cold.Meta, h.count())
		}

		time.Sleep(200 * time.Millisecond)
		if again := firstPage(t, g, time.Time{}); again.Meta != (frontline.Meta{}) || len(f.asked()) != 1 {
			t.Errorf("loaded twice: %+v, %d calls", again.Meta, len(f.asked()))
		}

		time.Sleep(time.Hour)
		f.set("alice", people("new", 40))
		began = time.Now()
		warm := firstPage(t, g, time.Time{})
		if took := time.Since(began); took != oldAfter {
			t.Errorf("the second opening took %v", took)
		}
		if len(warm.Customers) != 30 || warm.Customers[0].ID != "a1" || warm.Meta.AsOf.IsZero() || warm.Meta.Stale != nil {
			t.Errorf("the old list is %d customers, %+v", len(warm.Customers), warm.Meta)
		}
		fresh := firstPage(t, g, warm.Meta.AsOf)
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the fresh one took %v: it was not under way", took)
		}
		if fresh.Customers[0].ID != "new1" || fresh.Meta != (frontline.Meta{}) {
			t.Errorf("the fresh list begins with %s, %+v", fresh.Customers[0].ID, fresh.Meta)
		}
		if n := len(f.asked()); n != 2 {
			t.Errorf("%d calls were made, want 2", n)
		}
		if n := h.count(); n != 2 {
			t.Errorf("%d hits were noted, want 2", n)
		}
	})
}

func TestWhichFailuresFallBackToTheOldList(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		back bool
	}{
		"no JSON":            {errBadAnswer, true},
		"an error page":      {errStatus500, true},
		"a wrong signature":  {errStatus403, true},
		"too slow":           {errTimeout, true},
		"left alone":         {&breakerOpenError{errTimeout}, true},
		"no such list":       {errStatus404, false},
		"no URL":             {errNoURL, false},
		"our own queue full": {&frontline.UnavailableError{RetryAfter: time.Second}, false},
		"a mistake of ours":  {errors.New("internal"), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(byToken{}, 40)
				g, _ := lastGoodOver(t, f, nil, nil)
				defer closing(t, g)
				firstPage(t, g, time.Time{})
				asOf := time.Now()
				time.Sleep(time.Hour)
				f.breakDown(test.err)
				f.slow = time.Second

				old := firstPage(t, g, time.Time{}) // begins the refresh
				if !old.Meta.AsOf.Equal(asOf) || old.Meta.Stale != nil {
					t.Fatalf("before the failure: %+v", old.Meta)
				}
				resp, err := g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NewerThan: old.Meta.AsOf})
				if !test.back {
					if !errors.Is(err, test.err) {
						t.Errorf("the answer is %d customers, %v; want the error", len(resp.Customers), err)
					}
					return
				}
				if err != nil || len(resp.Customers) != 30 || !resp.Meta.AsOf.Equal(asOf) || !errors.Is(resp.Meta.Stale, test.err) {
					t.Errorf("the answer is %d customers, %+v, %v", len(resp.Customers), resp.Meta, err)
				}
				if next := firstPage(t, g, time.Time{}); !errors.Is(next.Meta.Stale, test.err) {
					t.Errorf("opened again: %+v", next.Meta)
				}
			})
		})
	}
}

func TestAListThatIsGoneIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 40)
		g, _ := lastGoodOver(t, f, nil, nil)
		defer closing(t, g)
		firstPage(t, g, time.Time{})
		time.Sleep(time.Hour)
		f.breakDown(errStatus404)
		for range 3 {
			if resp, err := g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"}); !errors.Is(err, errStatus404) {
				t.Errorf("a list that is gone is answered: %d customers, %v", len(resp.Customers), err)
			}
		}
	})
}

func TestAnErrorIsNeverAnEmptyList(t *testing.T) {
	for _, failure := range []error{errBadAnswer, errStatus500, errTimeout, errStatus404, errNoURL} {
		f := newFake(byToken{}, 40)
		f.breakDown(failure)
		g, _ := lastGoodOver(t, f, nil, nil)
		if _, err := g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"}); !errors.Is(err, failure) {
			t.Errorf("with nothing held the error is %v, want %v", err, failure)
		}
	}
}

func TestAnEmptyListIsOneThatWasAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 40)
		g, _ := lastGoodOver(t, f, nil, nil)
		defer closing(t, g)
		firstPage(t, g, time.Time{})
		f.set("alice", nil)
		time.Sleep(time.Hour)
		old := firstPage(t, g, time.Time{})
		if fresh := firstPage(t, g, old.Meta.AsOf); len(fresh.Customers) != 0 || fresh.NextPageToken != "" || fresh.Meta != (frontline.Meta{}) {
			t.Errorf("the list that became empty is %+v", fresh)
		}
	})
}

func TestAServiceThatJustFailedIsNotAskedAgainForTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 40)
		g, _ := lastGoodOver(t, f, nil, nil)
		defer closing(t, g)
		asOf := firstPage(t, g, time.Time{}).Meta.AsOf
		time.Sleep(time.Hour)
		f.breakDown(errTimeout)
		for range 20 { // within two seconds
			asOf = firstPage(t, g, asOf).Meta.AsOf
			time.Sleep(100 * time.Millisecond)
		}
		if n := len(f.asked()) - 1; n != 1 {
			t.Errorf("%d calls in two seconds, want 1", n)
		}
		f.breakDown(nil)
		time.Sleep(tryAgainAfter)
		f.slow = time.Second
		old := firstPage(t, g, time.Time{})
		if !errors.Is(old.Meta.Stale, errTimeout) {
			t.Errorf("until it succeeds again, the list is %+v", old.Meta)
		}
		if fresh := firstPage(t, g, old.Meta.AsOf); fresh.Meta != (frontline.Meta{}) {
			t.Errorf("the service is back, and the list is %+v", fresh.Meta)
		}
	})
}

// A service nearby has answered, or failed, before anybody would notice the wait.
func TestWhatIsThereInAMomentIsShownAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		err         error
		fresh, fail bool
		stale       bool
	}{
		"a fresh list":         {nil, true, false, false},
		"an error page":        {errStatus500, false, false, true},
		"a list that is gone":  {errStatus404, false, true, false},
		"our own queue full":   {&frontline.UnavailableError{}, false, false, false},
		"a mistake of our own": {errors.New("internal"), false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(byToken{}, 40)
				g, _ := lastGoodOver(t, f, nil, nil)
				defer closing(t, g)
				firstPage(t, g, time.Time{})
				time.Sleep(time.Second)
				f.set("alice", people("new", 40))
				f.breakDown(test.err)
				f.slow = 30 * time.Millisecond
				resp, err := g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
				if test.fail {
					if !errors.Is(err, test.err) {
						t.Errorf("the error is %v", err)
					}
					return
				}
				if err != nil || len(resp.Customers) != 30 {
					t.Fatalf("%d customers, %v", len(resp.Customers), err)
				}
				if got := resp.Customers[0].ID == "new1"; got != test.fresh || resp.Meta.AsOf.IsZero() != test.fresh {
					t.Errorf("the list begins with %s, %+v", resp.Customers[0].ID, resp.Meta)
				}
				if got := resp.Meta.Stale != nil; got != test.stale {
					t.Errorf("it is old because of %v", resp.Meta.Stale)
				}
			})
		})
	}
}

func TestManyOpeningsAreOneRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 40)
		f.slow = time.Second
		g, _ := lastGoodOver(t, f, nil, nil)
		defer closing(t, g)
		firstPage(t, g, time.Time{})
		time.Sleep(time.Hour)
		asOf := firstPage(t, g, time.Time{}).Meta.AsOf
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { firstPage(t, g, asOf) })
		}
		all.Wait()
		if n := len(f.asked()); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
	})
}

func TestWhoWaitsForTheFreshOneMayLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 40)
		f.slow = 3 * time.Second
		g, _ := lastGoodOver(t, f, nil, nil)
		defer closing(t, g)
		firstPage(t, g, time.Time{})
		time.Sleep(time.Hour)
		asOf := firstPage(t, g, time.Time{}).Meta.AsOf
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.CustomersList(ctx, frontline.ListRequest{Worker: "alice", NewerThan: asOf}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v", err)
		}
		time.Sleep(2500 * time.Millisecond)
		if resp := firstPage(t, g, asOf); resp.Meta != (frontline.Meta{}) || len(f.asked()) != 2 {
			t.Errorf("the refresh did not go on: %+v, %d calls", resp.Meta, len(f.asked()))
		}
	})
}

func TestAPageThatWasHeldLongSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 100)
		g, _ := lastGoodOver(t, f, nil, nil)
		defer closing(t, g)
		first := firstPage(t, g, time.Time{})
		asOf := time.Now()
		page := func(token string) frontline.ListResponse {
			resp, err := g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: token})
			if err != nil {
				t.Fatal(err)
			}
			return resp
		}
		time.Sleep(20 * time.Second)
		second := page(first.NextPageToken)
		if second.Meta != (frontline.Meta{}) {
			t.Errorf("a page fetched just now: %+v", second.Meta)
		}
		if again := page(first.NextPageToken); again.Meta != (frontline.Meta{}) {
			t.Errorf("a page of the list that is looked at: %+v", again.Meta)
		}
		time.Sleep(time.Hour)
		if again := page(first.NextPageToken); !again.Meta.AsOf.Equal(asOf) || !slices.Equal(ids(again.Customers), ids(second.Customers)) {
			t.Errorf("an hour later: %+v", again.Meta)
		}
		if third := page(second.NextPageToken); third.Meta != (frontline.Meta{}) {
			t.Errorf("a page fetched an hour later: %+v", third.Meta)
		}
	})
}
