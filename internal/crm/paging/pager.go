package paging

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/limit"
	"github.com/clientele-project/clientele/internal/text"
)

// Traits is what is known of a service, whoever it answered.
type Traits struct {
	// Searchable is what the service last said about searching.
	Searchable frontline.Searchable
	// IgnoresAnchors reports whether the service answers every anchor with its first
	// page.
	IgnoresAnchors bool
}

// A Store holds snapshots, and what was learnt of the service.
type Store interface {
	// Snapshot returns the snapshot with this id of a worker's list, or of the results
	// of a query; the newest of the list if id is "". It returns nil if it holds none.
	Snapshot(ctx context.Context, worker, query, id string) *Snapshot
	// Put holds a snapshot that was begun or has grown. Its error is that of the call
	// that brought it: the response is not believed.
	Put(ctx context.Context, worker, query string, s *Snapshot) error
	// Traits returns what was learnt, and Learn replaces it.
	Traits(ctx context.Context) Traits
	Learn(Traits)
}

// Options configures a Pager. All fields are required.
type Options struct {
	Flights *flight.Group
	Store   Store
	// Sealer seals page tokens. Service is a digest of the callback URL: tokens are
	// good for one service.
	Sealer  crm.Sealer
	Service string
	Now     func() time.Time
}

// The kinds of calls that a Pager makes.
var (
	beginning = &flight.Kind{Name: "first page"}
	step      = &flight.Kind{Name: "next page"}
	// A worker has a list and a search or two: who types on has no more use for the
	// earlier ones.
	topUp = &flight.Kind{Name: "top up", Detached: true, PerOwner: 4}
)

const (
	// topUpWait is how long a page with something to show waits to become whole: for
	// more rows when the service's pages are short, and to know whether any follow.
	topUpWait = 500 * time.Millisecond
	// maxPageCalls bounds the calls that make one page whole.
	maxPageCalls = 12
	// maxSought bounds the rows that are gone through for the place of a token whose
	// snapshot is gone.
	maxSought = 6000
	// maxLast bounds the id of the last customer in a token.
	maxLast = 128
)

// A Pager is a frontline.CRM that makes clean pages. A list without a token, and a
// search, begin a new snapshot. A token names a snapshot, an index, and the last
// customer before it. If the snapshot is gone, the walk goes on behind that customer in
// the newest one. If the service fails in the middle of a list, the page fails, and
// asking again goes on from there. A token that is not ours, not this worker's or not
// this query's, or whose place is gone, is a *frontline.InvalidRequestError, and so is
// any Anchor. It is safe for concurrent use.
type Pager struct {
	next frontline.CRM
	opts Options
}

var _ frontline.CRM = (*Pager)(nil)

// New returns a Pager that asks next.
func New(next frontline.CRM, o Options) *Pager { return &Pager{next, o} }

// CustomersList implements frontline.CRM.
func (p *Pager) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	if err := Check(&req); err != nil {
		return frontline.ListResponse{}, err
	}
	if req.NextPageToken != "" {
		s, from, err := p.Open(ctx, req)
		if err != nil {
			return frontline.ListResponse{}, err
		}
		return p.Page(ctx, req, s, from)
	}
	s, err := p.Begin(ctx, req.Worker, req.Query)
	if err != nil {
		return frontline.ListResponse{}, err
	}
	return p.Page(ctx, req, s, 0)
}

// CustomerDetails passes on.
func (p *Pager) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return p.next.CustomerDetails(ctx, req)
}

// Check refuses a request that cannot be answered, and applies the defaults to req.
func Check(req *frontline.ListRequest) error {
	switch {
	case req.Worker == "":
		return &frontline.InvalidRequestError{Reason: "Worker is missing"}
	case req.PageSize < 0:
		return &frontline.InvalidRequestError{Reason: "PageSize must be a positive whole number"}
	case req.Anchor != "" && req.NextPageToken == "":
		return &frontline.InvalidRequestError{Reason: "Anchor is not used here: send the NextPageToken of the page before"}
	}
	if req.PageSize == 0 {
		req.PageSize = frontline.DefaultPageSize
	}
	req.PageSize = min(req.PageSize, frontline.MaxPageSize)
	if strings.TrimSpace(req.Query) == "" {
		req.Query = ""
	}
	return nil
}

// Begin asks the service for the first page of the list, or of what a query finds, as a
// new snapshot.
func (p *Pager) Begin(ctx context.Context, worker, query string) (*Snapshot, error) {
	return flight.Do(ctx, p.opts.Flights, beginning, text.IdentityKey(worker), query, 0, func(ctx context.Context) (*Snapshot, error) {
		s := newSnapshot(p.opts.Now())
		return s, p.ask(ctx, worker, query, s)
	})
}

// Grow asks the service for more of s until it has n rows or is done. When it fails,
// what came stays, and the next Grow goes on from there.
func (p *Pager) Grow(ctx context.Context, worker, query string, s *Snapshot, n int) error {
	for s.Len() < n && !s.Done() {
		if err := p.Step(ctx, worker, query, s, n); err != nil {
			return err
		}
	}
	return nil
}

// Step makes one call for more of s, unless it has n rows by then or is done. It joins a
// step that is under way.
func (p *Pager) Step(ctx context.Context, worker, query string, s *Snapshot, n int) error {
	_, err := flight.Do(ctx, p.opts.Flights, step, text.IdentityKey(worker), s.id, 0, func(ctx context.Context) (struct{}, error) {
		if s.Len() >= n || s.Done() {
			return struct{}{}, nil // another step ended at the same moment
		}
		return struct{}{}, p.ask(ctx, worker, query, s)
	})
	return err
}

// ask makes one call and adds what it brings to s.
func (p *Pager) ask(ctx context.Context, worker, query string, s *Snapshot) error {
	token, anchor := s.ask()
	resp, err := p.next.CustomersList(ctx, frontline.ListRequest{Worker: worker, Query: query,
		PageSize: frontline.DefaultPageSize, NextPageToken: token, Anchor: anchor})
	if err != nil {
		later := (token != "" || anchor != "") && !limit.NotCalled(err)
		if later && isRefusal(err) && s.refuse() {
			return nil // the next step asks otherwise
		}
		if later && crm.Status(err) >= http.StatusInternalServerError {
			s.stumble()
		}
		return err
	}
	p.opts.Store.Learn(s.take(resp, p.opts.Now(), p.opts.Store.Traits(ctx)))
	return p.opts.Store.Put(ctx, worker, query, s)
}

// isRefusal reports whether the service does not take a token or an anchor. 403 is about
// the signature or the worker, and would be the same for any.
func isRefusal(err error) bool {
	var invalid *frontline.InvalidRequestError
	if errors.As(err, &invalid) {
		return true
	}
	switch crm.Status(err) {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity:
		return true
	}
	return false
}
