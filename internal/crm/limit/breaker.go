package limit

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// probeAfter is when one call may try again: some services fail for seconds only. The
	// time grows by half with each call that fails, up to maxProbeAfter. It does not double:
	// probes of a service that comes and goes would all meet it while it is gone.
	probeAfter    = 500 * time.Millisecond
	maxProbeAfter = 10 * time.Second
	// maxInRow is how many failures in a row open the breaker: the next call would hardly
	// succeed.
	maxInRow = 5
	// countOnce is how long further failures of what one worker asks for do not count.
	countOnce = 30 * time.Second
	// countedWorkers bounds the workers of whom such a failure is remembered.
	countedWorkers = 1000
)

// breaker refuses calls to a service that is failing. It opens after maxInRow
// failures in a row, and then lets one call at a time try whether the service is back. It is safe for
// concurrent use.
type breaker struct {
	flush  func(error)                  // is called when the breaker opens
	chosen *lru.Cache[string, struct{}] // workers whose own request failed and counted

	mu      sync.Mutex               // guards what follows
	inRow   int                      // failures
	last    *frontline.CallbackError // the newest failure that counted
	opened  time.Time                // zero while calls are made
	wait    time.Duration            // from then until the next probe
	probing bool
	failing time.Time // see FailingSince
}

// newBreaker returns a closed breaker. It calls flush when it opens, with the error that
// requests get from then on.
func newBreaker(flush func(error)) *breaker {
	return &breaker{flush: flush, failing: time.Unix(0, 0), chosen: lru.New[string, struct{}](countedWorkers, countedWorkers, nil)}
}

// notCalledError says that a service was not called, because it is failing.
type notCalledError struct{ last *frontline.CallbackError }

func (e *notCalledError) Error() string {
	return "service not called because it failed a moment ago: " + e.last.Error()
}

func (e *notCalledError) Unwrap() error { return e.last }

// NotCalled reports whether err is a failure that a call before showed, in place of a
// call.
func NotCalled(err error) bool {
	var refused *notCalledError
	return errors.As(err, &refused)
}

// judge returns the failure by which a service shows that it is down, too slow or
// broken, nil if err is an answer. says is false if err says nothing about the service:
// no call was made, or it was cancelled, or the status is 3xx or 4xx and it is not the
// first page of a list that is refused. A tunnel whose end is offline says 404 to all.
func judge(req crm.Request, err error) (failed *frontline.CallbackError, says bool) {
	switch {
	case err == nil:
		return nil, true
	case NotCalled(err), !errors.As(err, &failed), refuses(failed) && !isFirstPage(req), !crm.IsFailure(failed):
		return nil, false
	}
	return failed, true
}

// refuses reports whether a failure is a status of 3xx or 4xx.
func refuses(failed *frontline.CallbackError) bool {
	return failed.Code == frontline.CodeCallbackFailed &&
		failed.Status >= http.StatusMultipleChoices && failed.Status < http.StatusInternalServerError
}

// isFirstPage reports whether a request is for the first page of a list.
func isFirstPage(req crm.Request) bool {
	return req.Details == nil && req.List.Query == "" && req.List.NextPageToken == "" && req.List.Anchor == ""
}

// Decorate returns a CRM whose calls to next the breaker refuses or counts.
func (b *breaker) Decorate(next frontline.CRM) frontline.CRM {
	return crm.Func(func(ctx context.Context, req crm.Request) (resp crm.Response, err error) {
		probe, err := b.pass()
		if err != nil {
			return crm.Response{}, err
		}
		err = errors.New("call did not return") // stays if it panics, and says nothing
		defer func() {
			if opened := b.count(req, err, probe); opened != nil {
				b.flush(opened)
			}
		}()
		return req.Do(ctx, next)
	})
}

// pass returns an error if no call may be made, and whether the call is to try if the
// service is back.
func (b *breaker) pass() (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.opened.IsZero():
		return false, nil
	case b.probing || time.Since(b.opened) < b.wait:
		return false, &notCalledError{b.last}
	}
	b.probing = true
	return true, nil
}

// count notes how a call ended. If the breaker opened by it, it returns what requests get
// from then on.
func (b *breaker) count(req crm.Request, err error, probe bool) (opened error) {
	failed, says := judge(req, err)
	if failed != nil && b.failsAgain(req, failed) {
		says = false
	}
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
	switch {
	case !says, !b.opened.IsZero() && !probe: // the latter began before it opened
		return nil
	case failed == nil:
		b.opened, b.inRow = time.Time{}, 0
		b.failing = time.Time{}
		return nil
	}
	b.last = failed
	if b.failing.IsZero() {
		b.failing = now
	}
	if b.inRow++; b.inRow < maxInRow && !probe {
		return nil
	}
	if probe {
		b.wait = min(b.wait*3/2, maxProbeAfter)
	} else {
		b.wait = probeAfter
	}
	b.opened, b.inRow = now, 0
	return &notCalledError{failed}
}

// failsAgain reports whether a failure may be this worker's alone, and such a one
// counted lately: a search, details, or a list that is refused. Some services fail at an
// apostrophe or at a certain customer, and some refuse a worker whom they do not know: a
// worker who types on, or tries again, must not open the breaker for all.
func (b *breaker) failsAgain(req crm.Request, failed *frontline.CallbackError) bool {
	if isFirstPage(req) && !refuses(failed) {
		return false
	}
	worker := text.IdentityKey(req.Worker())
	if _, again := b.chosen.Get(worker); again {
		return true
	}
	b.chosen.PutUntil(worker, struct{}{}, 1, time.Now().Add(countOnce))
	return false
}

// FailingSince returns when the first failure after the last good answer was: zero if
// there was none, and long ago if there was never a good answer.
func (b *breaker) FailingSince() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failing
}

// BreakerStats describes the current state of the circuit breaker.
type BreakerStats struct {
	// State is "closed" (calls are made), "open" (none is made) or "half-open" (one
	// call tries whether the service is back).
	State string
	// RetryAt is when the next call may try; zero unless State is "open".
	RetryAt time.Time
}

// Stats returns the current state.
func (b *breaker) Stats() BreakerStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.opened.IsZero():
		return BreakerStats{State: "closed"}
	case b.probing || time.Since(b.opened) >= b.wait:
		return BreakerStats{State: "half-open"}
	}
	return BreakerStats{State: "open", RetryAt: b.opened.Add(b.wait)}
}
