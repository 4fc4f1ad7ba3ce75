package server

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"

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
	sharers   atomic.Int64 // as rate is set

	mu       sync.Mutex
	inFlight int
	freed    chan struct{} // has a value when a waiting call may look again
}

func newLimitedTransport(l CallbackLimits, processes func() int) *limitedTransport {
	t := &limitedTransport{RoundTripper: outbound.Transport(l.policy()), limits: l, processes: processes,
		rate: rate.NewLimiter(rate.Limit(l.Rate), max(1, int(l.Rate/2))), freed: make(chan struct{}, 1)}
	t.sharers.Store(1)
	return t
}

// RoundTrip implements http.RoundTripper.
func (t *limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if n := t.processes(); t.sharers.Swap(int64(n)) != int64(n) {
		share := t.limits.Rate / float64(n)
		t.rate.SetBurst(max(1, int(share/2)))
		t.rate.SetLimit(rate.Limit(share))
	}
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
