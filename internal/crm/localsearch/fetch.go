package localsearch

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// listFresh is how young the last answer to a whole list must be for it to be good
	// enough to search, and growingFor how old a list may be that is fetched on.
	listFresh  = 10 * time.Minute
	growingFor = time.Hour
	// maxFetches is how many lists are fetched at the same time, so that some are whole
	// soon, and maxFetch how long one may take at a time.
	maxFetches = 3
	maxFetch   = 10 * time.Minute
	// The pause after a call is as long as the call took, within these bounds.
	minPause = 50 * time.Millisecond
	maxPause = 2 * time.Second
)

// fetching is the kind of calls that fetch whole lists. One that failed is not repeated
// for a while.
var fetching = &flight.Kind{Name: "whole list", Detached: true, Hold: 30 * time.Second, Total: 1000}

// fetch has the whole list of a worker fetched, unless a young one is held, and waits for
// that as flight.Do does. After a failure the next visit goes on.
func (s *Search) fetch(ctx context.Context, worker string, wait time.Duration) error {
	if _, wanted := s.unfinished(s.opts.Store.Entry(ctx, worker)); !wanted {
		return nil
	}
	ctx = crm.WithPriority(ctx, crm.Background) // there is something to look at
	_, err := flight.Do(ctx, s.opts.Flights, fetching, text.IdentityKey(worker), "", wait, func(ctx context.Context) (struct{}, error) {
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		case <-ctx.Done():
			return struct{}{}, ctx.Err()
		}
		ctx, cancel := context.WithTimeout(ctx, maxFetch)
		defer cancel()
		return struct{}{}, s.fetchOn(ctx, worker)
	})
	if crm.IsFailure(err) {
		return err
	}
	return nil // if it did not begin or end, the next visit goes on
}

// fetchOn fetches a worker's list to its end, or until a call fails.
func (s *Search) fetchOn(ctx context.Context, worker string) error {
	snapshot, wanted := s.unfinished(s.opts.Store.Entry(ctx, worker))
	for wanted && (snapshot == nil || !snapshot.Done()) {
		began := time.Now()
		var err error
		if snapshot == nil {
			snapshot, err = s.opts.Pager.Begin(ctx, worker, "")
		} else {
			err = s.opts.Pager.Step(ctx, worker, "", snapshot, snapshot.Len()+frontline.DefaultPageSize)
		}
		if err != nil {
			return err
		}
		select {
		case <-time.After(max(minPause, min(time.Since(began), maxPause))):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// unfinished returns the snapshot that is to be fetched on, nil for a new one; not
// wanted if what is held is good enough to search.
func (s *Search) unfinished(e *cache.Entry) (snapshot *paging.Snapshot, wanted bool) {
	now := s.opts.Now()
	for _, held := range []*paging.Snapshot{e.Furthest(), e.Newest()} {
		switch {
		case held == nil || s.isOld(held.Heard()):
		case held.Done():
			return nil, false
		case now.Sub(held.AsOf()) < growingFor:
			return held, true
		}
	}
	return nil, true
}

// isOld reports whether a copy that the service last answered for then is old.
func (s *Search) isOld(heard time.Time) bool { return s.opts.Now().Sub(heard) >= listFresh }
