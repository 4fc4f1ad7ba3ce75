package limit_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/limit"
)

// onePage is a response with one customer.
const onePage = `{"objects":{"customers":[{"customer_id":"1","display_name":"Ada"}]}}`

func respond(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

// limited is a transport to a service that answers 429 beyond so many calls a second.
type limited struct {
	perSecond  int
	retryAfter string

	mu      sync.Mutex
	served  []time.Time
	refused int
}

func (s *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.served = slices.DeleteFunc(s.served, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(s.served) >= s.perSecond {
		s.refused++
		resp := respond(r, http.StatusTooManyRequests, "")
		resp.Header.Set("Retry-After", s.retryAfter)
		return resp, nil
	}
	s.served = append(s.served, now)
	return respond(r, http.StatusOK, onePage), nil
}

func TestBackoff_FindsTheRateOfTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &limited{perSecond: 10}
		l := limit.New(clientOf(t, "https://crm.example", s), limit.Options{}) // 20 a second
		began := time.Now()
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				if err := list(crm.WithPriority(t.Context(), crm.Priority(i%3)), l, "alice"); err != nil {
					t.Errorf("CustomersList: %v", err)
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took > 3*time.Minute || s.refused > 60 {
			t.Errorf("1,000 calls took %v, %d were refused, want at most 3m and 60", took, s.refused)
		}
		// Without refusals the queue becomes what it was: ten calls at once, then 20 a second.
		s.perSecond = 1000
		for range 30 {
			time.Sleep(16 * time.Second)
			if err := list(t.Context(), l, "alice"); err != nil {
				t.Errorf("CustomersList: %v", err)
			}
		}
		time.Sleep(time.Second)
		began = time.Now()
		for range 30 {
			all.Go(func() { list(t.Context(), l, "alice") })
		}
		all.Wait()
		if took := time.Since(began); took != time.Second {
			t.Errorf("30 calls after minutes without a refusal took %v, want 1s", took)
		}
	})
}

func TestBackoff_HeedsRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": time.Second, "3": 3 * time.Second, " 12 ": 12 * time.Second, "-1": time.Second, "1.5": time.Second,
		"soon": time.Second, "99999999999999999999": time.Second,
		"Sat, 01 Jan 2000 00:00:07 GMT": 7 * time.Second, "Fri, 31 Dec 1999 23:00:00 GMT": time.Second,
		"31": -1, // longer than a worker is made to wait
	} {
		synctest.Test(t, func(t *testing.T) { // begins at midnight, 2000-01-01
			var calls int
			began := time.Now()
			l := limit.New(clientOf(t, "https://crm.example", roundTrip(func(r *http.Request) (*http.Response, error) {
				if calls++; calls > 1 {
					return respond(r, http.StatusOK, onePage), nil
				}
				resp := respond(r, http.StatusTooManyRequests, "")
				resp.Header.Set("Retry-After", header)
				return resp, nil
			})), limit.Options{})
			err := list(t.Context(), l, "alice")
			switch took := time.Since(began); {
			case want < 0 && (statusOf(err) != http.StatusTooManyRequests || took != 0):
				t.Errorf("Retry-After %q: CustomersList: %v after %v, want the refusal at once", header, err, took)
			case want >= 0 && (err != nil || took != want):
				t.Errorf("Retry-After %q: CustomersList: %v after %v, want none after %v", header, err, took, want)
			}
		})
	}
}

func TestBackoff_EndsAndKeepsTheBreakerClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &limited{retryAfter: strconv.Itoa(2)}
		l := limit.New(clientOf(t, "https://crm.example", s), limit.Options{})
		began := time.Now()
		if err := list(t.Context(), l, "alice"); statusOf(err) != http.StatusTooManyRequests || s.refused != 8 || time.Since(began) > 20*time.Second {
			t.Errorf("CustomersList: %v after %d calls and %v, want the refusal after 8", err, s.refused, time.Since(began))
		}
		if got := l.Stats().Breaker.State; got != "closed" {
			t.Errorf("breaker is %s, want closed", got)
		}
	})
}

func TestBackoff_RepeatsNoOtherFailure(t *testing.T) {
	for _, err := range []error{frontline.ErrNotFound, err500, status(0), status(403), &frontline.UnavailableError{}, context.Canceled, errors.New("internal")} {
		s := &service{err: err}
		if got := list(t.Context(), limit.New(s.crm(), limit.Options{}), "alice"); got != err || s.calls() != 1 {
			t.Errorf("CustomersList: %v after %d calls, want %v after 1", got, s.calls(), err)
		}
	}
}
