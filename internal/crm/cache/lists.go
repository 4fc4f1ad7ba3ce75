package cache

import (
	"context"
	"slices"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// loadedTwice is how long the same response is given again without asking.
	loadedTwice = 250 * time.Millisecond
	// freshFor is how old a response may be that counts as newer.
	freshFor = 5 * time.Second
	// glance is how long a fresh list is waited for before the held one is shown: not
	// noticed by anybody.
	glance = 40 * time.Millisecond
	// pageFresh is how old a later page may be without saying so: whoever scrolls
	// through a list that was fetched meanwhile need not be told the time.
	pageFresh = time.Minute
	// tryAgainAfter is how long a service that just failed a worker is not asked for
	// the same again.
	tryAgainAfter = 2 * time.Second
)

// refreshing is the kind of calls for the first page of a list of which an older
// snapshot is held. Nobody looks at an empty place meanwhile.
var refreshing = &flight.Kind{Name: "refresh", Detached: true, Within: 2 * time.Minute}

// Lists is a CRM that shows the last good list at once while a fresh one is fetched,
// and when the service fails. An error is never shown as an empty list.
//
// A first page comes from the newest snapshot if there is one. Where a fresh one does
// not come in a moment, the page has Meta.AsOf: ask with NewerThan to get the fresh one.
// Meta.Stale is set if the last try to fetch one failed. Later pages go on in the
// snapshot of their token. Where the service fails, they go on in the one that reaches
// furthest, with Meta.AsOf and Meta.Stale; where that has no more, the page fails.
// Searches and details are passed on.
type Lists struct {
	frontline.CRM // asked for everything else
	pager         *paging.Pager
	store         *Store
}

var _ frontline.CRM = (*Lists)(nil)

// NewLists returns a Lists over a pager that has store as its paging.Store.
func NewLists(pager *paging.Pager, store *Store) *Lists { return &Lists{pager, pager, store} }

// CustomersList implements frontline.CRM.
func (l *Lists) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	if err := paging.Check(&req); err != nil {
		return frontline.ListResponse{}, err
	}
	switch {
	case req.Query != "":
		return l.pager.CustomersList(ctx, req)
	case req.NextPageToken != "":
		return l.later(ctx, req)
	}
	return l.first(ctx, req)
}

func (l *Lists) first(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	e := l.store.Entry(ctx, req.Worker)
	held := e.Newest()
	if held == nil {
		s, err := l.pager.Begin(ctx, req.Worker, "")
		if err != nil {
			return frontline.ListResponse{}, err
		}
		return l.pager.Page(ctx, req, s, 0)
	}
	now := l.store.opts.Now()
	age, wait := now.Sub(held.AsOf()), glance
	newer := !req.NewerThan.IsZero()
	if newer && !held.AsOf().After(req.NewerThan) {
		wait = 0
	} else if age <= loadedTwice || newer && age <= freshFor {
		return l.held(ctx, req, held, frontline.Meta{}), nil
	}
	at, failure := e.failed()
	if at.Before(held.AsOf()) {
		failure = nil
	}
	if failure == nil || now.Sub(at) >= tryAgainAfter {
		s, err := l.refresh(ctx, req, e, wait)
		switch {
		case err == nil:
			return l.pager.Held(ctx, req, s, 0), nil
		case ctx.Err() != nil:
			return frontline.ListResponse{}, ctx.Err()
		case crm.IsFailure(err):
			failure = err
		case wait == 0: // our own queue, or a mistake of ours: who waits is told
			return frontline.ListResponse{}, err
		}
	}
	return l.held(ctx, req, held, frontline.Meta{AsOf: held.AsOf(), Stale: failure}), nil
}

// refresh begins a new snapshot, or joins the call that does, and waits for its first
// page.
func (l *Lists) refresh(ctx context.Context, req frontline.ListRequest, e *Entry, wait time.Duration) (*paging.Snapshot, error) {
	ctx = crm.WithPriority(ctx, max(crm.PriorityOf(ctx), crm.Refreshing)) // there is something to look at
	return flight.Do(ctx, l.store.opts.Flights, refreshing, text.IdentityKey(req.Worker), "", wait, func(ctx context.Context) (*paging.Snapshot, error) {
		s, err := l.pager.Begin(ctx, req.Worker, "")
		if err == nil && s.Len() == 0 { // a page without customers may be followed by others
			err = l.pager.Grow(ctx, req.Worker, "", s, 1)
		}
		if err != nil {
			if crm.IsFailure(err) {
				e.fail(err, l.store.opts.Now())
			}
			return nil, err
		}
		e.fail(nil, time.Time{})
		// So that the page is as full as when somebody waits for it. What fails is for
		// the next page to tell.
		l.pager.Page(ctx, frontline.ListRequest{Worker: req.Worker, PageSize: frontline.DefaultPageSize}, s, 0)
		return s, nil
	})
}

// held returns a first page as it is held.
func (l *Lists) held(ctx context.Context, req frontline.ListRequest, s *paging.Snapshot, meta frontline.Meta) frontline.ListResponse {
	resp := l.pager.Held(ctx, req, s, 0)
	resp.Meta = meta
	l.store.Hit(crm.Request{List: req})
	return resp
}

// later returns the page of a token.
func (l *Lists) later(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	s, from, err := l.pager.Open(ctx, req)
	if err != nil {
		return frontline.ListResponse{}, err
	}
	had := s.Len()
	resp, err := l.pager.Page(ctx, req, s, from)
	if err != nil {
		if older := l.store.Entry(ctx, req.Worker).Furthest(); crm.IsFailure(err) && older != nil && older != s {
			return l.goOn(ctx, req, s, from, older, err)
		}
		return frontline.ListResponse{}, err
	}
	if had >= from+len(resp.Customers) && len(resp.Customers) > 0 {
		l.store.Hit(crm.Request{List: req})
	}
	// A walk ends in the snapshot that it began in: whoever asks again with NewerThan
	// gets the same, and is not told to ask yet again.
	if had > from && l.store.opts.Now().Sub(s.AsOf()) > pageFresh && req.NewerThan.Before(s.AsOf()) {
		resp.Meta.AsOf = s.AsOf()
	}
	return resp, nil
}

// goOn returns the page behind the first rows of s, which were shown, out of an older
// snapshot that reaches further. failure is why s does not go on. If nothing is left in
// the older one either, that is the answer: a list that stops here might look like a
// whole one.
func (l *Lists) goOn(ctx context.Context, req frontline.ListRequest, s *paging.Snapshot, from int, older *paging.Snapshot, failure error) (frontline.ListResponse, error) {
	if !slices.Equal(s.Rows(0, from), older.Rows(0, from)) {
		older = s.Continued(from, older)
		l.store.Put(ctx, req.Worker, "", older)
	}
	resp := l.pager.Held(ctx, req, older, from)
	if len(resp.Customers) == 0 {
		return frontline.ListResponse{}, failure
	}
	resp.Meta = frontline.Meta{AsOf: older.AsOf(), Stale: failure}
	l.store.Hit(crm.Request{List: req})
	return resp, nil
}
