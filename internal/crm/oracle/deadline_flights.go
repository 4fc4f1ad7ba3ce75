package external

import (
	"context"
	"slices"
	"time"

	"github.com/clientele-project/clientele/internal/text"
)

// mostRetryAfter is the longest that a waiting page is told to wait before it asks
// again: however long the queue, it may be quicker than thought.
const mostRetryAfter = 10 * time.Second

// retryAfter is when it is worth asking again.
func (p *deadline) retryAfter(ctx context.Context) time.Duration {
	var turn time.Duration
	if p.opts.Estimate != nil {
		turn = p.opts.Estimate(priorityOf(ctx))
	}
	return min(max(turn, time.Second), mostRetryAfter)
}

// remove takes a flight or a held answer from the books; what is under way is not
// touched. p.mu is held.
func (p *deadline) remove(f *flight) {
	if f.hold != nil {
		f.hold.Stop()
	}
	if p.flights[f.question] != f {
		return // another took it, or it was dropped
	}
	delete(p.flights, f.question)
	key := text.IdentityKey(f.question.worker)
	of := p.workers[key]
	if i := slices.Index(of, f); i >= 0 {
		of = slices.Delete(of, i, i+1)
	}
	if len(of) == 0 {
		delete(p.workers, key)
	} else {
		p.workers[key] = of
	}
}

// giveUpOldest ends a worker's oldest flight that nobody waits for, and tells
// whether there was one. p.mu is held.
func (p *deadline) giveUpOldest(key string) bool {
	for _, f := range p.workers[key] {
		if f.waiting == 0 {
			f.cancel()
			p.remove(f)
			return true
		}
	}
	return false
}

// Forget gives up what is under way or held for a worker. Those who wait for it are
// told that it is unavailable.
func (p *deadline) Forget(worker string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range slices.Clone(p.workers[text.IdentityKey(worker)]) {
		f.cancel()
		p.remove(f)
	}
}

// Retain forgets every worker for whom keep, given text.IdentityKey of the worker, is
// false.
func (p *deadline) Retain(keep func(workerKey string) bool) {
	p.mu.Lock()
	var gone []string
	for key := range p.workers {
		if !keep(key) {
			gone = append(gone, key)
		}
	}
	p.mu.Unlock()
	for _, key := range gone {
		p.Forget(key)
	}
}

// DeadlineStats counts the calls that outlive their callers' requests.
type DeadlineStats struct {
	UnderWay int // calls in flight
	Held     int // results kept for a caller that comes back
}

// Stats returns the current state.
func (p *deadline) Stats() (s DeadlineStats) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.flights {
		if f.finished {
			s.Held++
		} else {
			s.UnderWay++
		}
	}
	return s
}

// Close begins nothing new, waits until what is under way has ended, and when ctx
// ends first, gives that up, waits a second at most for it to notice, and answers
// the error of ctx. Held answers are dropped.
func (p *deadline) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		p.running.Wait()
		close(ended)
	}()
	var err error
	select {
	case <-ended:
	case <-ctx.Done():
		err = ctx.Err()
		p.mu.Lock()
		for _, f := range p.flights {
			f.cancel()
		}
		p.mu.Unlock()
		notice := time.NewTimer(time.Second)
		defer notice.Stop()
		select {
		case <-ended:
		case <-notice.C:
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.flights {
		p.remove(f)
	}
	return err
}
