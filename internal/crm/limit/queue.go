package limit

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
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
	// Processes returns how many processes make calls now: each takes its share of Calls,
	// PerSecond and Burst, but at least one call at once. Nil: this one alone.
	Processes func() int
}

// queue lets at most so many calls be under way at once, and so many begin each second.
// Whenever one more may begin, it takes the first of those that are the most urgent at
// that moment. A call whose context ends leaves the queue. When the queue is full, the
// newest of the least urgent gets a *frontline.UnavailableError. It is safe for
// concurrent use.
type queue struct {
	opts QueueOptions

	mu         sync.Mutex // guards the limiter and what follows
	share      share
	limiter    *rate.Limiter
	waiting    []*waiter // in order of arrival
	inFlight   int
	background int         // of those in flight
	timer      *time.Timer // calls admit; nil until it is first needed
	restUntil  time.Time   // when calls may begin again: see SlowDown
	slowed     time.Time   // when the rate last changed, zero if it is what opts says
}

// waiter is a call in the queue, and then in flight.
type waiter struct {
	ctx        context.Context // tells the priority of the call at present
	admitted   chan error      // nil when the call may begin, or why it may not
	background bool            // it began as a background call
}

func newQueue(opts QueueOptions) *queue {
	opts.Calls = orElse(opts.Calls, 8)
	opts.PerSecond = min(orElse(opts.PerSecond, 20), 1e6) // as good as no limit
	opts.Burst = orElse(opts.Burst, max(int(opts.PerSecond/2), 1))
	opts.Queue = orElse(opts.Queue, 20_000)
	if opts.Processes == nil {
		opts.Processes = func() int { return 1 }
	}
	q := &queue{opts: opts, share: opts.shareOf(opts.Processes())}
	q.limiter = rate.NewLimiter(rate.Limit(q.share.perSecond), q.share.burst)
	return q
}

// A share is what of the limits is for this process.
type share struct {
	processes    int
	calls, burst int
	perSecond    float64
}

func (o QueueOptions) shareOf(processes int) share {
	n := max(1, processes)
	return share{processes, max(1, o.Calls/n), max(1, o.Burst/n), o.PerSecond / float64(n)}
}

// takeShare changes the limits when there are more processes, or fewer. A rate that was slowed
// down for a refusal grows back to the new one.
func (q *queue) takeShare(now time.Time) {
	if n := q.opts.Processes(); n != q.share.processes {
		before := q.share
		q.share = q.opts.shareOf(n)
		if q.slowed.IsZero() {
			q.limiter.SetBurstAt(now, q.share.burst)
			q.limiter.SetLimitAt(now, rate.Limit(q.share.perSecond))
		} else {
			q.limiter.SetLimitAt(now, rate.Limit(q.perSecond()*q.share.perSecond/before.perSecond))
		}
	}
}

// orElse returns set, or usual if set is not positive or not a number.
func orElse[N int | float64 | time.Duration](set, usual N) N {
	if set > 0 {
		return set
	}
	return usual
}

type queuedKey struct{}

// queuedOf returns how long the call with this context waited in the queue.
func queuedOf(ctx context.Context) time.Duration {
	d, _ := ctx.Value(queuedKey{}).(time.Duration)
	return d
}

// Decorate returns a CRM whose calls to next go through the queue.
func (q *queue) Decorate(next frontline.CRM) frontline.CRM {
	return crm.Func(func(ctx context.Context, req crm.Request) (crm.Response, error) {
		came := time.Now()
		w, err := q.enter(ctx)
		if err != nil {
			return crm.Response{}, err
		}
		defer q.end(w)
		return req.Do(context.WithValue(ctx, queuedKey{}, time.Since(came)), next)
	})
}

// enter waits until the call with this context may begin.
func (q *queue) enter(ctx context.Context) (*waiter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w, err := q.add(ctx)
	if err != nil {
		return nil, err
	}
	select {
	case err := <-w.admitted:
		return w, err
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.remove(w) && <-w.admitted == nil { // admitted at the same moment
		q.free(w)
	}
	return nil, ctx.Err()
}

var errQueueFull = errors.New("too many calls are queued")

func (q *queue) add(ctx context.Context) (*waiter, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= q.opts.Queue {
		full := func(p crm.Priority) error {
			return &frontline.UnavailableError{RetryAfter: q.estimate(p), Err: errQueueFull}
		}
		own := crm.PriorityOf(ctx)
		last, p := q.leastUrgent()
		if p <= own {
			return nil, full(own)
		}
		q.remove(last)
		last.admitted <- full(p)
	}
	w := &waiter{ctx: ctx, admitted: make(chan error, 1)}
	q.waiting = append(q.waiting, w)
	q.admit()
	return w, nil
}

// leastUrgent returns the newest of the least urgent. q.mu is held, as by all below that
// do not lock it.
func (q *queue) leastUrgent() (last *waiter, least crm.Priority) {
	for _, w := range slices.Backward(q.waiting) {
		if p := crm.PriorityOf(w.ctx); last == nil || p > least {
			last, least = w, p
		}
		if least == crm.Background {
			break
		}
	}
	return last, least
}

// remove takes a call out of the queue, and reports whether it was there.
func (q *queue) remove(w *waiter) bool {
	i := slices.Index(q.waiting, w)
	if i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
	return i >= 0
}

// end is called when a call that began has ended.
func (q *queue) end(w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.free(w)
}

// free gives back the place of a call in flight.
func (q *queue) free(w *waiter) {
	q.inFlight--
	if w.background {
		q.background--
	}
	q.admit()
}

// Flush ends the wait of all calls in the queue with err.
func (q *queue) Flush(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, w := range q.waiting {
		w.admitted <- err
	}
	q.waiting = nil
}
