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
