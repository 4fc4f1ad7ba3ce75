package server

import (
	"context"

	"golang.org/x/time/rate"
)

// callLimits bound the calls to the company's own service around conversations, as
// package external does those for customers.
type callLimits struct {
	slots chan struct{}
	rate  *rate.Limiter
}

func newCallLimits(l CallbackLimits) *callLimits {
	return &callLimits{make(chan struct{}, max(1, l.Concurrency)), rate.NewLimiter(rate.Limit(l.Rate), max(1, int(l.Rate/2)))}
}

// wait waits until a call may be made. The caller calls release after it.
func (l *callLimits) wait(ctx context.Context) (release func(), err error) {
	if err := l.rate.Wait(ctx); err != nil {
		return nil, err
	}
	select {
	case l.slots <- struct{}{}:
		return func() { <-l.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
