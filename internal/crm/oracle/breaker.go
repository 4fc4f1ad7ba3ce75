package external

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/lru"

	"github.com/sony/gobreaker/v2"

	"github.com/clientele-project/clientele/frontline"
)

// When a breaker opens, and for how long.
const (
	breakAfter   = 5                // failures in a row: nothing but luck would make the sixth succeed
	breakAtLeast = 20               // calls within breakWithin, before a share of them means anything
	breakShare   = 0.6              // of those failed: more misses than hits
	breakWithin  = 30 * time.Second // so that yesterday's failures do not count
	breakPieces  = 5 * time.Second  // in which that time moves on
	breakFor     = 10 * time.Second // then one call tries
	countedKept  = 1000             // workers, of whom it is known that a failure counted
)

// breaker leaves a service alone that is down. It stands in two places: Outer
// around the queue for the service, so that a question to one that is down is
// answered at once; and Inner around the call itself, which alone tells how the
// service does. It is safe for concurrent use.
//
// A failure is a *frontline.CallbackError that says the service was too slow, could
// not be reached, or answered with a status of 500 or more. Other errors are either
// answers, and tell that it is up, or nothing that it did. Of the searches and details
// that one worker asks for, one failure in 30 seconds counts: see failsAgain.
//
// While it is open, every question gets the failure that opened it, in an error
// that errors.Is and errors.As see through.
type breaker struct {
	circuit *gobreaker.CircuitBreaker[struct{}]
	opened  func(error)

	mu      sync.Mutex
	last    *frontline.CallbackError
	since   time.Time // of the state
	probing bool      // one that passed Outer tries whether the service is back
	// counted is when a failure of what a worker chose to ask counted last.
	counted *lru.Cache[string, time.Time]
}

// newBreaker makes a closed breaker. opened, if not nil, is called when it opens,
// with the error that questions get from then on.
func newBreaker(opened func(error)) *breaker {
	b := &breaker{opened: opened, since: time.Now(), counted: lru.New[string, time.Time](countedKept, countedKept, nil)}
	b.circuit = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests:  1,
		Interval:     breakWithin,
		BucketPeriod: breakPieces,
		Timeout:      breakFor,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			ended := c.TotalSuccesses + c.TotalFailures
			return c.ConsecutiveFailures >= breakAfter ||
				ended >= breakAtLeast && float64(c.TotalFailures) >= breakShare*float64(ended)
		},
		IsSuccessful: func(err error) bool { return !isDown(err) },
		IsExcluded:   saysNothing,
		OnStateChange: func(_ string, _, _ gobreaker.State) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.since = time.Now()
		},
	})
	return b
}

// isDown tells whether an error says that the service is down or too slow.
func isDown(err error) bool {
	var failed *frontline.CallbackError
	if !errors.As(err, &failed) {
		return false
	}
	return failed.Code == frontline.CodeCallbackTimeout ||
		failed.Code == frontline.CodeCallbackFailed && (failed.Status == 0 || failed.Status >= http.StatusInternalServerError)
}

// saysNothing tells whether an error says nothing about the service: no call was
// made, or it was given up.
func saysNothing(err error) bool {
	var failed *frontline.CallbackError
	return err != nil && !errors.As(err, &failed) && !errors.Is(err, frontline.ErrNotFound)
}

// breakerOpenError tells that a service was not asked, because it was down a moment
// ago. It wraps the failure that told so.
type breakerOpenError struct{ Last *frontline.CallbackError }

func (e *breakerOpenError) Error() string {
	return "service not called because it failed a moment ago: " + e.Last.Error()
}

func (e *breakerOpenError) Unwrap() error { return e.Last }

// leftAlone is what a question gets while the circuit is open.
func (b *breaker) leftAlone() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &breakerOpenError{b.last}
}

// Outer makes a CRM that refuses at once while the circuit is open, and lets one
// question at a time try when it may be closed again.
func (b *breaker) Outer(crm frontline.CRM) frontline.CRM { return outerBreaker{b, crm} }

// Inner makes a CRM whose calls are counted.
func (b *breaker) Inner(crm frontline.CRM) frontline.CRM { return innerBreaker{b, crm} }

type outerBreaker struct {
	*breaker
	crm frontline.CRM
}

func (b outerBreaker) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	pass, err := b.pass()
	if err != nil {
		return frontline.ListResponse{}, err
	}
	defer pass()
	return b.crm.CustomersList(ctx, req)
}

func (b outerBreaker) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	pass, err := b.pass()
	if err != nil {
		return frontline.DetailsResponse{}, err
	}
	defer pass()
	return b.crm.CustomerDetails(ctx, req)
}

// pass tells whether a question may go on; done is to be called when it has ended.
func (b *breaker) pass() (done func(), err error) {
	switch b.circuit.State() {
	case gobreaker.StateOpen:
		return nil, b.leftAlone()
	case gobreaker.StateHalfOpen:
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.probing {
			return nil, &breakerOpenError{b.last}
		}
		b.probing = true
		return func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.probing = false
		}, nil
	}
	return func() {}, nil
}
