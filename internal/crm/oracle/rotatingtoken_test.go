package external

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

func TestDuringTheGracePeriodTheOtherTokenIsTried(t *testing.T) {
	customers := &gauge{}
	var knows atomic.Value
	knows.Store("old")
	srv := httptest.NewServer(frontline.NewHandler(customers, frontline.HandlerOptions{AuthTokens: func() []string { return []string{knows.Load().(string)} }}))
	defer srv.Close()
	signing := func(token string) frontline.CRM {
		c, err := frontline.NewClient(srv.URL, frontline.ClientOptions{AuthToken: func() string { return token }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.CloseIdleConnections)
		return c
	}
	previous := signing("old")
	crm := newRotatingToken(rotatingTokenOptions{Client: signing("new"), Previous: func() frontline.CRM { return previous }})
	if err := askFor(t.Context(), crm, "alice"); err != nil {
		t.Errorf("while the service knows the old one: %v", err)
	}
	knows.Store("new")
	if _, err := crm.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", CustomerID: "1"}); err != nil {
		t.Errorf("when the service knows the new one: %v", err)
	}
	previous = nil
	knows.Store("old")
	err := askFor(t.Context(), crm, "alice")
	var failed *frontline.CallbackError
	if !errors.As(err, &failed) || failed.Status != http.StatusForbidden {
		t.Errorf("when the grace period is over: %v", err)
	}
}

func TestWhichAnswersAreATokensFault(t *testing.T) {
	status := func(code int) error {
		return &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: code}
	}
	for _, c := range []struct {
		name           string
		current, other error
		calls          int // signed with the previous token
		want           error
	}{
		{"none", nil, nil, 0, nil},
		{"401", status(401), nil, 1, nil},
		{"403", errStatus403, nil, 1, nil},
		{"403 to both", errStatus403, status(401), 1, errStatus403},
		{"403, then down", errStatus403, errStatus500, 1, errStatus500},
		{"403, then no such customer", errStatus403, frontline.ErrNotFound, 1, frontline.ErrNotFound},
		{"400", errStatus400, nil, 0, errStatus400},
		{"404", frontline.ErrNotFound, nil, 0, frontline.ErrNotFound},
		{"500", errStatus500, nil, 0, errStatus500},
		{"too slow", errTimeout, nil, 0, errTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			current, previous := &gauge{err: c.current}, &gauge{err: c.other}
			crm := newRotatingToken(rotatingTokenOptions{Client: current, Previous: func() frontline.CRM { return previous }})
			if err := askFor(t.Context(), crm, "alice"); !errors.Is(err, c.want) || previous.calls() != c.calls || current.calls() != 1 {
				t.Errorf("got %v after %d and %d calls", err, current.calls(), previous.calls())
			}
		})
	}
}

func TestCallsAreNotAllMadeTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		current, previous := &gauge{err: errStatus403}, &gauge{}
		crm := newRotatingToken(rotatingTokenOptions{Client: current, Previous: func() frontline.CRM { return previous }})
		for range 100 {
			if err := askFor(t.Context(), crm, "alice"); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second)
		}
		if current.calls() != 2 || previous.calls() != 100 {
			t.Errorf("%d and %d calls", current.calls(), previous.calls())
		}
		// The service has learnt the new token.
		current.set(0, nil)
		previous.set(0, errStatus403)
		for range 10 {
			if err := askFor(t.Context(), crm, "alice"); err != nil {
				t.Error(err)
			}
		}
		if current.calls() != 12 || previous.calls() != 101 {
			t.Errorf("%d and %d calls", current.calls(), previous.calls())
		}
	})
}
