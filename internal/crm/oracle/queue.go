package external

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/clientele-project/clientele/frontline"
)

// QueueOptions limits the calls to a service; zero values mean the defaults.
type QueueOptions struct {
	// Calls is the maximum number of calls at once: 8.
	Calls int
	// PerSecond is the maximum number of calls begun each second, on average: 20.
	PerSecond float64
	// Burst is the maximum number of calls begun at once after a pause: half of
	// PerSecond, at least 1.
	Burst int
	// Queue is the maximum number of calls that wait: 20,000, a few hundred bytes each
	// beside the goroutines that wait.
	Queue int
}

// queue is a CRM that lets at most so many calls be under way at once, and so many
// begin each second. Who comes first goes first, but whom a worker waits for goes
// before what is only refreshed, and that before crawling; crawling also leaves the
// last place, and the last call of a burst, to workers. A call whose context ends
// leaves the queue. When the queue is full the least urgent give way, the newest
// first: they, or the caller itself, get a *frontline.UnavailableError. It is safe
// for concurrent use.
type queue struct {
	crm     frontline.CRM
	opts    QueueOptions
	limiter *rate.Limiter

	mu       sync.Mutex
	queues   [crawling + 1]list.List // of *waiter, first come at the front
	waiting  int
	inFlight int
	timer    *time.Timer
	usual    time.Duration // how long calls take, the newest counting most
	// restUntil is when calls may begin again, and slowed when the service last said
	// that it is asked too much: see SlowDown.
	restUntil, slowed time.Time
}

// waiter is a call in the queue.
type waiter struct {
	place    *list.Element
	urgency  priority
	admitted chan error // nil for a way in, or why there is none
	gone     bool       // from the queue
}

// newQueue makes a queue in front of crm.
func newQueue(crm frontline.CRM, opts QueueOptions) *queue {
	opts.Calls = orElse(opts.Calls, 8)
	opts.PerSecond = min(orElse(opts.PerSecond, 20), 1e6) // as good as no limit
	opts.Burst = orElse(opts.Burst, max(int(opts.PerSecond/2), 1))
	opts.Queue = orElse(opts.Queue, 20_000)
	return &queue{crm: crm, opts: opts, limiter: rate.NewLimiter(rate.Limit(opts.PerSecond), opts.Burst)}
}

// CustomersList implements frontline.CRM.
func (g *queue) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return frontline.ListResponse{}, err
	}
	defer leave()
	return g.crm.CustomersList(ctx, req)
}

// CustomerDetails implements frontline.CRM.
func (g *queue) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return frontline.DetailsResponse{}, err
	}
	defer leave()
	return g.crm.CustomerDetails(ctx, req)
}

type queuedKey struct{}

// queuedOf tells how long the call of this context waited its turn.
func queuedOf(ctx context.Context) time.Duration {
	d, _ := ctx.Value(queuedKey{}).(time.Duration)
	return d
}

// enter waits for a way in; leave is to be called at the end of the call.
func (g *queue) enter(ctx context.Context) (_ context.Context, leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	came := time.Now()
	w, err := g.queue(priorityOf(ctx))
	if err != nil {
		return nil, nil, err
	}
	select {
	case err = <-w.admitted: // at once, most often
	default:
		err = g.wait(ctx, w)
	}
	if err != nil {
		return nil, nil, err
	}
	began := time.Now()
	return context.WithValue(ctx, queuedKey{}, began.Sub(came)), func() { g.leave(began) }, nil
}

func (g *queue) queue(u priority) (*waiter, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting >= g.opts.Queue && !g.giveWay(u) {
		return nil, &frontline.UnavailableError{RetryAfter: g.estimate(u), Err: errQueueFull}
	}
	w := &waiter{urgency: u, admitted: make(chan error, 1)}
	w.place = g.queues[u].PushBack(w)
	g.waiting++
	g.admit()
	return w, nil
}

var errQueueFull = errors.New("too many calls are queued")

// wait is for a call that has to queue.
func (g *queue) wait(ctx context.Context, w *waiter) error {
	defer follow(ctx, func(u priority) { g.promote(w, u) })()
	select {
	case err := <-w.admitted:
		return err
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !w.gone {
		g.take(w)
		g.admit() // it may have stood before somebody who can go
	} else if err := <-w.admitted; err == nil {
		g.free() // let in at the same moment
	}
	return ctx.Err()
}

func (g *queue) leave(began time.Time) {
	took := time.Since(began)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.usual == 0 {
		g.usual = took
	}
	g.usual += (took - g.usual) / 8
	g.free()
}

// free gives up a place among the calls under way. g.mu is held here and below.
func (g *queue) free() {
	g.inFlight--
	g.admit()
}
