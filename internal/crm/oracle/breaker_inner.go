package external

import (
	"context"
	"errors"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

type innerBreaker struct {
	*breaker
	crm frontline.CRM
}

func (b innerBreaker) CustomersList(ctx context.Context, req frontline.ListRequest) (resp frontline.ListResponse, err error) {
	var about string // the list itself is nobody's choice
	if req.Query != "" {
		about = req.Worker
	}
	err = b.count(about, func() error {
		resp, err = b.crm.CustomersList(ctx, req)
		return err
	})
	return resp, err
}

func (b innerBreaker) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (resp frontline.DetailsResponse, err error) {
	err = b.count(req.Worker, func() error {
		resp, err = b.crm.CustomerDetails(ctx, req)
		return err
	})
	return resp, err
}

// count makes a call, unless the circuit opened while it waited its turn. chooser is
// the worker who chose what was asked, "" for a question that is nobody's choice.
func (b *breaker) count(chooser string, call func() error) error {
	var own error
	_, err := b.circuit.Execute(func() (struct{}, error) {
		err := call()
		if isDown(err) && chooser != "" && b.failsAgain(chooser) {
			own = err
			return struct{}{}, errItsOwn
		}
		if failed := (*frontline.CallbackError)(nil); isDown(err) && errors.As(err, &failed) {
			b.mu.Lock()
			b.last = failed
			b.mu.Unlock()
		}
		return struct{}{}, err
	})
	switch {
	case own != nil:
		return own
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return b.leftAlone()
	case isDown(err) && b.opened != nil && b.circuit.State() == gobreaker.StateOpen:
		b.opened(b.leftAlone())
	}
	return err
}

// errItsOwn stands for a failure that does not count.
var errItsOwn = errors.New("the failure of what one worker asks")

// failsAgain tells whether a question that this worker chose failed lately and
// counted. There are services that fail at an apostrophe or at a certain customer:
// whoever types on, or tries again, must not close the service to everybody.
func (b *breaker) failsAgain(worker string) bool {
	key, now := text.IdentityKey(worker), time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if last, ok := b.counted.Get(key); ok && now.Sub(last) < breakWithin {
		return true
	}
	b.counted.Put(key, now, 1)
	return false
}

// BreakerStats describes the current state of the circuit breaker.
type BreakerStats struct {
	// State is "closed" (calls are made), "open" (none is made) or "half-open" (one
	// call probes whether the service is back).
	State string
	Since time.Time
	// RetryAt is when the next probe may be made; zero unless State is "open".
	RetryAt time.Time
	// Last is the newest failure that counted, nil if there was none.
	Last *frontline.CallbackError
}

// Stats returns the current state.
func (b *breaker) Stats() BreakerStats {
	state := b.circuit.State().String() // first: it may change with time, and tells the lock's holder
	b.mu.Lock()
	defer b.mu.Unlock()
	stats := BreakerStats{State: state, Since: b.since, Last: b.last}
	if state == gobreaker.StateOpen.String() {
		stats.RetryAt = b.since.Add(breakFor)
	}
	return stats
}
