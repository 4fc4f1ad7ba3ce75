package cache_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
)

// glance is how long a fresh list is waited for while an older one is held.
const glance = 40 * time.Millisecond

func TestLists_ShowsHeldListWhileFreshOneIsFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 40)
		f.SetDelay(3 * time.Second)
		s := newStack(t, f, cache.Options{})
		defer s.close()
		began := time.Now()
		cold := s.list(time.Time{})
		if took := time.Since(began); took != 3*time.Second || cold.Meta != (frontline.Meta{}) || s.calls.count() != 0 {
			t.Errorf("first CustomersList: %+v after %v, %d hits, want a fresh list after 3s", cold.Meta, took, s.calls.count())
		}
		time.Sleep(time.Hour)
		f.Set("alice", crmfake.People("new", 40))
		began = time.Now()
		held := s.list(time.Time{})
		if took := time.Since(began); took != glance || len(held.Customers) != 30 || held.Customers[0].ID != "a1" || held.Meta.AsOf.IsZero() || held.Meta.Stale != nil {
			t.Errorf("CustomersList an hour later = %d customers, %+v after %v, want the held ones after %v", len(held.Customers), held.Meta, took, glance)
		}
		fresh := s.list(held.Meta.AsOf)
		if took := time.Since(began); took != 3*time.Second || fresh.Customers[0].ID != "new1" || fresh.Meta != (frontline.Meta{}) {
			t.Errorf("CustomersList with NewerThan begins with %s, %+v after %v, want new1 after 3s", fresh.Customers[0].ID, fresh.Meta, took)
		}
		if calls, hits := len(f.ListRequests()), s.calls.count(); calls != 2 || hits != 1 {
			t.Errorf("%d calls and %d hits, want 2 and 1", calls, hits)
		}
	})
}

func TestLists_LoadedTwiceIsOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 40)
		s := newStack(t, f, cache.Options{})
		defer s.close()
		asOf := time.Now().Add(-time.Second)
		for _, test := range []struct {
			after     time.Duration
			newerThan time.Time
			calls     int
		}{
			{0, time.Time{}, 1}, {250 * time.Millisecond, time.Time{}, 1}, {time.Millisecond, time.Time{}, 2},
			{5 * time.Second, asOf, 2}, {time.Millisecond, asOf, 3},
		} {
			time.Sleep(test.after)
			if resp := s.list(test.newerThan); resp.Meta != (frontline.Meta{}) || len(resp.Customers) != 30 || len(f.ListRequests()) != test.calls {
				t.Errorf("CustomersList %v later = %d customers, %+v, %d calls, want %d", test.after, len(resp.Customers), resp.Meta, len(f.ListRequests()), test.calls)
			}
		}
	})
}

func TestLists_FailureKeepsHeldList(t *testing.T) {
	for name, test := range failures() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := crmfake.New(crmfake.ByToken(0), 40)
				s := newStack(t, f, cache.Options{})
				defer s.close()
				s.mustWalk("alice", 40)
				asOf := time.Now()
				time.Sleep(time.Hour)
				f.Fail(test.err)
				f.SetDelay(time.Second)

				held := s.list(time.Time{}) // begins the refresh
				if len(held.Customers) != 30 || !held.Meta.AsOf.Equal(asOf) || held.Meta.Stale != nil {
					t.Fatalf("CustomersList before the failure = %d customers, %+v", len(held.Customers), held.Meta)
				}
				resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NewerThan: held.Meta.AsOf})
				if !test.kept {
					if !errors.Is(err, test.err) {
						t.Errorf("CustomersList with NewerThan = %d customers, %v, want the error", len(resp.Customers), err)
					}
					return
				}
				if err != nil || len(resp.Customers) != 30 || !resp.Meta.AsOf.Equal(asOf) || !errors.Is(resp.Meta.Stale, test.err) {
					t.Errorf("CustomersList with NewerThan = %d customers, %+v, %v, want 30 with the error", len(resp.Customers), resp.Meta, err)
				}
				if resp := s.list(time.Time{}); !errors.Is(resp.Meta.Stale, test.err) {
					t.Errorf("CustomersList after the failure: %+v, want it to be Stale", resp.Meta)
				}
				s.mustWalk("alice", 40)
			})
		})
	}
}

func TestLists_FailureIsNeverAnEmptyList(t *testing.T) {
	for name, test := range failures() {
		f := crmfake.New(crmfake.ByToken(0), 40)
		f.Fail(test.err)
		s := newStack(t, f, cache.Options{})
		if resp, err := s.CustomersList(t.Context(), alice); !errors.Is(err, test.err) {
			t.Errorf("%s: CustomersList with nothing held = %d customers, %v, want the error", name, len(resp.Customers), err)
		}
		s.close()
	}
}

// An outage may be told as an empty list.
func TestLists_EmptyListIsBelievedTheSecondTime(t *testing.T) {
	for name, test := range map[string]struct {
		lists []int // how many customers there are, minute by minute
		want  []int // how many are shown
		stale []bool
	}{
		"always empty":              {[]int{0, 0, 0}, []int{0, 0, 0}, []bool{false, false, false}},
		"emptied":                   {[]int{40, 0, 0, 0, 0}, []int{30, 30, 30, 0, 0}, []bool{false, true, true, false, false}},
		"an outage":                 {[]int{40, 0, 0, 40, 40}, []int{30, 30, 30, 30, 30}, []bool{false, true, true, false, false}},
		"two outages":               {[]int{40, 0, 40, 0, 0}, []int{30, 30, 30, 30, 30}, []bool{false, true, false, true, true}},
		"emptied and filled again":  {[]int{40, 0, 0, 0, 7, 0}, []int{30, 30, 30, 0, 7, 7}, []bool{false, true, true, false, false, true}},
		"empty and then filled":     {[]int{0, 40}, []int{0, 30}, []bool{false, false}},
		"an outage, then a shorter": {[]int{40, 0, 3}, []int{30, 30, 3}, []bool{false, true, false}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := crmfake.New(crmfake.ByToken(0), 0)
				s := newStack(t, f, cache.Options{Blobs: crmfake.NewBlobs()})
				defer s.close()
				var asOf time.Time
				for i, n := range test.lists {
					f.Set("alice", crmfake.People("a", n))
					if n > 0 {
						asOf = time.Now()
					}
					resp := s.list(time.Now()) // waits for the fresh one
					if resp.Meta.Stale == nil {
						s.mustWalk("alice", n)
					}
					if stale := resp.Meta.Stale != nil; len(resp.Customers) != test.want[i] || stale != test.stale[i] {
						t.Errorf("CustomersList in minute %d = %d customers, %+v, want %d, stale %v", i, len(resp.Customers), resp.Meta, test.want[i], test.stale[i])
					} else if stale && (!crm.IsFailure(resp.Meta.Stale) || !resp.Meta.AsOf.Equal(asOf)) {
						t.Errorf("CustomersList in minute %d: %+v, want a failure and when the list was true", i, resp.Meta)
					}
					if test.stale[i] && len(resp.Customers) == 30 {
						s.mustWalk("alice", 40)
					}
					time.Sleep(time.Minute)
				}
			})
		})
	}
}

func TestLists_FailedServiceIsLeftAloneForTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 40)
		s := newStack(t, f, cache.Options{})
		defer s.close()
		asOf := s.list(time.Time{}).Meta.AsOf
		time.Sleep(time.Hour)
		f.Fail(crmfake.ErrTimeout)
		for range 20 { // within two seconds
			asOf = s.list(asOf).Meta.AsOf
			time.Sleep(100 * time.Millisecond)
		}
		if n := len(f.ListRequests()) - 1; n != 1 {
			t.Errorf("%d calls in two seconds, want 1", n)
		}
		f.Fail(nil)
		f.SetDelay(time.Second)
		held := s.list(time.Time{})
		if !errors.Is(held.Meta.Stale, crmfake.ErrTimeout) {
			t.Errorf("CustomersList before the next good answer: %+v, want it to be Stale", held.Meta)
		}
		if fresh := s.list(held.Meta.AsOf); fresh.Meta != (frontline.Meta{}) {
			t.Errorf("CustomersList after the outage: %+v, want a fresh list", fresh.Meta)
		}
	})
}

// A service nearby has answered, or failed, before anybody notices the wait.
func TestLists_ResponseWithinAMomentIsShownAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		err          error
		fresh, stale bool
	}{
		"fresh list":     {nil, true, false},
		"500":            {crmfake.ErrStatus500, false, true},
		"404":            {crmfake.ErrStatus404, false, true},
		"queue is full":  {&frontline.UnavailableError{}, false, false},
		"internal error": {errors.New("internal"), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := crmfake.New(crmfake.ByToken(0), 40)
				s := newStack(t, f, cache.Options{})
				defer s.close()
				s.list(time.Time{})
				time.Sleep(time.Second)
				f.Set("alice", crmfake.People("new", 40))
				f.Fail(test.err)
				f.SetDelay(30 * time.Millisecond)
				resp := s.list(time.Time{})
				if fresh := resp.Customers[0].ID == "new1"; len(resp.Customers) != 30 || fresh != test.fresh || resp.Meta.AsOf.IsZero() != fresh || (resp.Meta.Stale != nil) != test.stale {
					t.Errorf("CustomersList = %d customers from %s, %+v", len(resp.Customers), resp.Customers[0].ID, resp.Meta)
				}
			})
		})
	}
}

// A held list is shown at once also where only the first page of a fresh one comes at
// once.
func TestLists_HeldListDoesNotWaitForAWholeFreshPage(t *testing.T) {
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		page     crmfake.PageFunc
		n, shown int
		later    time.Duration // of all pages but the first
		fresh    bool
		took     time.Duration
	}{
		"whole page and a token": {crmfake.ByToken(30), 95, 30, 3 * time.Second, true, 0},
		"few on a page":          {crmfake.ByAnchor(7), 95, 30, 3 * time.Second, false, glance},
		"few on a page, soon":    {crmfake.ByAnchor(7), 95, 30, ms, true, 4 * ms},
		"few in all, soon":       {crmfake.ByAnchor(30), 12, 12, ms, true, ms},
		"few in all":             {crmfake.ByAnchor(30), 12, 12, 3 * time.Second, false, glance},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				later := time.Duration(0)
				s := newStack(t, slowCRM{crmfake.New(test.page, test.n), func(req crm.Request) time.Duration {
					if req.List.Anchor != "" || req.List.NextPageToken != "" {
						return later
					}
					return 0
				}}, cache.Options{})
				defer s.close()
				s.list(time.Time{})
				time.Sleep(time.Hour)
				later = test.later
				began := time.Now()
				resp := s.list(time.Time{})
				if took := time.Since(began); took != test.took || resp.Meta.AsOf.IsZero() != test.fresh || len(resp.Customers) != test.shown {
					t.Errorf("CustomersList = %d customers, %+v after %v, want %d, fresh %v, after %v", len(resp.Customers), resp.Meta, took, test.shown, test.fresh, test.took)
				}
			})
		})
	}
}

func TestLists_RefreshIsSharedAndGoesOnWithoutItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 40)
		f.SetDelay(3 * time.Second)
		s := newStack(t, f, cache.Options{})
		defer s.close()
		s.list(time.Time{})
		time.Sleep(time.Hour)
		asOf := s.list(time.Time{}).Meta.AsOf
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if _, err := s.CustomersList(ctx, frontline.ListRequest{Worker: "alice", NewerThan: asOf}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("CustomersList of a caller that leaves: %v", err)
				}
			})
		}
		all.Wait()
		time.Sleep(2500 * time.Millisecond)
		if resp := s.list(asOf); resp.Meta != (frontline.Meta{}) || len(f.ListRequests()) != 2 {
			t.Errorf("CustomersList: %+v, %d calls, want a fresh list by 2 calls", resp.Meta, len(f.ListRequests()))
		}
	})
}

func TestLists_PageThatWasHeldLongSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 100)
		s := newStack(t, f, cache.Options{})
		defer s.close()
		first := s.list(time.Time{})
		asOf := time.Now()
		time.Sleep(20 * time.Second)
		second, err := s.page(first.NextPageToken)
		again, _ := s.page(first.NextPageToken)
		if err != nil || second.Meta != (frontline.Meta{}) || again.Meta != (frontline.Meta{}) {
			t.Errorf("CustomersList of the second page: %+v, again: %+v, %v, want no Meta", second.Meta, again.Meta, err)
		}
		time.Sleep(time.Hour)
		if again, _ := s.page(first.NextPageToken); !again.Meta.AsOf.Equal(asOf) || !slices.Equal(crmfake.IDs(again.Customers), crmfake.IDs(second.Customers)) {
			t.Errorf("CustomersList of the second page an hour later: %+v, want AsOf %v", again.Meta, asOf)
		}
		if third, _ := s.page(second.NextPageToken); third.Meta != (frontline.Meta{}) || len(third.Customers) != 30 {
			t.Errorf("CustomersList of a page fetched an hour later: %+v, want no Meta", third.Meta)
		}
	})
}

// twoLists leaves alice with an older list of which rows were walked, and a newest one of
// which only the first page is held. It returns that page and when the older was true.
func twoLists(s *stack, f *crmfake.Service, walked int, now []frontline.Customer) (first frontline.ListResponse, asOf time.Time) {
	asOf = time.Now()
	resp := s.list(time.Time{})
	for n := 30; n < walked; n += 30 {
		resp, _ = s.page(resp.NextPageToken)
	}
	time.Sleep(time.Hour)
	f.Set("alice", now)
	first = s.list(time.Now())
	if first.Meta != (frontline.Meta{}) || first.NextPageToken == "" {
		s.t.Fatalf("CustomersList = %+v, want the fresh list", first)
	}
	return first, asOf
}

// Whatever was shown of the newest list, the rest of the older one follows.
func TestLists_GoesOnInOlderListOnFailure(t *testing.T) {
	all := crmfake.People("a", 100)
	added := crmfake.People("new", 5)
	reversed := slices.Clone(all)
	slices.Reverse(reversed)
	for name, test := range map[string]struct {
		walked int
		now    []frontline.Customer
		want   []frontline.Customer // all that is shown in the end
		whole  bool                 // the list ends without an error
	}{
		"the same list":             {100, all, all, true},
		"with new customers":        {100, slices.Concat(added, all), slices.Concat(added, all), true},
		"without its first page":    {100, all[30:], slices.Concat(all[30:60], all[:30], all[60:]), true},
		"with others in front":      {100, slices.Concat(all[70:75], all[:70], all[75:]), slices.Concat(all[70:75], all[:70], all[75:]), true},
		"one of the end on page 1":  {100, slices.Concat(all[:29], all[98:]), slices.Concat(all[:29], all[98:99], all[29:98], all[99:]), true},
		"in reverse":                {100, reversed, slices.Concat(reversed[:30], all[:70]), true},
		"all others":                {100, crmfake.People("b", 100), slices.Concat(crmfake.People("b", 30), all), true},
		"older one was not walked":  {60, all, all[:60], false},
		"older one reaches no more": {30, all, all[:30], false},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := crmfake.New(crmfake.ByToken(0), 100)
					s := newStack(t, f, cache.Options{Blobs: crmfake.NewBlobs()})
					defer s.close()
					first, asOf := twoLists(s, f, test.walked, test.now)
					f.Fail(crmfake.ErrTimeout)
					got, req := crmfake.IDs(first.Customers), frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken}
					if test.walked > 30 {
						second, err := s.page(first.NextPageToken)
						if err != nil || !second.Meta.AsOf.Equal(asOf) || !errors.Is(second.Meta.Stale, crmfake.ErrTimeout) {
							t.Fatalf("CustomersList of the second page: %+v, %v, want the older list", second.Meta, err)
						}
						got, req.NextPageToken = append(got, crmfake.IDs(second.Customers)...), second.NextPageToken
					}
					if restart {
						s.restart()
					}
					rest, err := s.walk(req)
					if (err == nil) != test.whole || err != nil && !errors.Is(err, crmfake.ErrTimeout) {
						t.Errorf("walk: %v, want an end %v", err, test.whole)
					}
					if got = append(got, rest...); !slices.Equal(got, crmfake.IDs(test.want)) {
						t.Errorf("walk = %d customers %v, want %d", len(got), got, len(test.want))
					}
				})
			})
		}
	}
}

// The older list is fetched on when the service is back.
func TestLists_OlderListGoesOnAfterTheOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 100)
		s := newStack(t, f, cache.Options{})
		defer s.close()
		all := crmfake.People("a", 100)
		now := slices.Concat(all[40:50], all[:40], all[50:])
		first, _ := twoLists(s, f, 60, now)
		f.Fail(crmfake.ErrStatus500)
		second, err := s.page(first.NextPageToken)
		if err != nil {
			t.Fatal(err)
		}
		f.Fail(nil)
		rest, err := s.walk(frontline.ListRequest{Worker: "alice", NextPageToken: second.NextPageToken})
		got := slices.Concat(crmfake.IDs(first.Customers), crmfake.IDs(second.Customers), rest)
		if err != nil || !slices.Equal(got, crmfake.IDs(now)) {
			t.Errorf("walk = %d customers %v, %v, want all 100", len(got), got, err)
		}
	})
}

func TestLists_OtherErrorsDoNotLeadToOlderList(t *testing.T) {
	for name, test := range failures() {
		if test.kept {
			continue
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := crmfake.New(crmfake.ByToken(0), 100)
				s := newStack(t, f, cache.Options{})
				defer s.close()
				first, _ := twoLists(s, f, 100, crmfake.People("a", 100))
				f.Fail(test.err)
				if resp, err := s.page(first.NextPageToken); !errors.Is(err, test.err) {
					t.Errorf("CustomersList of the second page = %d customers, %v, want the error", len(resp.Customers), err)
				}
			})
		})
	}
}

func TestLists_ExpireAfterAWeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 40)
		s := newStack(t, f, cache.Options{Blobs: crmfake.NewBlobs()})
		defer s.close()
		s.list(time.Time{})
		f.Fail(crmfake.ErrTimeout)
		time.Sleep(6 * 24 * time.Hour)
		if resp := s.list(time.Time{}); len(resp.Customers) != 30 {
			t.Errorf("CustomersList after 6 days = %d customers, want 30", len(resp.Customers))
		}
		time.Sleep(2 * 24 * time.Hour)
		for range 2 { // in memory and in the BlobStore
			if resp, err := s.CustomersList(t.Context(), alice); !errors.Is(err, crmfake.ErrTimeout) {
				t.Errorf("CustomersList after 8 days = %d customers, %v, want the failure", len(resp.Customers), err)
			}
			s.restart()
		}
	})
}

func TestLists_WorkersOfOtherSpellingHaveTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 0)
		f.Set("Ann@example.com", crmfake.People("upper", 5))
		f.Set("ann@example.com", crmfake.People("lower", 5))
		s := newStack(t, f, cache.Options{Blobs: crmfake.NewBlobs()})
		defer s.close()
		for range 2 { // in memory and from the BlobStore
			s.mustWalk("Ann@example.com", 5)
			if _, err := s.details("ann@example.com", "upper1", time.Time{}); !errors.Is(err, frontline.ErrNotFound) {
				t.Errorf("CustomerDetails of another spelling's customer: %v, want ErrNotFound", err)
			}
			if ids, err := s.walk(frontline.ListRequest{Worker: "ann@example.com"}); err != nil || ids[0] != "lower1" {
				t.Errorf("walk of ann@example.com = %v, %v, want lower1 to lower5", ids, err)
			}
			s.restart()
		}
	})
}
