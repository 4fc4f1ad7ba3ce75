package cache_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
)

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
