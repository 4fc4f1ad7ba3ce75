package server

import (
	"errors"
	"net/http"

	"golang.org/x/time/rate"

	"github.com/clientele-project/clientele/internal/outbound"
)

// limitedTransport makes the calls to the company's own service around conversations, within
// the limits that package external has for customers.
type limitedTransport struct {
	http.RoundTripper
	slots chan struct{}
	rate  *rate.Limiter
}

func newLimitedTransport(l CallbackLimits) *limitedTransport {
	return &limitedTransport{outbound.Transport(l.policy()), make(chan struct{}, max(1, l.Concurrency)), rate.NewLimiter(rate.Limit(l.Rate), max(1, int(l.Rate/2)))}
}

// RoundTrip implements http.RoundTripper.
func (t *limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.rate.Wait(r.Context()) != nil {
		return nil, errors.New("dropped: too many calls to this service")
	}
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
		return t.RoundTripper.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}
