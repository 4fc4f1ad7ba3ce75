package cache_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
)

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
