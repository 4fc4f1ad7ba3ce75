package flight

import (
	"context"
	"errors"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/text"
)

// Pages is the kind of calls that Deadline makes: what a worker's page waits for. A
// result is held for longer than a page waits before it asks again. A worker may have
// more calls than a page and its search box make at once, and all workers as many as
// take some 300 MB, most of it stacks, at the very worst.
var Pages = &Kind{Name: "page", Detached: true, Hold: 20 * time.Second, PerOwner: 16, Total: 10_000}

// MaxWait is how long a page waits before it says that the response is being fetched.
const MaxWait = time.Second

// maxRetryAfter is the longest that a waiting page is told to wait before it asks again:
// the queue may be quicker than it was thought to be.
const maxRetryAfter = 10 * time.Second

// Deadline returns a CRM that keeps no caller waiting for longer than MaxWait. A call
// that takes longer is a *frontline.UnavailableError that is Pending. It goes on, also
// when its caller has gone, and its result is there when the same request comes again.
// estimate returns how long a call would have to wait in the queue.
func Deadline(next frontline.CRM, g *Group, estimate func(crm.Priority) time.Duration) frontline.CRM {
	return crm.Func(func(ctx context.Context, req crm.Request) (crm.Response, error) {
		owner := text.IdentityKey(req.Worker())
		resp, err := Do(ctx, g, Pages, owner, req.Key(), MaxWait, func(ctx context.Context) (crm.Response, error) {
			return req.Do(ctx, next)
		})
		if errors.Is(err, ErrUnderWay) {
			after := min(max(estimate(crm.PriorityOf(ctx)), time.Second), maxRetryAfter)
			return crm.Response{}, &frontline.UnavailableError{Pending: true, RetryAfter: after}
		}
		return resp, err
	})
}
