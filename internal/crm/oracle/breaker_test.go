package external

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// broken makes a breaker around a gate around g, put together as New does.
func broken(g *gauge, opts QueueOptions) (*breaker, frontline.CRM) {
	var gate *queue
	b := newBreaker(func(err error) { gate.Flush(err) })
	gate = newQueue(b.Inner(g), opts)
	return b, b.Outer(gate)
}

func TestABreakerOpensAfterFiveFailuresInARowAndLetsOneTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{err: fmt.Errorf("wrapped: %w", errStatus500)}
		b, crm := broken(g, QueueOptions{Calls: 1, PerSecond: 1000, Burst: 1000})
		for i := range 5 {
			if s := b.Stats(); s.State != "closed" || !s.RetryAt.IsZero() {
				t.Fatalf("%s after %d failures", s.State, i)
			}
			askFor(t.Context(), crm, "alice")
		}
		if s := b.Stats(); s.State != "open" || s.Last != errStatus500 || !s.Since.Equal(time.Now()) || !s.RetryAt.Equal(time.Now().Add(breakFor)) {
			t.Errorf("after five failures: %+v", s)
		}
		for range 10 {
			err := askFor(t.Context(), crm, "alice")
			var failed *frontline.CallbackError
			var alone *breakerOpenError
			if !errors.As(err, &failed) || failed.Status != 500 || !errors.Is(err, errStatus500) || !errors.As(err, &alone) {
				t.Errorf("got %v", err)
			}
			if _, err := crm.CustomerDetails(t.Context(), frontline.DetailsRequest{}); !errors.Is(err, errStatus500) {
				t.Errorf("details: %v", err)
			}
		}
		if g.calls() != 5 {
			t.Errorf("%d calls: an open breaker let some through", g.calls())
		}

		time.Sleep(breakFor + time.Millisecond)
		if s := b.Stats(); s.State != "half-open" {
			t.Errorf("after %v: %s", breakFor, s.State)
		}
		g.set(3*time.Second, errTimeout)
		tried := make(chan error)
		go func() { tried <- askFor(t.Context(), crm, "alice") }()
		synctest.Wait()
		if err := askFor(t.Context(), crm, "bob"); !errors.Is(err, errStatus500) || g.calls() != 6 {
			t.Errorf("while one tries, another got %v; %d calls", err, g.calls())
		}
		if err := <-tried; !errors.Is(err, errTimeout) {
			t.Errorf("who tried got %v", err)
		}
		if s := b.Stats(); s.State != "open" || s.Last != errTimeout {
			t.Errorf("after it failed: %+v", s)
		}

		time.Sleep(breakFor + time.Millisecond)
		g.set(0, nil)
		for range 3 {
			if err := askFor(t.Context(), crm, "alice"); err != nil {
				t.Errorf("the service is back: %v", err)
			}
		}
		if s := b.Stats(); s.State != "closed" {
			t.Errorf("the service is back: %+v", s)
		}
	})
}

func TestWhatCountsAsAFailureOfTheService(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		opens bool
	}{
		{"too slow", errTimeout, true},
		{"no connection", &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Err: errors.New("refused")}, true},
		{"status 500", errStatus500, true},
		{"status 503", &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 503}, true},
		{"status 403", errStatus403, false},
		{"status 400", errStatus400, false},
		{"status 429", &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 429}, false},
		{"a redirect", &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 302}, false},
		{"not JSON", errBadAnswer, false},
		{"no such customer", frontline.ErrNotFound, false},
		{"a request that is none", &frontline.InvalidRequestError{Reason: "no"}, false},
		{"nobody waits any more", context.Canceled, false},
		{"something of our own", errors.New("internal"), false},
		{"no URL", errNoURL, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := &gauge{err: c.err}
			b, crm := broken(g, QueueOptions{Calls: 1, PerSecond: 1000, Burst: 1000})
			for range 30 {
				askFor(t.Context(), crm, "alice")
			}
			if open := b.Stats().State == "open"; open != c.opens {
				t.Errorf("state %s", b.Stats().State)
			}
		})
	}
}

func TestABreakerOpensWhenMostOfManyCallsFail(t *testing.T) {
	for _, c := range []struct {
		name  string
		every int           // the others fail
		pause time.Duration // between calls
		calls int
		opens bool
	}{
		{"two of three, often", 3, 100 * time.Millisecond, 21, true},
		{"two of three, but only a few yet", 3, 100 * time.Millisecond, 18, false},
		{"two of three, but seldom", 3, 3 * time.Second, 60, false},
		{"half of them", 2, 100 * time.Millisecond, 200, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gauge{}
				b, crm := broken(g, QueueOptions{Calls: 1, PerSecond: 1000, Burst: 1000})
				for i := range c.calls {
					g.set(0, errStatus500)
					if i%c.every == 0 {
						g.set(0, nil)
					}
					askFor(t.Context(), crm, "alice")
					time.Sleep(c.pause)
				}
				if open := b.Stats().State == "open"; open != c.opens {
					t.Errorf("state %s after %d calls", b.Stats().State, g.calls())
				}
			})
		})
	}
}

func TestWhenABreakerOpensTheQueueHearsOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: time.Second, err: errTimeout}
		_, crm := broken(g, QueueOptions{Calls: 5, PerSecond: 10, Burst: 5})
		began := time.Now()
		results := make(chan error, 200)
		for range 200 {
			go func() { results <- askFor(t.Context(), crm, "alice") }()
		}
		for range 200 {
			if err := <-results; !errors.Is(err, errTimeout) {
				t.Errorf("got %v", err)
			}
		}
		// Five calls fail at the same moment; before the fifth has told, a place or
		// two may be taken anew.
		if took := time.Since(began); took > 2*time.Second || g.calls() > 10 {
			t.Errorf("it took %v and %d calls", took, g.calls())
		}
	})
}

func TestWhoTriesAndGivesUpDoesNotKeepTheBreakerOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{err: errStatus500}
		b, crm := broken(g, QueueOptions{Calls: 1, PerSecond: 1000, Burst: 1000})
		for range 5 {
			askFor(t.Context(), crm, "alice")
		}
		time.Sleep(breakFor + time.Millisecond)
		g.set(5*time.Second, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := askFor(ctx, crm, "alice"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := askFor(t.Context(), crm, "bob"); err != nil || b.Stats().State != "closed" {
			t.Errorf("got %v, %s", err, b.Stats().State)
		}
	})
}
