package external

import (
	"context"
	"sync"
)

// rising is an urgency that can grow while calls already wait their turn: of work
// that was begun for nobody in particular, and that a worker came to wait for.
type rising struct {
	outer *rising // of work that this is part of, nil when there is none

	mu       sync.Mutex
	urgency  priority
	watchers map[*watcher]struct{}
}

type watcher struct{ grown func() }

// withRisingPriority is for work that several may come to wait for: calls made with
// the context answered are as urgent as those of ctx, or as the most urgent that
// raise was ever told. Raising also moves up calls that wait in a queue already.
func withRisingPriority(ctx context.Context) (_ context.Context, raise func(priority)) {
	outer, _ := ctx.Value(priorityKey{}).(*rising)
	r := &rising{outer: outer, urgency: priorityOf(ctx)}
	return context.WithValue(ctx, priorityKey{}, r), r.raise
}

// now answers the urgency as it stands.
func (r *rising) now() priority {
	most := crawling
	for ; r != nil; r = r.outer {
		r.mu.Lock()
		most = min(most, r.urgency)
		r.mu.Unlock()
	}
	return most
}

func (r *rising) raise(u priority) {
	r.mu.Lock()
	var tell []*watcher
	if u < r.urgency {
		r.urgency = u
		for w := range r.watchers {
			tell = append(tell, w)
		}
	}
	r.mu.Unlock()
	for _, w := range tell { // without the lock, since a queue takes its own
		w.grown()
	}
}

// watch has grown called whenever the urgency may have grown, until stop is called.
func (r *rising) watch(grown func()) (stop func()) {
	w := &watcher{grown}
	for at := r; at != nil; at = at.outer {
		at.mu.Lock()
		if at.watchers == nil {
			at.watchers = make(map[*watcher]struct{})
		}
		at.watchers[w] = struct{}{}
		at.mu.Unlock()
	}
	return func() {
		for at := r; at != nil; at = at.outer {
			at.mu.Lock()
			delete(at.watchers, w)
			at.mu.Unlock()
		}
	}
}

// follow tells raise how urgent ctx is, and whenever that grows, until stop is called.
func follow(ctx context.Context, raise func(priority)) (stop func()) {
	r, ok := ctx.Value(priorityKey{}).(*rising)
	if !ok {
		raise(priorityOf(ctx))
		return func() {}
	}
	stop = r.watch(func() { raise(r.now()) })
	raise(r.now())
	return stop
}
