package external

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// Options configures New. Client and Sealer are required; the zero value of every
// other field means its default.
type Options struct {
	// Client calls the service: a *frontline.Client whose transport is wrapped by
	// MeasureTransport. Service.Close does not close it.
	Client frontline.CRM
	// Previous returns a client that signs with the previous auth token while that
	// token is still accepted, and nil afterwards. Optional.
	Previous func() frontline.CRM
	// Service is a digest of the callback URL: cached lists and details are stored
	// under it.
	Service string
	// Blobs stores cached lists and details, sealed, beyond the process; nil means
	// that they are cached in memory only. Sealer seals them and the page tokens: with
	// the same key, tokens stay valid over a restart.
	Blobs  BlobStore
	Sealer Sealer
	// Recorder records every call, and every response from the cache; may be nil.
	Recorder Recorder
	// Limits limits the calls: 8 at once, 20 a second, 20,000 in the queue by default.
	Limits QueueOptions
	// Bytes bounds the memory of cached lists: 64 MiB by default, about 500,000
	// customers. Local searches take as much again at most, and viewed details a quarter.
	Bytes int
	// Logger logs failures of Blobs, without names of workers or customers;
	// slog.Default when nil.
	Logger *slog.Logger
	// Now is the clock, time.Now when nil.
	Now func() time.Time

	deadline deadlineOptions // of tests
}

// Service is an external integration service behind the decorators of this package.
// It is safe for concurrent use.
//
// Calls, queue, background fetches, cached lists, search data, viewed details and
// known customer ids are all bounded.
type Service struct {
	crm     frontline.CRM
	patient *deadline
	own     *owned
	search  *localSearch
	good    *lastGood
	walk    *walk
	shelf   *shelf
	gate    *queue
	breaker *breaker
	counted *counted
}

var _ frontline.CRM = (*Service)(nil)

// New returns a Service that calls o.Client through the decorators of the package
// comment. Close it when it is no longer used.
func New(o Options) *Service {
	s := &Service{counted: &counted{to: o.Recorder}}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}

	if o.Bytes <= 0 {
		o.Bytes = 64 << 20
	}

	// From the inside out: the call itself.
	var crm frontline.CRM = NewInstrumented(o.Client, s.counted, false, o.Now)
	if o.Previous != nil {
		crm = newRotatingToken(rotatingTokenOptions{Client: crm, Previous: func() frontline.CRM {
			previous := o.Previous()
			if previous == nil {
				return nil
			}
			return NewInstrumented(previous, s.counted, false, o.Now)
		}})
	}
	crm = newRetry(crm, retryOptions{})

	// Its turn, unless the service is down.
	s.breaker = newBreaker(func(err error) { s.gate.Flush(err) })
	s.gate = newQueue(s.breaker.Inner(crm), o.Limits)
	crm = newBackoff(s.breaker.Outer(s.gate), s.gate)
	crm = newShared(crm)

	// What is held.
	s.shelf = newShelf(shelfOptions{Service: o.Service, Blobs: o.Blobs, Sealer: o.Sealer, Bytes: o.Bytes, Now: o.Now, Log: o.Logger})
	s.walk = newWalk(crm, s.shelf, walkOptions{Sealer: o.Sealer, Now: o.Now})
	s.good = newLastGood(s.walk, lastGoodOptions{Service: o.Service, Blobs: o.Blobs, Sealer: o.Sealer, Recorder: s.counted, Memory: o.Bytes / 4, Now: o.Now, Log: o.Logger})
	s.search = newLocalSearch(s.good, s.walk, o.Sealer, searchOptions{Memory: o.Bytes / 2, Recorder: s.counted, Now: o.Now})
	s.own = newOwned(s.search, s.walk, ownedOptions{Now: o.Now})

	// And those who wait.
	if o.deadline.Estimate == nil {
		o.deadline.Estimate = s.gate.Estimate
	}
	s.patient = newDeadline(s.own, o.deadline)
	s.crm = s.patient
	return s
}

// CustomersList implements frontline.CRM.
func (s *Service) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	return s.crm.CustomersList(ctx, req)
}

// CustomerDetails implements frontline.CRM.
func (s *Service) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return s.crm.CustomerDetails(ctx, req)
}

// Forget deletes everything cached for a worker, in memory and in the BlobStore, and
// cancels the worker's calls, whose results are not stored.
func (s *Service) Forget(ctx context.Context, worker string) error {
	// From the outside in, so that nothing is brought back.
	s.patient.Forget(worker)
	err := s.search.Forget(ctx, worker)
	s.own.Forget(worker)
	return errors.Join(err, s.good.Forget(ctx, worker))
}

// Retain deletes from memory what is cached for every worker for whom keep, called
// with text.IdentityKey of the worker, returns false, and cancels their calls. It
// leaves the BlobStore alone.
func (s *Service) Retain(ctx context.Context, keep func(workerKey string) bool) {
	s.patient.Retain(keep)
	s.search.Retain(keep)
	s.own.Retain(keep)
	s.good.Retain(keep)
	s.shelf.Retain(ctx, keep)
}

// finishWithin is how long Close waits for calls in flight, whose results are cached
// for the next start.
const finishWithin = 2 * time.Second

// Close waits up to 2 s for calls in flight, cancels the others, writes the cache to
// the BlobStore, and returns the error of ctx if that ends first. Later calls return
// a *frontline.UnavailableError.
func (s *Service) Close(ctx context.Context) error {
	within := finishWithin
	if deadline, ok := ctx.Deadline(); ok {
		within = min(within, time.Until(deadline)/3) // and leave time to write
	}
	finishing, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	crawled := s.search.Close(finishing)
	s.patient.Close(finishing) // an error means that some were canceled
	return errors.Join(crawled, s.good.Close(ctx), s.walk.Close(ctx), s.shelf.Close(ctx))
}
