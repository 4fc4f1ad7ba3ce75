// Package localsearch searches the held copy of a worker's list when the service does
// not search. [Search] is the decorator. It fetches whole lists in the background, so
// that they can be searched.
package localsearch

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/search"
)

// askAgain is how long a service that did not search when it was asked to is taken for
// one that does not: it may have been upgraded since.
const askAgain = time.Hour

// Options configures a Search. All fields are required.
type Options struct {
	Pager   *paging.Pager
	Store   *cache.Store
	Flights *flight.Group
	// Bytes bounds the memory of what is searched.
	Bytes int
	Now   func() time.Time
}

// Search is a CRM that searches the held copy of a worker's list, by the rules of the
// built-in service, when the service does not search: names, and the digits in them, are
// all that a list has. It learns from every response whether the service searches, and
// never sends a Query to one that said no.
//
// While the list is not held as a whole, it is fetched in the background, and responses
// are Meta.Partial with what they cover. A search that the service refused or
// failed to answer is answered from the held copy too, with Meta.Stale.
type Search struct {
	frontline.CRM // asked for everything else
	opts          Options
	lists         *lru.Cache[string, list] // by text.IdentityKey of the worker
	slots         chan struct{}            // of those who fetch a whole list
	// noUntil is until when the service is taken for one that does not search, whatever
	// it says in lists; in Unix nanoseconds.
	noUntil atomic.Int64
}

var _ frontline.CRM = (*Search)(nil)

// New returns a Search around next.
func New(next frontline.CRM, o Options) *Search {
	return &Search{CRM: next, opts: o, lists: lru.New[string, list](10_000, o.Bytes, nil), slots: make(chan struct{}, maxFetches)}
}

// Forget drops what is held to search a worker's list.
func (s *Search) Forget(workerKey string) { s.lists.Remove(workerKey) }

// CustomersList implements frontline.CRM. Of a response that was searched for here,
// Searchable is SearchableNo.
func (s *Search) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	if strings.TrimSpace(req.Query) == "" {
		return s.browse(ctx, req)
	}
	if req.PageSize <= 0 {
		req.PageSize = frontline.DefaultPageSize
	}
	req.PageSize = min(req.PageSize, frontline.MaxPageSize)
	if req.NextPageToken != "" {
		if at, err := s.opts.Pager.Unseal(req); err == nil && at.Snapshot == "" {
			return s.later(ctx, req, at)
		}
		return s.CRM.CustomersList(ctx, req) // begun with the service, so it ends there
	}
	var failure error
	if s.searchable(ctx) != frontline.SearchableNo {
		resp, err := s.CRM.CustomersList(ctx, req)
		if err == nil {
			s.learn(resp.Searchable)
			if s.searchable(ctx) == frontline.SearchableYes {
				return resp, nil
			}
		} else if !crm.IsFailure(err) {
			return resp, err
		}
		failure = err
	}
	return s.first(ctx, req, failure)
}

// browse returns a page of the list. Whoever opens a list that is searched here is likely
// to search next, so it is fetched.
func (s *Search) browse(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	resp, err := s.CRM.CustomersList(ctx, req)
	known := s.searchable(ctx)
	if err == nil && known != frontline.SearchableUnknown {
		resp.Searchable = known
	}
	if known == frontline.SearchableNo && req.NextPageToken == "" {
		s.fetch(ctx, req.Worker, -1)
	}
	return resp, err
}

// learn notes what a response to a search said.
func (s *Search) learn(said frontline.Searchable) {
	if said == frontline.SearchableYes {
		s.noUntil.Store(0)
	} else {
		s.noUntil.Store(s.opts.Now().Add(askAgain).UnixNano())
	}
}

// searchable returns what the service is to be taken for; SearchableUnknown asks for a
// try.
func (s *Search) searchable(ctx context.Context) frontline.Searchable {
	if s.opts.Now().UnixNano() < s.noUntil.Load() {
		return frontline.SearchableNo
	}
	return s.opts.Store.Traits(ctx).Searchable
}

var errNothingHeld = &frontline.UnavailableError{Err: errors.New("no list is held to be searched")}

// first returns the first page of a search of the held copy. failure is why the service,
// which was asked before, did not answer. Whoever asks for a newer response than they
// have waits until the list is fetched.
func (s *Search) first(ctx context.Context, req frontline.ListRequest, failure error) (frontline.ListResponse, error) {
	if search.ParseQuery(req.Query).IsEmpty() {
		return frontline.ListResponse{Searchable: frontline.SearchableNo}, nil
	}
	if s.opts.Store.Entry(ctx, req.Worker).Newest() == nil {
		if failure != nil {
			return frontline.ListResponse{}, failure
		}
		if _, err := s.opts.Pager.Begin(ctx, req.Worker, ""); err != nil {
			return frontline.ListResponse{}, err
		}
	}
	if s.searchable(ctx) != frontline.SearchableYes {
		wait := time.Duration(-1)
		if failure == nil && !req.NewerThan.IsZero() {
			wait = 0
		}
		if err := s.fetch(ctx, req.Worker, wait); failure == nil {
			failure = err
		}
		if ctx.Err() != nil {
			return frontline.ListResponse{}, ctx.Err()
		}
	}
	l, ok := s.list(ctx, req.Worker)
	if !ok {
		return frontline.ListResponse{}, errNothingHeld
	}
	resp, err := s.page(ctx, req, l, paging.Place{})
	if failure != nil {
		resp.Meta.Stale, resp.Meta.AsOf = failure, l.asOf
	}
	return resp, err
}

// later returns a later page of a search that was begun here.
func (s *Search) later(ctx context.Context, req frontline.ListRequest, at paging.Place) (frontline.ListResponse, error) {
	l, ok := s.list(ctx, req.Worker)
	if !ok {
		return frontline.ListResponse{}, errNothingHeld
	}
	return s.page(ctx, req, l, at)
}

// page returns the matches in l from a place on.
func (s *Search) page(ctx context.Context, req frontline.ListRequest, l list, at paging.Place) (frontline.ListResponse, error) {
	rows, err := l.find(ctx, req.Query)
	if err != nil {
		return frontline.ListResponse{}, err
	}
	from := min(at.From, len(rows))
	if i := slices.IndexFunc(rows, func(r paging.Row) bool { return r.ID == at.Last }); i >= 0 {
		from = i + 1
	}
	to := min(from+req.PageSize, len(rows))
	resp := frontline.ListResponse{Searchable: frontline.SearchableNo, Customers: paging.Customers(rows[from:to]),
		Meta: frontline.Meta{Partial: !l.whole, Covered: len(l.rows)}}
	if to < len(rows) {
		resp.NextPageToken = s.opts.Pager.Seal(req, paging.Place{From: to}, rows[to-1].ID)
	}
	// A copy of some minutes ago is as good as a list is while it is looked at. A later
	// page is what it is: whoever asks for a newer one is not told to ask yet again.
	if s.isOld(l.heard) && (req.NextPageToken == "" || req.NewerThan.Before(l.asOf)) {
		resp.Meta.AsOf = l.asOf
	}
	s.opts.Store.Hit(crm.Request{List: req})
	return resp, nil
}
