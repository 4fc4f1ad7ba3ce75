package server

import (
	"errors"
	"net/http"
	"sync"

	"golang.org/x/time/rate"

	"github.com/clientele-project/clientele/internal/outbound"
)

// limitedTransport bounds the calls to the company's own services for conversations: how many
// run at once and how many start a second, over all processes.
type limitedTransport struct {
	http.RoundTripper
	limits    CallbackLimits
	processes func() int // share the limits
	rate      *rate.Limiter

	mu       sync.Mutex
	sharers  int // as rate is set
	inFlight int
	freed    chan struct{} // has a value when a waiting call may look again
}

func newLimitedTransport(l CallbackLimits, processes func() int) *limitedTransport {
	return &limitedTransport{RoundTripper: outbound.Transport(l.policy()), limits: l, processes: processes,
		rate: rate.NewLimiter(rate.Limit(l.Rate), max(1, int(l.Rate/2))), freed: make(chan struct{}, 1), sharers: 1}
}

// RoundTrip implements http.RoundTripper.
func (t *limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.share()
	if t.rate.Wait(r.Context()) != nil {
		return nil, errors.New("dropped: too many calls to this service")
	}
	for !t.begin() {
		select {
		case <-t.freed:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	defer t.end()
	return t.RoundTripper.RoundTrip(r)
}

// share sets the rate of this process as the others leave it.
func (t *limitedTransport) share() {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.processes()
	if n == t.sharers {
		return
	}
	t.sharers = n
	share := t.limits.Rate / float64(n)
	t.rate.SetBurst(max(1, int(share/2)))
	t.rate.SetLimit(rate.Limit(share))
}

// begin reports whether a call may begin.
func (t *limitedTransport) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	most := max(1, t.limits.Concurrency/t.processes())
	if t.inFlight >= most {
		return false
	}
	if t.inFlight++; t.inFlight < most {
		t.wake()
	}
	return true
}

func (t *limitedTransport) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight--
	t.wake()
}

func (t *limitedTransport) wake() {
	select {
	case t.freed <- struct{}{}:
	default:
	}
}
