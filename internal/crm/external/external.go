package external

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// Options is how Stack puts a service together. Client and Sealer must be set; the
// zero value of everything else means the default.
type Options struct {
	// Client calls the service: a *frontline.Client whose transport goes through
	// Measure. It is not closed by Service.Close.
	Client frontline.CRM
	// Previous answers a client like it that signs with the token before, during
	// that one's grace period, and nil otherwise; see Resigned.
	Previous func() frontline.CRM
	// Service is a digest of the callback URL, under which copies are kept.
	Service string
	// Blobs keeps what was held, sealed, where it outlives the process; in memory
	// alone when nil. Sealer seals that, and page tokens: the same key after a start
	// means that the pages in people's hands stay good.
	Blobs  BlobStore
	Sealer Sealer
	// Recorder is told of every call, and of every answer without one; may be nil.
	Recorder Recorder
	// Limits bounds the calls: 8 at once, 20 a second, 20,000 in the queue.
	Limits QueueOptions
	// Deadline says how long a page waits: 1 s.
	Deadline DeadlineOptions
	// Bytes bounds the memory for the lists that are held: 64 MiB, about 500,000
	// customers. As much again, at most, is taken by local searches, made when
	// somebody searches, and the details that were viewed have bounds of their own.
	Bytes int
	// Logger hears of trouble with the Keeper; slog.Default when nil. No worker, no
	// customer and no address is ever named.
	Logger *slog.Logger
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

// Service is somebody else's integration service, made into one that never fails
// its worker: the CRM that the app asks. It is safe for concurrent use.
//
// What it takes is bounded everywhere: questions under way (DeadlineOptions.Flights,
// of one worker PerWorker), the queue (QueueOptions.Queue), crawls that wait (10,000)
// and those under way (2), all lists together (Options.Bytes) and each, what searches
// make of them, viewed details, and ids that are remembered.
type Service struct {
	crm     frontline.CRM
	patient *Deadline
	own     *Owned
	search  *LocalSearch
	good    *LastGood
	walk    *Walk
	shelf   *Shelf
	gate    *Queue
	breaker *Breaker
	counted *counted
}

var _ frontline.CRM = (*Service)(nil)

// New puts a service together, in the order that the package comment gives. Close
// it when it is not asked any more.
func New(o Options) *Service {
	s := &Service{counted: &counted{to: o.Recorder}}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}

	// From the inside out: the call itself.
	var crm frontline.CRM = NewInstrumented(o.Client, s.counted, false, o.Now)
	if o.Previous != nil {
		crm = NewRotatingToken(RotatingTokenOptions{Client: crm, Previous: func() frontline.CRM {
			previous := o.Previous()
			if previous == nil {
				return nil
			}
			return NewInstrumented(previous, s.counted, false, o.Now)
		}})
	}
	crm = NewRetry(crm, RetryOptions{})

	// Its turn, unless the service is down.
	s.breaker = NewBreaker(func(err error) { s.gate.Flush(err) })
	s.gate = NewQueue(s.breaker.Inner(crm), o.Limits)
	crm = NewBackoff(s.breaker.Outer(s.gate), s.gate)
	crm = NewShared(crm)

	// What is held.
	s.shelf = NewShelf(ShelfOptions{Service: o.Service, Blobs: o.Blobs, Sealer: o.Sealer, Bytes: o.Bytes, Now: o.Now, Log: o.Logger})
	s.walk = NewWalk(crm, s.shelf, WalkOptions{Sealer: o.Sealer, Now: o.Now})
	s.good = NewLastGood(s.walk, LastGoodOptions{Service: o.Service, Blobs: o.Blobs, Sealer: o.Sealer, Recorder: s.counted, Now: o.Now, Log: o.Logger})
	s.search = NewLocalSearch(s.good, s.walk, o.Sealer, SearchOptions{Recorder: s.counted, Now: o.Now})
	s.own = NewOwned(s.search, s.walk, OwnedOptions{Now: o.Now})

	// And those who wait.
	if o.Deadline.Estimate == nil {
		o.Deadline.Estimate = s.gate.Estimate
	}
	s.patient = NewDeadline(s.own, o.Deadline)
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

// Forget drops all that is held of a worker, in memory and in the Keeper, and gives
// up what is under way: the worker is no person here any more.
func (s *Service) Forget(ctx context.Context, worker string) error {
	// From the outside in, so that nothing is brought back.
	s.patient.Forget(worker)
	err := s.search.Forget(ctx, worker)
	s.own.Forget(worker)
	return errors.Join(err, s.good.Forget(ctx, worker))
}

// Retain drops from memory what is held of every worker for whom keep, given
// text.IdentityKey of the worker, is false, and gives up what is under way for them.
// What the Keeper has is for its owner to drop.
func (s *Service) Retain(ctx context.Context, keep func(workerKey string) bool) {
	s.patient.Retain(keep)
	s.search.Retain(keep)
	s.own.Retain(keep)
	s.good.Retain(keep)
	s.shelf.Retain(ctx, keep)
}

// finishWithin is how long Close waits for what is under way: nobody is there to see
// it, but what it brings is held for the next start.
const finishWithin = 2 * time.Second

// Close waits a moment for what is under way, gives up the rest, writes what is held
// to the Keeper, and answers the error of ctx when that ends first. Afterwards every
// question is unavailable.
func (s *Service) Close(ctx context.Context) error {
	within := finishWithin
	if deadline, ok := ctx.Deadline(); ok {
		within = min(within, time.Until(deadline)/3) // and leave time to write
	}
	finishing, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	crawled := s.search.Close(finishing)
	s.patient.Close(finishing) // an error tells that some were given up
	return errors.Join(crawled, s.good.Close(ctx), s.walk.Close(ctx), s.shelf.Close(ctx))
}
