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

// QueueOptions is how a Gate is set up; zero values mean the defaults.
type QueueOptions struct {
	// Calls is how many may be under way at once: 8. A service that answers in
	// 100 ms so serves 80 a second; a small one is not drowned.
	Calls int
	// PerSecond is how many may begin each second, on average: 20, a page each for
	// as many workers.
	PerSecond float64
	// Burst is how many may begin at once after a quiet time: half of PerSecond,
	// at least 1.
	Burst int
	// Queue bounds how many wait their turn: 20,000, a few hundred bytes each beside
	// the goroutines that wait. More than Patient lets through: crawls wait here too.
	Queue int
}

// Queue is a CRM that lets at most so many calls be under way at once, and so many
// begin each second. Who comes first goes first, but whom a worker waits for goes
// before what is only refreshed, and that before crawling; crawling also leaves the
// last place, and the last call of a burst, to workers. A call whose context ends
// leaves the queue. When the queue is full the least urgent give way, the newest
// first: they, or the caller itself, get a *frontline.UnavailableError. It is safe
// for concurrent use.
type Queue struct {
	crm     frontline.CRM
	opts    QueueOptions
	limiter *rate.Limiter

	mu       sync.Mutex
	queues   [Crawling + 1]list.List // of *waiter, first come at the front
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
	urgency  Priority
	admitted chan error // nil for a way in, or why there is none
	gone     bool       // from the queue
}

// NewQueue makes a Gate in front of crm.
func NewQueue(crm frontline.CRM, opts QueueOptions) *Queue {
	opts.Calls = orElse(opts.Calls, 8)
	opts.PerSecond = min(orElse(opts.PerSecond, 20), 1e6) // as good as no limit
	opts.Burst = orElse(opts.Burst, max(int(opts.PerSecond/2), 1))
	opts.Queue = orElse(opts.Queue, 20_000)
	return &Queue{crm: crm, opts: opts, limiter: rate.NewLimiter(rate.Limit(opts.PerSecond), opts.Burst)}
}

// CustomersList implements frontline.CRM.
func (g *Queue) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return frontline.ListResponse{}, err
	}
	defer leave()
	return g.crm.CustomersList(ctx, req)
}

// CustomerDetails implements frontline.CRM.
func (g *Queue) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
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
func (g *Queue) enter(ctx context.Context) (_ context.Context, leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	came := time.Now()
	w, err := g.queue(PriorityOf(ctx))
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

func (g *Queue) queue(u Priority) (*waiter, error) {
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

var errQueueFull = errors.New("too many calls wait their turn")

// wait is for a call that has to queue.
func (g *Queue) wait(ctx context.Context, w *waiter) error {
	defer follow(ctx, func(u Priority) { g.promote(w, u) })()
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

func (g *Queue) leave(began time.Time) {
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
func (g *Queue) free() {
	g.inFlight--
	g.admit()
}
