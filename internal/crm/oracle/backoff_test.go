package external

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// sparing is a service that refuses what is too much for it within a second.
type sparing struct {
	perSecond int
	rest      time.Duration // what its retry-After says; 0 says nothing

	mu      sync.Mutex
	served  []time.Time
	refused int
}

func (s *sparing) CustomersList(ctx context.Context, _ frontline.ListRequest) (frontline.ListResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.served = slices.DeleteFunc(s.served, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(s.served) >= s.perSecond {
		s.refused++
		if s.rest > 0 {
			header := http.Header{"Retry-After": {time.Now().Add(s.rest).UTC().Format(http.TimeFormat)}}
			noteRest(ctx, &http.Response{StatusCode: http.StatusTooManyRequests, Header: header})
		}
		return frontline.ListResponse{}, &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: http.StatusTooManyRequests}
	}
	s.served = append(s.served, now)
	return frontline.ListResponse{}, nil
}

func (s *sparing) CustomerDetails(context.Context, frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return frontline.DetailsResponse{}, errors.New("not asked here")
}

func TestNobodySeesThatAServiceIsAskedTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &sparing{perSecond: 10}
		gate := newQueue(service, QueueOptions{}) // 20 a second
		crm := newBackoff(gate, gate)
		began := time.Now()
		var asking sync.WaitGroup
		for i := range 1000 {
			asking.Go(func() {
				ctx := withPriority(t.Context(), priority(i%3))
				if err := askFor(ctx, crm, "alice"); err != nil {
					t.Error(err)
				}
			})
		}
		asking.Wait()
		took := time.Since(began)
		t.Logf("1,000 questions at 10 a second took %v, %d were refused at first", took, service.refused)
		if took > 3*time.Minute || service.refused > 60 {
			t.Errorf("took %v, %d were refused: the rate is to be found, and kept to", took, service.refused)
		}
		// Once it is quiet, and for long, the gate is what it was.
		for range 30 {
			time.Sleep(16 * time.Second)
			if err := askFor(t.Context(), crm, "alice"); err != nil {
				t.Error(err)
			}
		}
		if got := gate.perSecond(); got != 20 || gate.limiter.Burst() != 10 {
			t.Errorf("after minutes without a refusal it lets %v a second through", got)
		}
	})
}

func TestAThrottleRestsAsLongAsTheServiceSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &sparing{perSecond: 1, rest: 5 * time.Second}
		gate := newQueue(service, QueueOptions{})
		crm := newBackoff(gate, gate)
		began := time.Now()
		for range 2 {
			if err := askFor(t.Context(), crm, "alice"); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took < 4*time.Second || took > 6*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestAThrottleDoesNotAskForEver(t *testing.T) {
	for name, rest := range map[string]time.Duration{"refused whatever": 0, "for an hour": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := &sparing{rest: rest}
				gate := newQueue(service, QueueOptions{})
				began := time.Now()
				err := askFor(t.Context(), newBackoff(gate, gate), "alice")
				var failed *frontline.CallbackError
				if !errors.As(err, &failed) || failed.Status != http.StatusTooManyRequests {
					t.Errorf("%v", err)
				}
				if took := time.Since(began); took > 20*time.Second || rest > 0 && service.refused != 1 {
					t.Errorf("asked %d times, for %v", service.refused, took)
				}
			})
		})
	}
}

func TestOtherFailuresAreNotAskedAgain(t *testing.T) {
	for _, err := range []error{
		frontline.ErrNotFound,
		&frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: 500},
		&frontline.CallbackError{Code: frontline.CodeCallbackFailed},
		&frontline.UnavailableError{},
	} {
		f := &failing{err: err}
		gate := newQueue(f, QueueOptions{})
		if got := askFor(t.Context(), newBackoff(gate, gate), "alice"); got != err || f.asked != 1 {
			t.Errorf("%v: asked %d times, %v came", err, f.asked, got)
		}
	}
}

// failing is a service that gives every question this error.
type failing struct {
	err   error
	asked int
}

func (f *failing) CustomersList(context.Context, frontline.ListRequest) (frontline.ListResponse, error) {
	f.asked++
	return frontline.ListResponse{}, f.err
}

func (f *failing) CustomerDetails(context.Context, frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	f.asked++
	return frontline.DetailsResponse{}, f.err
}

func TestReadingRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, " 120 ": 2 * time.Minute, "-1": 0, "1.5": 0, "soon": 0, "99999999999999999999": 0,
		"Sun, 22 Nov 2026 09:00:07 GMT": 7 * time.Second, "Sun, 22 Nov 2026 08:00:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}
