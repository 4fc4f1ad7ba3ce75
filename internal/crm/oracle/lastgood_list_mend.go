package external

import (
	"context"
	"slices"

	"github.com/clientele-project/clientele/frontline"
)

// reachesFurther answers a version that has customers which are not among the first
// n of v, nil when there is none: the one that reaches furthest, or else the newest.
func reachesFurther(book *book, v *version, n int) *version {
	all := book.versions()
	best := book.Best()
	slices.SortStableFunc(all, func(a, b *version) int {
		if (a == best) != (b == best) {
			if a == best {
				return -1
			}
			return 1
		}
		return b.AsOf().Compare(a.AsOf())
	})
	for _, older := range all {
		further := func(r row) bool { return !v.among(r.ID, n) }
		if older != v && slices.ContainsFunc(older.Rows(0, maxVersionRows), further) {
			return older
		}
	}
	return nil
}

// mended goes on with a list that the service failed in the middle, from where it
// was shown rows of v and of older. The service is asked again: it may be back.
func (g *lastGood) mended(ctx context.Context, req frontline.ListRequest, v, older *version, at spot) (frontline.ListResponse, error) {
	for {
		resp, err := g.lists.Page(ctx, req.Worker, v, at.from, req.PageSize)
		if isFailure(err) {
			return g.fromOlder(req, v, older, at, err)
		}
		if err != nil {
			return frontline.ListResponse{}, err
		}
		at.from += len(resp.Customers)
		resp.Customers = slices.DeleteFunc(resp.Customers, func(c frontline.Customer) bool {
			return older.among(c.ID, at.further) // shown already
		})
		if resp.NextPageToken != "" {
			resp.NextPageToken = g.tokens.seal(at, req.Worker, "")
		}
		if len(resp.Customers) > 0 || resp.NextPageToken == "" {
			return resp, nil
		}
	}
}

// fromOlder answers a page of what an older version has besides the rows of v that
// were shown; failed is why v does not go on. When nothing is left in it, that is
// the answer: a list that stops here might look like a whole one.
func (g *lastGood) fromOlder(req frontline.ListRequest, v, older *version, at spot, failed error) (frontline.ListResponse, error) {
	whole := older.Done() // before its rows: then there are no more to come
	all := older.Rows(0, maxVersionRows)
	shown := func(r row) bool { return v.among(r.ID, at.from) }
	var rows []row
	for ; at.further < len(all) && (len(rows) < req.PageSize || shown(all[at.further])); at.further++ {
		if r := all[at.further]; !shown(r) {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return frontline.ListResponse{}, failed
	}
	resp := g.lists.Held(req.Worker, older, 0, 0) // for what is the same on every page
	resp.Customers, resp.NextPageToken = customersOf(rows), ""
	resp.Meta = frontline.Meta{AsOf: older.AsOf(), Stale: failed}
	if at.further < len(all) || !whole {
		resp.NextPageToken = g.tokens.seal(at, req.Worker, "")
	}
	g.hit(req.Worker)
	return resp, nil
}
