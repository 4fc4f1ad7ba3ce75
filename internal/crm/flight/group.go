// Package flight runs calls beside the requests that want them. A [Group] joins
// identical calls, lets a call outlive its caller, returns within a deadline, keeps a
// result that nobody was there to take, bounds how many calls a worker may have, and
// cancels what nobody waits for any more. [Deadline] is the decorator made of it.
package flight

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
)

// A Kind is one use of a Group, with its bounds. Calls of different kinds are never
// joined.
type Kind struct {
	Name string
	// Detached calls go on when nobody waits for them. Others are cancelled then.
	Detached bool
	// Hold is how long the result of a detached call that nobody was there to take is
	// kept for the next identical call.
	Hold time.Duration
	// Within is the longest that a call may take; 0 means no bound.
	Within time.Duration
	// PerOwner bounds the calls of one owner, held results included; 0 means no bound.
	// Beyond it the oldest that nobody waits for is cancelled.
	PerOwner int
	// Total bounds the calls of all owners, held results included; 0 means no bound.
	Total int
}

// A Group runs calls. It is safe for concurrent use. Its zero value is ready for use.
//
// A call has the context values of its first caller. Its priority is that of its first
// caller, or of the most urgent caller that waits for it at the moment.
type Group struct {
	mu      sync.Mutex
	joins   map[callID]*flight // those that identical calls join
	all     []*flight          // those under way or held, the oldest first
	barred  map[string]int     // owners that are being forgotten
	closed  bool
	running sync.WaitGroup
}

// callID names a call.
type callID struct {
	kind       *Kind
	owner, key string
}

// flight is a call under way, or its result while that is held.
type flight struct {
	callID
	cancel  context.CancelFunc
	begun   crm.Priority
	waiters atomic.Pointer[[]context.Context] // replaced under Group.mu, never changed
	done    chan struct{}                     // closed when value and err are set
	value   any
	err     error
	ended   bool        // under Group.mu, as hold
	hold    *time.Timer // set while the result is held
}

// ErrUnderWay is returned by Do if the call has not ended in time. It goes on if its
// kind is detached.
var ErrUnderWay = errors.New("call is under way")

var errCancelled = errors.New("call cancelled: it took too long, nobody waits for it, too many calls of this worker, worker removed, or shutting down")

// Do runs run, or joins the call with the same kind, owner and key that is under way,
// and returns what it returns. owner is the text.IdentityKey of a worker. Do waits at
// most wait, if wait is not 0, and then returns ErrUnderWay; a negative wait only
// begins the call. A result may go to several callers, who must not change it.
//
// A *frontline.UnavailableError is returned for a call that was cancelled by the group
// or would be beyond the bounds of its kind.
func Do[T any](ctx context.Context, g *Group, kind *Kind, owner, key string, wait time.Duration,
	run func(context.Context) (T, error)) (T, error) {
	v, err := g.do(ctx, callID{kind, owner, key}, wait, func(ctx context.Context) (any, error) { return run(ctx) })
	value, _ := v.(T)
	return value, err
}

func (g *Group) do(ctx context.Context, id callID, wait time.Duration, run func(context.Context) (any, error)) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := g.join(ctx, id, run)
	if err != nil {
		return nil, err
	}
	var late <-chan time.Time
	if wait != 0 {
		timer := time.NewTimer(max(wait, 0))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-f.done:
	case <-ctx.Done():
	case <-late:
	}
	switch ended := g.stopWaiting(ctx, f); {
	case ended: // perhaps at the same moment
		return f.value, f.err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, ErrUnderWay
}

// join returns the flight with this id, which is begun if there is none, with ctx among
// its waiters.
func (g *Group) join(ctx context.Context, id callID, run func(context.Context) (any, error)) (*flight, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.joins[id]
	if f == nil {
		if g.closed || g.barred[id.owner] > 0 {
			return nil, &frontline.UnavailableError{Err: errCancelled}
		}
		if err := g.checkBounds(id); err != nil {
			return nil, err
		}
		f = g.begin(ctx, id, run)
	}
	if f.hold != nil { // a result that is taken is held no longer
		f.hold.Stop()
		g.remove(f)
	}
	waiters := append(slices.Clone(f.waiting()), ctx)
	f.waiters.Store(&waiters)
	return f, nil
}

// checkBounds returns an error if one more flight would be beyond the bounds of its
// kind. Before that it cancels the owner's oldest one that nobody waits for. Flights
// that were cancelled do not count. g.mu is held.
func (g *Group) checkBounds(id callID) error {
	if id.kind.PerOwner == 0 && id.kind.Total == 0 {
		return nil
	}
	total, own := 0, 0
	var idle *flight
	for _, f := range g.all {
		if f.kind != id.kind || g.joins[f.callID] != f {
			continue
		}
		total++
		if f.owner == id.owner {
			own++
			if idle == nil && len(f.waiting()) == 0 {
				idle = f
			}
		}
	}
	if id.kind.PerOwner > 0 && own >= id.kind.PerOwner {
		if idle == nil {
			return &frontline.UnavailableError{Err: fmt.Errorf("too many calls of this worker at once (%s)", id.kind.Name)}
		}
		g.remove(idle)
		total--
	}
	if id.kind.Total > 0 && total >= id.kind.Total {
		return &frontline.UnavailableError{Err: fmt.Errorf("too many calls at once (%s)", id.kind.Name)}
	}
	return nil
}

// begin starts a flight. g.mu is held.
func (g *Group) begin(ctx context.Context, id callID, run func(context.Context) (any, error)) *flight {
	f := &flight{callID: id, begun: crm.PriorityOf(ctx), done: make(chan struct{})}
	own := crm.WithChangingPriority(context.WithoutCancel(ctx), f.priority)
	if id.kind.Within > 0 {
		own, f.cancel = context.WithTimeout(own, id.kind.Within)
	} else {
		own, f.cancel = context.WithCancel(own)
	}
	if g.joins == nil {
		g.joins = make(map[callID]*flight)
	}
	g.joins[id] = f
	g.all = append(g.all, f)
	g.running.Add(1)
	go func() {
		defer g.running.Done()
		defer f.cancel()
		defer g.finish(f) // deferred: also if the goroutine exits
		f.err = errors.New("call ended without a result")
		f.value, f.err = safely(own, run)
		if own.Err() != nil && errors.Is(f.err, own.Err()) {
			// Not the end of a waiter's own context, which that error would mean.
			f.err = &frontline.UnavailableError{Err: errCancelled}
		}
	}()
	return f
}

// finish gives the result to those who wait, or holds it.
func (g *Group) finish(f *flight) {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(f.done)
	f.ended = true
	if g.joins[f.callID] != f || f.kind.Hold == 0 || len(f.waiting()) > 0 || g.closed {
		g.remove(f)
		return
	}
	f.hold = time.AfterFunc(f.kind.Hold, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.remove(f)
	})
}

// stopWaiting takes ctx from the waiters, and cancels the flight if nobody is left. It
// reports whether the flight has ended: then the result is the caller's, since it is
// held only if nobody waits.
func (g *Group) stopWaiting(ctx context.Context, f *flight) (ended bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	waiters := slices.Clone(f.waiting())
	if i := slices.Index(waiters, ctx); i >= 0 {
		waiters = slices.Delete(waiters, i, i+1)
	}
	f.waiters.Store(&waiters)
	if len(waiters) == 0 && !f.kind.Detached {
		g.remove(f)
	}
	return f.ended
}

// remove lets an identical call begin anew, and cancels f or drops its result. g.mu is
// held.
func (g *Group) remove(f *flight) {
	f.cancel()
	if f.hold != nil {
		f.hold.Stop()
	}
	if g.joins[f.callID] == f {
		delete(g.joins, f.callID)
	}
	if i := slices.Index(g.all, f); i >= 0 && f.ended {
		g.all = slices.Delete(g.all, i, i+1)
	}
}

func (f *flight) waiting() []context.Context {
	if w := f.waiters.Load(); w != nil {
		return *w
	}
	return nil
}

// priority returns the priority of the flight at present. It takes no lock.
func (f *flight) priority() crm.Priority {
	p := f.begun
	for _, ctx := range f.waiting() {
		p = min(p, crm.PriorityOf(ctx))
	}
	return p
}

// safely runs run, and returns an error if it panics: in a goroutine of its own a panic
// would end the program.
func safely(ctx context.Context, run func(context.Context) (any, error)) (value any, err error) {
	defer func() {
		if r := recover(); r != nil {
			what := fmt.Sprintf("%T", r) // the value itself may hold anything
			if e, ok := r.(runtime.Error); ok {
				what = e.Error()
			}
			value, err = nil, fmt.Errorf("panic in a call: %s\n%s", what, debug.Stack())
		}
	}()
	return run(ctx)
}
