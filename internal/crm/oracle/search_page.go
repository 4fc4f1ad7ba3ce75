package external

import (
	"context"
	"slices"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// more answers a later page of a search that was begun here. It goes on in what it
// began with, so that nothing is repeated however the list has changed.
func (s *localSearch) more(ctx context.Context, req frontline.ListRequest, at place) (frontline.ListResponse, error) {
	key := findingKey{text.IdentityKey(req.Worker), req.Query, at.extent, at.Whole}
	f, ok := s.findings.Get(key)
	if !ok {
		snap, ok := retake(s.lists.Book(ctx, req.Worker), at)
		if !ok {
			return frontline.ListResponse{}, &frontline.InvalidRequestError{
				Reason: "NextPageToken is too old: start again at the first page"}
		}
		var err error
		if f, err = s.find(ctx, key, snap); err != nil {
			return frontline.ListResponse{}, err
		}
	}
	return s.page(req, f, key, at.At), nil
}

// page answers the matches from index from on.
func (s *localSearch) page(req frontline.ListRequest, f finding, key findingKey, from int) frontline.ListResponse {
	size := req.PageSize
	if size <= 0 {
		size = frontline.DefaultPageSize
	}
	from = max(0, min(from, len(f.rows)))
	to := min(from+min(size, frontline.MaxPageSize), len(f.rows))
	resp := frontline.ListResponse{
		Searchable: frontline.SearchableNo,
		Customers:  make([]frontline.Customer, 0, to-from),
		Meta:       frontline.Meta{Partial: !f.whole, Covered: f.covered},
	}
	for _, r := range f.rows[from:to] {
		resp.Customers = append(resp.Customers, frontline.Customer{ID: r.ID, DisplayName: r.Name, Avatar: r.Avatar})
	}
	if to < len(f.rows) {
		resp.NextPageToken = s.tokens.seal(place{key.extent, f.whole, to}, req.Worker, req.Query)
	}
	// A copy of some minutes ago is as good as a list is while it is looked at. A later
	// page is what it is: who asks for a newer one is not told to ask yet again.
	if s.isOld(f.heard) && (req.NextPageToken == "" || req.NewerThan.Before(f.asOf)) {
		resp.Meta.AsOf = f.asOf
	}
	s.record(req)
	return resp
}

// isOld tells whether a copy that the service last answered for then is to be
// called old.
func (s *localSearch) isOld(heard time.Time) bool { return s.opts.Now().Sub(heard) >= crawlFresh }

// record notes an answer that no call was made for.
func (s *localSearch) record(req frontline.ListRequest) {
	if s.opts.Recorder != nil {
		s.opts.Recorder.Record(Call{When: s.opts.Now(), Location: frontline.LocationCustomersList,
			Search: true, Worker: req.Worker, Hit: true})
	}
}

// after is the index behind the customer called anchor.
func (f finding) after(anchor string) (int, error) {
	i := slices.IndexFunc(f.rows, func(r row) bool { return r.ID == anchor })
	if i < 0 {
		return 0, &frontline.InvalidRequestError{Reason: "Anchor is not the id of a customer that this search found"}
	}
	return i + 1, nil
}
