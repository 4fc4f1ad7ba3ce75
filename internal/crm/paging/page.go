package paging

import (
	"context"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/text"
)

// Page returns the rows of s from an index on, at most req.PageSize, and asks the
// service for them. It waits for the first of them, or for the end of the list, however
// long that takes, and then a moment for the page to be whole: an error of that moment
// is left to the next page.
func (p *Pager) Page(ctx context.Context, req frontline.ListRequest, s *Snapshot, from int) (frontline.ListResponse, error) {
	if err := p.Grow(ctx, req.Worker, req.Query, s, from+1); err != nil {
		return frontline.ListResponse{}, err
	}
	// A service that just said that it does not search is not asked on.
	vain := req.Query != "" && p.opts.Store.Traits(ctx).Searchable == frontline.SearchableNo
	if n := from + req.PageSize; !vain && s.lacks(n) {
		p.makeWhole(ctx, req, s, n)
		if err := ctx.Err(); err != nil {
			return frontline.ListResponse{}, err
		}
	}
	return p.Held(ctx, req, s, from), nil
}

// lacks reports whether there are fewer than n rows, or just as many and no token, which
// would promise more.
func (s *Snapshot) lacks(n int) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.state == growing && (len(s.rows) < n || len(s.rows) == n && s.next.token == "")
}

// makeWhole asks for more of s for a moment. The calls go on afterwards, until what was
// wanted is there, so that none is made in vain. A worker who has something to look at
// does not wait for them as urgently.
func (p *Pager) makeWhole(ctx context.Context, req frontline.ListRequest, s *Snapshot, n int) {
	ctx = crm.WithPriority(ctx, max(crm.PriorityOf(ctx), crm.Refreshing))
	flight.Do(ctx, p.opts.Flights, topUp, text.IdentityKey(req.Worker), s.id, topUpWait, func(ctx context.Context) (struct{}, error) {
		for calls := 0; calls < maxPageCalls && s.lacks(n); calls++ {
			if err := p.Step(ctx, req.Worker, req.Query, s, n+1); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
}

// Held returns the rows of s from an index on that are there, at most req.PageSize, with
// a token unless no more can follow.
func (p *Pager) Held(ctx context.Context, req frontline.ListRequest, s *Snapshot, from int) frontline.ListResponse {
	done := s.Done() // before the rows: then no more will come
	rows := s.Rows(from, req.PageSize)
	resp := frontline.ListResponse{Customers: Customers(rows), Searchable: p.opts.Store.Traits(ctx).Searchable}
	if to := from + len(rows); !done || to < s.Len() {
		last := ""
		if to > 0 {
			last = s.Rows(to-1, 1)[0].ID
		}
		resp.NextPageToken = p.Seal(req, Place{Snapshot: s.id, From: to}, last)
	}
	return resp
}

// Customers returns rows as customers.
func Customers(rows []Row) []frontline.Customer {
	customers := make([]frontline.Customer, len(rows))
	for i, r := range rows {
		customers[i] = frontline.Customer{ID: r.ID, DisplayName: r.Name, Avatar: r.Avatar}
	}
	return customers
}
