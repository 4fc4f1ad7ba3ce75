package limit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/limit"
)

// breaking returns the stack around a service, and what its breaker does.
func breaking(s *service) (l *limit.Service, state func() string) {
	l = limit.New(s.crm(), limit.Options{Queue: fast(1)})
	return l, func() string { return l.Stats().Breaker.State }
}

const (
	// probeAfter is when a breaker that opened lets a call try.
	probeAfter = 500 * time.Millisecond
	// later is when it surely does, also if such calls have failed.
	later = 11 * time.Second
)

func TestBreaker_OpensAfterFiveFailuresAndProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{err: fmt.Errorf("wrapped: %w", err500)}
		l, state := breaking(s)
		for i := range 5 {
			if got := state(); got != "closed" {
				t.Fatalf("after %d failures the breaker is %s, want closed", i, got)
			}
			if err := list(t.Context(), l, "alice"); !errors.Is(err, err500) || limit.NotCalled(err) {
				t.Errorf("CustomersList: %v, want the failure of a call", err)
			}
		}
		if got, want := l.Stats().Breaker, (limit.BreakerStats{State: "open", RetryAt: time.Now().Add(probeAfter)}); got != want {
			t.Errorf("Stats() after five failures = %+v, want %+v", got, want)
		}
		for range 10 {
			if err := list(t.Context(), l, "alice"); !limit.NotCalled(err) || statusOf(err) != 500 || !crm.IsFailure(err) {
				t.Errorf("CustomersList of an open breaker: %v, want the failure that opened it, without a call", err)
			}
			if _, err := l.CustomerDetails(t.Context(), frontline.DetailsRequest{}); !limit.NotCalled(err) || !errors.Is(err, err500) {
				t.Errorf("CustomerDetails of an open breaker: %v, want the failure that opened it", err)
			}
		}
		if s.calls() != 5 {
			t.Errorf("%d calls, want 5", s.calls())
		}

		time.Sleep(probeAfter)
		if got := state(); got != "half-open" {
			t.Errorf("after %v the breaker is %s, want half-open", probeAfter, got)
		}
		s.set(3*time.Second, errTimeout)
		probe := make(chan error)
		go func() { probe <- list(t.Context(), l, "alice") }()
		synctest.Wait()
		if err := list(t.Context(), l, "bob"); !limit.NotCalled(err) || s.calls() != 6 {
			t.Errorf("CustomersList during a probe: %v after %d calls, want the failure without a call", err, s.calls())
		}
		if err := <-probe; !errors.Is(err, errTimeout) || limit.NotCalled(err) {
			t.Errorf("CustomersList that probes: %v, want %v", err, errTimeout)
		}
		if err := list(t.Context(), l, "bob"); !errors.Is(err, errTimeout) || !limit.NotCalled(err) || state() != "open" {
			t.Errorf("CustomersList after a failed probe: %v, breaker %s, want the newest failure and open", err, state())
		}

		time.Sleep(later)
		s.set(0, nil)
		for range 3 {
			if err := list(t.Context(), l, "alice"); err != nil || state() != "closed" {
				t.Errorf("CustomersList of a service that is back: %v, breaker %s", err, state())
			}
		}
	})
}

// Every kind of failure opens the breaker after the same number of calls; what is no
// failure never does.
func TestBreaker_CountsFailures(t *testing.T) {
	invalid := &frontline.CallbackError{Code: frontline.CodeInvalidResponse, Status: 200}
	for _, c := range []struct {
		name  string
		err   error
		opens bool
	}{
		{"too slow", errTimeout, true},
		{"no connection", &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Err: errors.New("refused")}, true},
		{"status 500", err500, true},
		{"status 503", status(503), true},
		{"cut short", status(200), true},
		{"not JSON, or over 64 KiB", invalid, true},
		{"status 403", status(403), false},
		{"status 400", status(400), false},
		{"a list that is not found", status(404), false},
		{"a redirect", status(302), false},
		{"no such customer", frontline.ErrNotFound, false},
		{"an invalid request", &frontline.InvalidRequestError{Reason: "no"}, false},
		{"cancelled", context.Canceled, false},
		{"an internal error", errors.New("internal"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{err: c.err}
				l, state := breaking(s)
				for range 30 {
					list(t.Context(), l, "alice")
				}
				calls, want := 30, "closed"
				if c.opens {
					calls, want = 5, "open"
				}
				if s.calls() != calls || state() != want {
					t.Errorf("%d calls, breaker %s, want %d and %s", s.calls(), state(), calls, want)
				}
			})
		})
	}
}

// Calls that have waited for longer than failures count are counted, too.
func TestBreaker_FlushesTheQueueWhenItOpens(t *testing.T) {
	for name, longAgo := range map[string]time.Duration{"at once": 0, "after a minute in the queue": time.Minute} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{takes: time.Second}
				l := limit.New(s.crm(), limit.Options{Queue: limit.QueueOptions{Calls: 5, PerSecond: 10, Burst: 5}})
				results := make(chan error, 1000)
				for i := range cap(results) {
					go func() { results <- list(crm.WithPriority(t.Context(), crm.Priority(i%3)), l, "alice") }()
				}
				time.Sleep(longAgo)
				good := s.calls()
				s.set(time.Second, errTimeout)
				began := time.Now()
				failed, flushed := 0, 0
				for range cap(results) {
					switch err := <-results; {
					case limit.NotCalled(err) && errors.Is(err, errTimeout):
						flushed++
					case errors.Is(err, errTimeout):
						failed++
					case err != nil:
						t.Errorf("CustomersList: %v, want %v", err, errTimeout)
					}
				}
				// Until five have failed others begin: when a call has ended, before it counts.
				if calls := s.calls() - good; time.Since(began) > 4*time.Second || calls > 15 || failed > calls || flushed < 300 {
					t.Errorf("it took %v and %d calls, %d failed and %d were flushed, want at most 4s and 15 calls", time.Since(began), calls, failed, flushed)
				}
			})
		})
	}
}

func TestBreaker_CancelledOrPanickingProbeDecidesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{err: err500}
		l, state := breaking(s)
		for range 5 {
			list(t.Context(), l, "alice")
		}
		time.Sleep(probeAfter)
		s.set(5*time.Second, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := list(ctx, l, "alice"); !errors.Is(err, context.DeadlineExceeded) || state() != "half-open" {
			t.Errorf("CustomersList that is cancelled: %v, breaker %s", err, state())
		}
		s.panics = true
		func() {
			defer func() { recover() }()
			list(t.Context(), l, "alice")
		}()
		s.panics = false
		if err := list(t.Context(), l, "bob"); err != nil || state() != "closed" {
			t.Errorf("CustomersList of a service that is back: %v, breaker %s", err, state())
		}
	})
}

// Some services fail at an apostrophe or at a certain customer.
func TestBreaker_IsNotOpenedByWhatOneWorkerAsksFor(t *testing.T) {
	for name, ask := range map[string]func(*testing.T, frontline.CRM, string, int) error{
		"a search": func(t *testing.T, c frontline.CRM, worker string, n int) error {
			_, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: worker, Query: fmt.Sprint("o'", n)})
			return err
		},
		"details": func(t *testing.T, c frontline.CRM, worker string, n int) error {
			_, err := c.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: worker, CustomerID: fmt.Sprint("a", n)})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{err: err500}
				l, state := breaking(s)
				for n := range 50 {
					worker := []string{"alice@example.com", "ALICE@example.com"}[n%2]
					if err := ask(t, l, worker, n); err != err500 {
						t.Fatalf("got %v, want the failure of the call", err)
					}
				}
				if state() != "closed" || s.calls() != 50 {
					t.Errorf("after fifty failures of one worker the breaker is %s", state())
				}
				for n := range 4 {
					ask(t, l, fmt.Sprint("worker", n), n)
				}
				if state() != "open" {
					t.Errorf("after failures of five workers the breaker is %s", state())
				}
				// Nor does the worker keep it open.
				time.Sleep(probeAfter)
				if err := ask(t, l, "alice@example.com", 0); err != err500 || state() != "half-open" {
					t.Errorf("the worker's probe got %v, breaker %s", err, state())
				}
				s.set(0, nil)
				if err := list(t.Context(), l, "bob"); err != nil || state() != "closed" {
					t.Errorf("another worker's list: %v, breaker %s", err, state())
				}
				// Nor closed, if the list fails, too.
				s.set(0, err500)
				for n := range 5 {
					ask(t, l, "alice@example.com", n)
					list(t.Context(), l, "bob")
				}
				if state() != "open" {
					t.Errorf("after failures of the list the breaker is %s", state())
				}
			})
		})
	}
}

// The service works for two seconds, then fails for two.
func TestBreaker_GivesAServiceThatComesAndGoesItsChance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{}
		l, _ := breaking(s)
		began := time.Now()
		good := began
		for time.Since(began) < time.Minute {
			s.set(0, nil)
			if time.Since(began)/(2*time.Second)%2 == 1 {
				s.set(0, err500)
			}
			switch err := list(t.Context(), l, "alice"); {
			case err == nil:
				good = time.Now()
			case time.Since(good) > 3*time.Second:
				t.Fatalf("CustomersList failed for %v: %v", time.Since(good), err)
			}
			time.Sleep(110 * time.Millisecond)
		}
	})
}

func TestBreaker_FailingSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{err: err500}
		l, _ := breaking(s)
		expect := func(when string, want time.Time) {
			t.Helper()
			if got := l.FailingSince(); !got.Equal(want) {
				t.Errorf("FailingSince() %s = %v, want %v", when, got, want)
			}
		}
		ask := func(err error) {
			time.Sleep(later)
			s.set(0, err)
			list(t.Context(), l, "alice")
		}
		never := time.Unix(0, 0)
		expect("at first", never)
		ask(err500)
		ask(status(403))
		ask(err500)
		expect("of a service that never worked", never)
		ask(nil)
		expect("of a service that works", time.Time{})
		time.Sleep(time.Hour)
		ask(err500)
		since := time.Now()
		for range 10 {
			ask(err500)
		}
		ask(context.Canceled)
		expect("of a service that fails", since)
		ask(status(403))
		expect("of a service that fails, or refuses", since)
		ask(frontline.ErrNotFound)
		expect("of a service that says 404, as some that are offline do", since)
		ask(nil)
		expect("of a service that works again", time.Time{})
	})
}
