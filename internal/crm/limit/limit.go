// Package limit makes the calls to an external integration service: not more than it
// bears, and none while it is down. [New] composes these decorators, the outermost
// first:
//
//	breaker        refuses calls to a service that is failing, and probes it
//	backoff        slows down for a service that answers 429
//	queue          limits calls at once and calls a second, the most urgent first
//	retry          limits a call to 6 s and repeats it once if no connection was made
//	rotatingToken  repeats a call with the previous auth token while tokens change
//	Instrumented   records every call that was made
package limit

import (
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
)

// Options configures New. The zero value of every field means its default.
type Options struct {
	Queue QueueOptions
	// Previous returns a client that signs with the previous auth token while that
	// token is still accepted, and nil afterwards. Optional.
	Previous func() frontline.CRM
	// Recorder records every call that was made; may be nil.
	Recorder crm.Recorder
}

// Service is a service behind the decorators of this package. It is safe for concurrent
// use.
//
// While the service is failing, every request gets the failure that showed it, without
// a call: see NotCalled. A request that the full queue refuses is a
// *frontline.UnavailableError.
type Service struct {
	frontline.CRM // the outermost decorator
	queue         *queue
	breaker       *breaker
}

// New returns a Service that calls client, a *frontline.Client whose transport is
// wrapped by MeasureTransport.
func New(client frontline.CRM, o Options) *Service {
	next := Instrumented(client, o.Recorder, false)
	if o.Previous != nil {
		next = rotatingToken(next, func() frontline.CRM {
			if previous := o.Previous(); previous != nil {
				return Instrumented(previous, o.Recorder, false)
			}
			return nil
		})
	}
	q := newQueue(o.Queue)
	b := newBreaker(q.Flush)
	next = q.Decorate(retry(next))
	next = b.Decorate(backoff(next, q.SlowDown))
	return &Service{next, q, b}
}

// Estimate returns about how long a call of priority p would wait in the queue.
func (s *Service) Estimate(p crm.Priority) time.Duration { return s.queue.Estimate(p) }

// FailingSince returns when the service failed first after its last good answer: zero if
// it works, and long ago if it never has.
func (s *Service) FailingSince() time.Time { return s.breaker.FailingSince() }

// Stats describes the current state of a Service.
type Stats struct {
	Queue   QueueStats
	Breaker BreakerStats
}

// Stats returns the current state.
func (s *Service) Stats() Stats { return Stats{s.queue.Stats(), s.breaker.Stats()} }
