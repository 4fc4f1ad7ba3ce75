package flight

import (
	"context"
	"time"
)

// Forget cancels the calls of an owner, drops their held results, waits until they have
// ended, and then calls drop. No call of the owner begins meanwhile, so that none can
// restore what drop deletes. If ctx ends first, its error is returned and drop is not
// called.
func (g *Group) Forget(ctx context.Context, owner string, drop func() error) error {
	g.mu.Lock()
	if g.barred == nil {
		g.barred = make(map[string]int)
	}
	g.barred[owner]++
	ends := g.cancel(func(f *flight) bool { return f.owner == owner })
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.barred[owner]--; g.barred[owner] == 0 {
			delete(g.barred, owner)
		}
	}()
	for _, done := range ends {
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return drop()
}

// Owners returns the owners of calls under way and of held results.
func (g *Group) Owners() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var owners []string
	for _, f := range g.all {
		owners = append(owners, f.owner)
	}
	return owners
}

// lastMoment is how long Close waits for cancelled calls.
const lastMoment = time.Second

// Close lets no call begin and waits until those under way have ended. When ctx ends
// first, Close cancels them, waits a second at most until they have noticed, and
// returns the error of ctx. Held results are dropped.
func (g *Group) Close(ctx context.Context) error {
	g.mu.Lock()
	g.closed = true
	g.cancel(func(f *flight) bool { return f.ended })
	g.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		g.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	g.cancel(func(*flight) bool { return true })
	g.mu.Unlock()
	notice := time.NewTimer(lastMoment)
	defer notice.Stop()
	select {
	case <-ended:
	case <-notice.C:
	}
	return ctx.Err()
}

// cancel removes the flights that match, and returns what is closed when each has
// ended. g.mu is held.
func (g *Group) cancel(match func(*flight) bool) (ends []<-chan struct{}) {
	for i := len(g.all) - 1; i >= 0; i-- {
		if f := g.all[i]; match(f) {
			g.remove(f)
			ends = append(ends, f.done)
		}
	}
	return ends
}
