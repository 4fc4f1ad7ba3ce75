package external

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// behind takes its time for all pages but the first.
type behind struct {
	*fakeService
	time.Duration
}

func (b behind) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	if req.Anchor != "" || req.NextPageToken != "" {
		time.Sleep(b.Duration)
	}
	return b.fakeService.CustomersList(ctx, req)
}

// A list that is held opens at once also where only the first page of a fresh one
// comes at once.
func TestTheSecondOpeningDoesNotWaitForAFreshPageToBeFull(t *testing.T) {
	for name, test := range map[string]struct {
		size, n, shown int
		later          time.Duration
		fresh          bool
		took           time.Duration
	}{
		"a full page":                  {30, 95, 30, 3 * time.Second, true, oldAfter},
		"a full page that may be all":  {30, 30, 30, 3 * time.Second, true, oldAfter},
		"few on a page":                {7, 95, 30, 3 * time.Second, false, oldAfter},
		"few on a page, soon":          {7, 95, 30, time.Millisecond, true, 4 * time.Millisecond},
		"all on a page, as is told":    {30, 12, 12, time.Millisecond, true, time.Millisecond},
		"all on a page, not yet known": {30, 12, 12, 3 * time.Second, false, oldAfter},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := behind{newFake(byAnchor{test.size}, test.n), 0}
				f.searchable = frontline.SearchableYes
				slow := &f
				g, _ := lastGoodOver(t, slow, nil, nil)
				defer closing(t, g)
				firstPage(t, g, time.Time{})
				time.Sleep(time.Hour)
				slow.Duration = test.later
				began := time.Now()
				page := firstPage(t, g, time.Time{})
				if took := time.Since(began); took != test.took {
					t.Errorf("it took %v", took)
				}
				if fresh := page.Meta.AsOf.IsZero(); fresh != test.fresh || len(page.Customers) != test.shown {
					t.Errorf("%d customers, fresh %v", len(page.Customers), fresh)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}
