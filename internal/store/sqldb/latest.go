package sqldb

import (
	"context"
	"sync"
)

// A Latest reads a value for all who ask for it at the same time. Each gets one whose reading
// began after they asked, so it is never outdated. It is safe for concurrent use.
type Latest[V any] struct {
	read func() (V, error)

	mu      sync.Mutex
	next    *reading[V] // which has not begun, nil when no one waits
	running bool
}

type reading[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// NewLatest returns a Latest of what read returns.
func NewLatest[V any](read func() (V, error)) *Latest[V] { return &Latest[V]{read: read} }

// Get returns the value.
func (l *Latest[V]) Get(ctx context.Context) (value V, err error) {
	l.mu.Lock()
	r := l.next
	if r == nil {
		r = &reading[V]{done: make(chan struct{})}
		l.next = r
	}
	if !l.running {
		l.running = true
		go l.run()
	}
	l.mu.Unlock()
	select {
	case <-r.done:
		return r.value, r.err
	case <-ctx.Done():
		return value, ctx.Err()
	}
}

// run reads until no one waits.
func (l *Latest[V]) run() {
	for {
		l.mu.Lock()
		r := l.next
		l.next = nil
		l.running = r != nil
		l.mu.Unlock()
		if r == nil {
			return
		}
		r.value, r.err = l.read()
		close(r.done)
	}
}
