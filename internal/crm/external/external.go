// Package external makes a company's own integration service reliable for workers.
// [New] composes the decorators of the packages beside it around a client of the
// service. Here they are, the outermost first:
//
//	waiting      says that a response is being fetched, while the service fails for a moment
//	deadline     returns within a second; a call that takes longer is Pending
//	localsearch  searches the held list when the service does not search
//	owned        requests details only of customers whom this worker's list brought
//	details      returns the last good details at once, and on failure
//	lists        returns the last good list at once, and on failure
//	pager        turns any way of paging into sealed tokens over snapshots
//	limit        bounds the calls, and makes none while the service is down
//
// The innermost is a *frontline.Client. Whatever runs beside a request runs in one
// flight.Group.
package external

import (
	"context"
	"log/slog"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/limit"
	"github.com/clientele-project/clientele/internal/crm/localsearch"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/text"
)

// Options configures New. Client and Sealer are required; the zero value of every
// other field means its default.
type Options struct {
	// Client calls the service: a *frontline.Client whose transport is wrapped by
	// limit.MeasureTransport. Service.Close does not close it.
	Client frontline.CRM
	// Previous returns a client that signs with the previous auth token while that
	// token is still accepted, and nil afterwards. Optional.
	Previous func() frontline.CRM
	// Service is a digest of the callback URL: lists and details are stored under it.
	Service string
	// Blobs stores lists and details, sealed, beyond the process; nil means that they
	// are cached in memory only. Sealer seals them and the page tokens: with the same
	// key, tokens stay valid over a restart.
	Blobs  crm.BlobStore
	Sealer crm.Sealer
	// Recorder records every call, and every response from the cache; may be nil.
	Recorder crm.Recorder
	// Queue limits the calls: 8 at once, 20 a second, 20,000 waiting by default.
	Queue limit.QueueOptions
	// Bytes bounds the memory of cached lists: 64 MiB by default, about 500,000
	// customers. Local searches take half as much again at most, and viewed details a
	// quarter.
	Bytes int
	// Logger logs failures of Blobs, without names of workers or customers;
	// slog.Default if nil.
	Logger *slog.Logger
	// Now is the clock, time.Now if nil.
	Now func() time.Time
}

// Service is an external integration service behind the decorators of this package.
// It is safe for concurrent use.
//
// Calls, queue, background work, cached lists, search data, viewed details and known
// customer ids are all bounded.
type Service struct {
	frontline.CRM // the outermost decorator
	flights       *flight.Group
	limit         *limit.Service
	store         *cache.Store
	search        *localsearch.Search
}

// momentary is how long a service may fail before workers who have nothing to look at
// are shown the failure. Until then they see a page that waits for it.
const momentary = frontline.CallTimeout

// New returns a Service that calls o.Client. Close it when it is no longer used.
func New(o Options) *Service {
	if o.Bytes <= 0 {
		o.Bytes = 64 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Service{flights: new(flight.Group)}
	s.limit = limit.New(o.Client, limit.Options{Queue: o.Queue, Previous: o.Previous, Recorder: o.Recorder})
	s.store = cache.New(cache.Options{Flights: s.flights, Service: o.Service, Blobs: o.Blobs, Sealer: o.Sealer,
		Bytes: o.Bytes, Recorder: o.Recorder, Logger: o.Logger, Now: o.Now})
	pager := paging.New(s.limit, paging.Options{Flights: s.flights, Store: s.store,
		Sealer: o.Sealer, Service: o.Service, Now: o.Now})
	cached := cache.NewDetails(cache.NewLists(pager, s.store), s.store)
	owned := cache.NewOwned(cached, pager, s.store)
	s.search = localsearch.New(owned, localsearch.Options{Pager: pager, Store: s.store, Flights: s.flights,
		Bytes: o.Bytes / 2, Now: o.Now})
	s.CRM = s.waiting(flight.Deadline(s.search, s.flights, s.limit.Estimate))
	return s
}

// waiting returns a CRM whose failures are Pending while the service has been failing for
// no longer than a moment.
func (s *Service) waiting(next frontline.CRM) frontline.CRM {
	return crm.Func(func(ctx context.Context, req crm.Request) (crm.Response, error) {
		resp, err := req.Do(ctx, next)
		// Zero means that the service works again: the next call may be made.
		if since := s.limit.FailingSince(); crm.IsFailure(err) && (since.IsZero() && limit.NotCalled(err) || time.Since(since) < momentary) {
			err = &frontline.UnavailableError{Pending: true, RetryAfter: time.Second, Err: err}
		}
		return resp, err
	})
}

// Forget cancels the worker's calls, and deletes everything cached for the worker, in
// memory and in the BlobStore.
func (s *Service) Forget(ctx context.Context, worker string) error {
	key := text.IdentityKey(worker)
	return s.flights.Forget(ctx, key, func() error {
		s.search.Forget(key)
		return s.store.Drop(ctx, key)
	})
}

// Retain deletes from memory what is cached for every worker for whom keep, called
// with text.IdentityKey of the worker, returns false, and cancels their calls. It
// leaves the BlobStore alone. When ctx ends, what is left stays.
func (s *Service) Retain(ctx context.Context, keep func(workerKey string) bool) {
	kept := map[string]bool{}
	for _, worker := range append(s.flights.Owners(), s.store.Workers()...) {
		if _, asked := kept[worker]; asked {
			continue
		}
		if kept[worker] = keep(worker); kept[worker] {
			continue
		}
		s.flights.Forget(ctx, worker, func() error {
			s.search.Forget(worker)
			s.store.DropMemory(worker)
			return nil
		})
	}
}

// finishWithin is how long Close waits for calls in flight, whose results are cached
// for the next start.
const finishWithin = 2 * time.Second

// Close waits up to 2 s for calls in flight, cancels the others, stores what is cached,
// and returns the error of ctx if that ends first. Later calls return a
// *frontline.UnavailableError.
func (s *Service) Close(ctx context.Context) error {
	within := finishWithin
	if deadline, ok := ctx.Deadline(); ok {
		within = min(within, time.Until(deadline)/3) // and leave time to store
	}
	finishing, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	s.flights.Close(finishing) // an error means that some were cancelled
	return s.store.Close(ctx)
}

// Stats describes the current state of a Service.
type Stats struct {
	limit.Stats
	// HeldBytes is the approximate memory of all cached lists, and Workers the number
	// of workers that have one.
	HeldBytes, Workers int
}

// Stats returns the current state of the service.
func (s *Service) Stats() Stats {
	stats := Stats{Stats: s.limit.Stats()}
	stats.Workers, stats.HeldBytes = s.store.Size()
	return stats
}
