package limit_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/limit"
)

// rotating returns the stack with a service for each token.
func rotating(current, previous *service) *limit.Service {
	return limit.New(current.crm(), limit.Options{Queue: fast(8), Previous: func() frontline.CRM { return previous.crm() }})
}

func TestRotatingToken_TriesTheOtherToken(t *testing.T) {
	var known atomic.Value
	known.Store("old")
	srv := httptest.NewServer(frontline.NewHandler((&service{}).crm(), frontline.HandlerOptions{AuthTokens: func() []string { return []string{known.Load().(string)} }}))
	defer srv.Close()
	signing := func(token string) frontline.CRM {
		c, err := frontline.NewClient(srv.URL, frontline.ClientOptions{AuthToken: func() string { return token }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.CloseIdleConnections)
		return c
	}
	previous, r := signing("old"), new(recorder)
	l := limit.New(signing("new"), limit.Options{Previous: func() frontline.CRM { return previous }, Recorder: r})
	if err := list(t.Context(), l, "alice"); err != nil || len(r.calls()) != 2 {
		t.Errorf("CustomersList while the service knows the old token: %v after %d calls, want none after 2", err, len(r.calls()))
	}
	known.Store("new")
	if err := list(t.Context(), l, "alice"); err != nil {
		t.Errorf("CustomersList when the service knows the new token: %v", err)
	}
	previous = nil
	known.Store("old")
	if err := list(t.Context(), l, "alice"); statusOf(err) != http.StatusForbidden {
		t.Errorf("CustomersList when the old token is over: %v, want status 403", err)
	}
}

func TestRotatingToken_RefusalsOfAToken(t *testing.T) {
	for _, c := range []struct {
		name           string
		current, other error
		calls          int // signed with the previous token
		want           error
	}{
		{"none", nil, nil, 0, nil},
		{"401", status(401), nil, 1, nil},
		{"403", status(403), nil, 1, nil},
		{"403, then 401", status(403), status(401), 1, status(403)},
		{"403, then 500", status(403), err500, 1, err500},
		{"403, then not found", status(403), frontline.ErrNotFound, 1, frontline.ErrNotFound},
		{"400", status(400), nil, 0, status(400)},
		{"not found", frontline.ErrNotFound, nil, 0, frontline.ErrNotFound},
		{"500", err500, nil, 0, err500},
		{"too slow", errTimeout, nil, 0, errTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			current, previous := &service{err: c.current}, &service{err: c.other}
			err := list(t.Context(), rotating(current, previous), "alice")
			if statusOf(err) != statusOf(c.want) || !errors.Is(c.want, frontline.ErrNotFound) && (err == nil) != (c.want == nil) {
				t.Errorf("CustomersList: %v, want %v", err, c.want)
			}
			if current.calls() != 1 || previous.calls() != c.calls {
				t.Errorf("%d and %d calls, want 1 and %d", current.calls(), previous.calls(), c.calls)
			}
		})
	}
}

func TestRotatingToken_PrefersTheTokenThatWasAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		current, previous := &service{err: status(403)}, &service{}
		l := rotating(current, previous)
		for range 100 {
			if err := list(t.Context(), l, "alice"); err != nil {
				t.Errorf("CustomersList: %v", err)
			}
			time.Sleep(time.Second)
		}
		if current.calls() != 2 || previous.calls() != 100 {
			t.Errorf("%d and %d calls, want 2 and 100", current.calls(), previous.calls())
		}
		// The service has learnt the new token.
		current.set(0, nil)
		previous.set(0, status(403))
		for range 10 {
			if err := list(t.Context(), l, "alice"); err != nil {
				t.Errorf("CustomersList: %v", err)
			}
		}
		if current.calls() != 12 || previous.calls() != 101 {
			t.Errorf("%d and %d calls, want 12 and 101", current.calls(), previous.calls())
		}
	})
}
