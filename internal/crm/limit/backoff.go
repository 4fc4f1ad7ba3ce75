package limit

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
)

const (
	// maxAttempts is how often a request is made before a refusal is its answer.
	maxAttempts = 8
	// usualRest is the pause after a refusal if the service did not name one, and
	// longestRest is the longest for which a worker is made to wait at all.
	usualRest, longestRest = time.Second, 30 * time.Second
)

// backoff is for services that have a limit of their own and answer 429 beyond it. That
// is no failure: slowDown is told for how long the service wants no calls, and the
// request is made again.
func backoff(next frontline.CRM, slowDown func(time.Duration)) frontline.CRM {
	return crm.Func(func(ctx context.Context, req crm.Request) (resp crm.Response, err error) {
		said := new(atomic.Int64)
		ctx = context.WithValue(ctx, restKey{}, said)
		for range maxAttempts {
			said.Store(0)
			resp, err = req.Do(ctx, next)
			rest := orElse(time.Duration(said.Load()), usualRest)
			if crm.Status(err) != http.StatusTooManyRequests || rest > longestRest {
				break
			}
			slowDown(rest)
		}
		return resp, err
	})
}

type restKey struct{}

// noteRest tells the backoff in whose context a request was made for how long the
// service wants no calls.
func noteRest(ctx context.Context, resp *http.Response) {
	said, ok := ctx.Value(restKey{}).(*atomic.Int64)
	if ok && resp.StatusCode == http.StatusTooManyRequests {
		said.Store(int64(retryAfter(resp.Header.Get("Retry-After"), time.Now())))
	}
}

// retryAfter reads the header of that name, seconds or a date; 0 if it is neither.
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
