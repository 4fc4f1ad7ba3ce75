package external

import (
	"context"
	"slices"
	"sync"
)

// turns lets at most so many crawls go on at once. Crawls of workers who search go
// first, else those who came first.
type turns struct {
	mu    sync.Mutex
	free  int
	queue []*turn
}

// A turn is what a crawl waits for.
type turn struct {
	of   *crawl
	come chan struct{} // closed when it is this one's turn
}

func newTurns(atOnce int) *turns { return &turns{free: atOnce} }

// take waits for a turn; false when ctx ended first.
func (t *turns) take(ctx context.Context, cr *crawl) bool {
	if ctx.Err() != nil {
		return false
	}
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return true
	}
	mine := &turn{of: cr, come: make(chan struct{})}
	t.queue = append(t.queue, mine)
	t.mu.Unlock()
	select {
	case <-mine.come:
		return true
	case <-ctx.Done():
	}
	t.mu.Lock()
	i := slices.Index(t.queue, mine)
	if i >= 0 {
		t.queue = slices.Delete(t.queue, i, i+1)
	}
	t.mu.Unlock()
	if i < 0 { // it came at the same moment
		t.give()
	}
	return false
}

// give ends a turn.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) == 0 {
		t.free++
		return
	}
	i := max(0, slices.IndexFunc(t.queue, func(w *turn) bool { return w.of.isSought() }))
	close(t.queue[i].come)
	t.queue = slices.Delete(t.queue, i, i+1)
}

// wanted tells whether others wait for a turn.
func (t *turns) wanted() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.queue) > 0
}
