package limit

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
)

// preferPrevious is for how long the previous token is tried first after it was accepted
// in place of the current one, so that calls are not all made twice.
const preferPrevious = time.Minute

// rotatingToken is for the time after the signing token was changed, while the service
// may know the previous one only: previous returns its client, and nil when that time is
// over. A call that is refused with status 401 or 403 is made once more, signed with the
// other token. (Not so for 400, which means too much else.)
func rotatingToken(current frontline.CRM, previous func() frontline.CRM) frontline.CRM {
	var until atomic.Int64 // when current is tried first again, in Unix nanoseconds
	return crm.Func(func(ctx context.Context, req crm.Request) (crm.Response, error) {
		old := previous()
		if old == nil {
			return req.Do(ctx, current)
		}
		first, second := current, old
		oldFirst := time.Now().UnixNano() < until.Load()
		if oldFirst {
			first, second = old, current
		}
		resp, err := req.Do(ctx, first)
		if !refusesToken(err) {
			return resp, err
		}
		other, otherErr := req.Do(ctx, second)
		if refusesToken(otherErr) {
			return resp, err // the tokens are not the reason, or both are wrong
		}
		if oldFirst {
			until.Store(0)
		} else if failed, says := judge(req, otherErr); says && failed == nil {
			until.Store(time.Now().Add(preferPrevious).UnixNano())
		}
		return other, otherErr
	})
}

// refusesToken reports whether the service refused the signature, or said what cannot be
// told from it.
func refusesToken(err error) bool {
	status := crm.Status(err)
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}
