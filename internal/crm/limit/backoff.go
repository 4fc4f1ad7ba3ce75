package limit

import (
	"context"
	"errors"
	"net/http"
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
		for range maxAttempts {
			resp, err = req.Do(ctx, next)
			var failed *frontline.CallbackError
			if !errors.As(err, &failed) || failed.Status != http.StatusTooManyRequests {
				break
			}
			slowDown(min(orElse(failed.RetryAfter, usualRest), longestRest))
			if failed.RetryAfter > longestRest {
				break
			}
		}
		return resp, err
	})
}
