package external

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/lru"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// tryAgainAfter is how long a service that just failed a worker is not asked for
	// the same again.
	tryAgainAfter = 2 * time.Second
	// refreshFor bounds a refresh, its turn in the queue included. Nobody looks at an
	// empty place meanwhile.
	refreshFor = 2 * time.Minute
	// loadedTwice is how long the same list is given again without asking.
	loadedTwice = 250 * time.Millisecond
	// oldAfter is how long a fresh list is waited for before the held one is shown: not
	// noticed by anybody.
	oldAfter = 40 * time.Millisecond
	// failuresKept bounds for how many workers the last failure is remembered.
	failuresKept = 10_000
)

// refreshes are the first pages on their way that nobody has to wait for.
type refreshes struct {
	ctx  context.Context // of all
	stop context.CancelFunc

	mu       sync.Mutex
	closed   bool
	under    map[string]*refresh // by text.IdentityKey of the worker
	failures *lru.Cache[string, *failure]
	running  sync.WaitGroup
}

// refresh is one worker's. done is closed when version or err is there, settled when
// its first page is full besides, or cannot be.
type refresh struct {
	cancel        context.CancelFunc
	done, settled chan struct{}
	version       *version
	err           error
}

// glance waits a moment for a refresh: a service nearby has answered by then, and
// nobody is told that what they see is old; one that is down often has failed. It
// tells whether there is an error or a page of n customers: fewer that are not all
// are no match for those held.
func (r *refresh) glance(ctx context.Context, n int) (done bool, err error) {
	timer := time.NewTimer(oldAfter)
	defer timer.Stop()
	select {
	case <-r.settled:
	case <-timer.C:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	select {
	case <-r.done:
		return r.err != nil || r.version.Done() || r.version.Len() >= n, nil
	default:
		return false, nil
	}
}

// failure is why the last refresh of a worker's list failed, and when.
type failure struct {
	err error
	at  time.Time
}

func (r *refreshes) init() {
	r.ctx, r.stop = context.WithCancel(context.Background())
	r.under = make(map[string]*refresh)
	r.failures = lru.New[string, *failure](failuresKept, failuresKept, nil)
}

// refresh answers the refresh of a worker's list that is under way, or begins one.
func (g *lastGood) refresh(ctx context.Context, worker string) *refresh {
	key := text.IdentityKey(worker)
	r := &g.refreshes
	r.mu.Lock()
	defer r.mu.Unlock()
	if one := r.under[key]; one != nil {
		return one
	}
	one := &refresh{done: make(chan struct{}), settled: make(chan struct{}), err: errors.New("refresh ended without a result")}
	if r.closed {
		one.err = &frontline.UnavailableError{Err: errors.New("shutting down")}
		close(one.done)
		close(one.settled)
		return one
	}
	ctx, one.cancel = context.WithTimeout(withPriority(context.WithoutCancel(ctx), refreshing), refreshFor)
	end := context.AfterFunc(r.ctx, one.cancel)
	r.under[key] = one
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		defer close(one.settled)
		defer one.cancel()
		defer end()
		one.version, one.err = g.lists.Begin(ctx, worker)
		if one.err != nil && ctx.Err() != nil && errors.Is(one.err, ctx.Err()) {
			one.err = &frontline.UnavailableError{RetryAfter: tryAgainAfter, Err: one.err} // not the end of who waits
		}
		r.mu.Lock()
		if r.under[key] == one {
			delete(r.under, key)
			r.note(key, one.err, g.opts.Now())
		}
		r.mu.Unlock()
		close(one.done)
		if one.err == nil {
			// So that its first page is as full, and its end as sure, as when somebody
			// had waited for it. What fails is for the next page to tell.
			g.lists.Page(ctx, worker, one.version, 0, frontline.DefaultPageSize)
		}
	}()
	return one
}

// note remembers a failure, or forgets it when there was none.
func (r *refreshes) note(key string, err error, now time.Time) {
	switch {
	case err == nil:
		r.failures.Remove(key)
	case isFailure(err):
		r.failures.Put(key, &failure{err: err, at: now}, 1)
	}
}

// lastFailure answers why the last refresh failed, nil when it did not, or when v
// came after it.
func (g *lastGood) lastFailure(worker string, v *version) *failure {
	last, ok := g.refreshes.failures.Get(text.IdentityKey(worker))
	if !ok || last.at.Before(v.AsOf()) {
		return nil
	}
	return last
}

// forget gives up a worker's refresh.
func (r *refreshes) forget(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if one := r.under[key]; one != nil {
		one.cancel()
		delete(r.under, key)
	}
	r.failures.Remove(key)
}

// close gives up all, and waits until they have ended, or ctx has.
func (r *refreshes) close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.stop()
	return waitFor(ctx, &r.running)
}

// waitFor waits until all of a group have ended, or answers the error of ctx.
func waitFor(ctx context.Context, group *sync.WaitGroup) error {
	ended := make(chan struct{})
	go func() {
		group.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
