package external

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// backoff is a CRM around a queue for services that have a limit of their own and
// answer 429 beyond it. That is no failure of theirs: the gate rests as long as the
// service asks, lets fewer through from then on, and the question takes its turn
// again, up to eight times. It is safe for concurrent use.
type backoff struct {
	crm  frontline.CRM
	gate *queue
}

// newBackoff makes a backoff around crm, through which questions get to gate; the
// client's transport should go through MeasureTransport, which hears for how long to rest.
func newBackoff(crm frontline.CRM, gate *queue) *backoff { return &backoff{crm, gate} }

const (
	// maxTurns is how often a question is asked before a refusal is its answer.
	maxTurns = 8
	// usualRest is how long the gate rests when the service did not say, and
	// longestRest is what a worker may be made to wait for at all.
	usualRest, longestRest = time.Second, 30 * time.Second
)

// CustomersList implements frontline.CRM.
func (t *backoff) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	_, ask := askList(t.crm, req)
	a := t.ask(ctx, ask)
	return a.list, a.err
}

// CustomerDetails implements frontline.CRM.
func (t *backoff) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	_, ask := askDetails(t.crm, req)
	a := t.ask(ctx, ask)
	return a.details, a.err
}

func (t *backoff) ask(ctx context.Context, ask func(context.Context) answer) (a answer) {
	said := new(atomic.Int64)
	ctx = context.WithValue(ctx, restKey{}, said)
	for range maxTurns {
		said.Store(0)
		a = ask(ctx)
		if !asksTooMuch(a.err) {
			return a
		}
		rest := orElse(time.Duration(said.Load()), usualRest)
		if rest > longestRest {
			return a
		}
		t.gate.SlowDown(rest)
	}
	return a
}

// asksTooMuch tells whether the service said that we ask it too much.
func asksTooMuch(err error) bool {
	var failed *frontline.CallbackError
	return errors.As(err, &failed) && failed.Status == http.StatusTooManyRequests
}

type restKey struct{}

// noteRest keeps, for the backoff in whose context a request is made, for how long
// the service wants to be left alone.
func noteRest(ctx context.Context, resp *http.Response) {
	said, ok := ctx.Value(restKey{}).(*atomic.Int64)
	if ok && resp.StatusCode == http.StatusTooManyRequests {
		said.Store(int64(retryAfter(resp.Header.Get("Retry-After"), time.Now())))
	}
}

// retryAfter reads the header of that name, seconds or a date; 0 when it tells nothing.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
