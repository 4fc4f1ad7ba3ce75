package external

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// deadlineOptions is how a deadline is set up; zero values mean the defaults.
type deadlineOptions struct {
	// Wait is how long a question may keep its caller waiting: 1 s, after which a
	// person wants to see that something happens.
	Wait time.Duration
	// Hold is how long an answer that nobody was there to get is kept for the next
	// identical question: 20 s, longer than any page waits before it asks again.
	Hold time.Duration
	// Flights bounds the questions under way and the answers held, of all workers:
	// 10,000. One that waits its turn takes about 30 KiB, most of it the stacks of
	// three goroutines; so 300 MB at the very worst.
	Flights int
	// PerWorker bounds those of one worker, so that nobody fills the place of all:
	// 16, more than a page and its search box ask at once. When it is reached, the
	// oldest that nobody waits for is given up: an earlier, half-typed search.
	PerWorker int
	// Estimate tells how long a new question would have to wait its turn, for
	// UnavailableError.RetryAfter; nil when nothing is known of it.
	Estimate func(priority) time.Duration
}

// deadline is a CRM that never keeps its caller waiting. A question that is not
// answered in time is a *frontline.UnavailableError that is Pending; the work goes
// on by itself, also when its caller has gone, and the answer, be it an error, is
// there when the same question is asked again. It is safe for concurrent use.
//
// Identical questions at the same time are one. An answer may so be given to
// several callers: whoever wants to change one changes a copy.
type deadline struct {
	crm  frontline.CRM
	opts deadlineOptions

	mu      sync.Mutex
	flights map[question]*flight
	workers map[string][]*flight // the same by text.IdentityKey of the worker, oldest first
	running sync.WaitGroup
	closed  bool
}

// flight is one question under way, or its answer while that is held.
type flight struct {
	question question
	cancel   context.CancelFunc
	done     chan struct{} // closed when answer is there

	// Under deadline.mu:
	waiting  int
	finished bool
	answer   answer
	hold     *time.Timer
}

// errGivenUp is why a flight was canceled that its worker had no more use for.
var errGivenUp = errors.New("call cancelled: too many calls of this worker, worker removed, or shutting down")

// newDeadline makes a deadline around crm.
func newDeadline(crm frontline.CRM, opts deadlineOptions) *deadline {
	opts.Wait = orElse(opts.Wait, time.Second)
	opts.Hold = orElse(opts.Hold, 20*time.Second)
	opts.Flights = orElse(opts.Flights, 10_000)
	opts.PerWorker = orElse(opts.PerWorker, 16)
	return &deadline{crm: crm, opts: opts, flights: make(map[question]*flight), workers: make(map[string][]*flight)}
}

// orElse answers what was set, or the default when nothing sensible was.
func orElse[N int | float64 | time.Duration](set, usual N) N {
	if set > 0 {
		return set
	}
	return usual // also for what is not a number
}

// CustomersList implements frontline.CRM.
func (p *deadline) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	q, ask := askList(p.crm, req)
	a := p.ask(ctx, q, ask)
	return a.list, a.err
}

// CustomerDetails implements frontline.CRM.
func (p *deadline) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	q, ask := askDetails(p.crm, req)
	a := p.ask(ctx, q, ask)
	return a.details, a.err
}

func (p *deadline) ask(ctx context.Context, q question, ask func(context.Context) answer) answer {
	if err := ctx.Err(); err != nil {
		return answer{err: err}
	}
	p.mu.Lock()
	f := p.flights[q]
	if f != nil && f.finished { // and nobody was there: given once, now
		p.remove(f)
		p.mu.Unlock()
		return f.answer
	}
	if f == nil {
		var err error
		if f, err = p.begin(ctx, q, ask); err != nil {
			p.mu.Unlock()
			return answer{err: err}
		}
	}
	f.waiting++
	p.mu.Unlock()

	patience := time.NewTimer(p.opts.Wait)
	defer patience.Stop()
	select {
	case <-f.done:
	case <-patience.C:
	case <-ctx.Done():
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	f.waiting--
	if err := ctx.Err(); err != nil {
		p.settle(f)
		return answer{err: err}
	}
	if !f.finished {
		return answer{err: &frontline.UnavailableError{Pending: true, RetryAfter: p.retryAfter(ctx)}}
	}
	p.remove(f)
	return f.answer
}

// begin starts a flight. Its context has the values of ctx, and its own end.
func (p *deadline) begin(ctx context.Context, q question, ask func(context.Context) answer) (*flight, error) {
	if p.closed {
		return nil, &frontline.UnavailableError{Err: errors.New("shutting down")}
	}
	key := text.IdentityKey(q.worker)
	if len(p.workers[key]) >= p.opts.PerWorker && !p.giveUpOldest(key) {
		return nil, &frontline.UnavailableError{RetryAfter: p.retryAfter(ctx), Err: errors.New("too many calls of this worker at once")}
	}
	if len(p.flights) >= p.opts.Flights {
		return nil, &frontline.UnavailableError{RetryAfter: p.retryAfter(ctx), Err: errors.New("too many calls at once")}
	}
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{question: q, cancel: cancel, done: make(chan struct{})}
	p.flights[q] = f
	p.workers[key] = append(p.workers[key], f)
	p.running.Add(1)
	go func() {
		defer p.running.Done()
		defer cancel()
		a := answer{err: errors.New("call ended without a result")}
		defer func() { p.finish(f, a) }() // deferred: also when the goroutine exits
		a = safely(detached, ask)
		if detached.Err() != nil && errors.Is(a.err, context.Canceled) {
			// Not the caller's own end, which is what that error would tell it.
			a.err = &frontline.UnavailableError{RetryAfter: p.opts.Wait, Err: errGivenUp}
		}
	}()
	return f, nil
}

func (p *deadline) finish(f *flight, a answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.answer, f.finished = a, true
	close(f.done)
	p.settle(f)
}

// settle begins to hold an answer when nobody is there to get it.
func (p *deadline) settle(f *flight) {
	if f.finished && f.waiting == 0 && f.hold == nil && p.flights[f.question] == f {
		f.hold = time.AfterFunc(p.opts.Hold, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.remove(f)
		})
	}
}
