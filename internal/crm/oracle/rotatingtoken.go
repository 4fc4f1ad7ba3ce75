package external

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// rotatingTokenOptions is how a rotatingToken is set up.
type rotatingTokenOptions struct {
	// Client asks the service with calls signed with the signing token.
	Client frontline.CRM
	// Previous answers what asks it with calls signed with the token before, and
	// nil when that one's grace period is over. It is asked for every call.
	Previous func() frontline.CRM
}

// rotatingToken is a CRM for the grace period after the signing token was changed, while
// the service may still know the previous one only. A call that is refused with
// status 401 or 403 is made once more, signed with the other token. (Not so for 400,
// which means too much else.) For a minute after the previous token was the one that
// was taken, it is tried first, so that calls are not all made twice. It is safe for
// concurrent use.
type rotatingToken struct {
	opts rotatingTokenOptions
	// until is when the current token is to be tried first again, in Unix
	// nanoseconds.
	until atomic.Int64
}

// preferPrevious is for how long the previous token is tried first.
const preferPrevious = time.Minute

// newRotatingToken makes a rotatingToken.
func newRotatingToken(opts rotatingTokenOptions) *rotatingToken { return &rotatingToken{opts: opts} }

// CustomersList implements frontline.CRM.
func (r *rotatingToken) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	a := r.ask(func(crm frontline.CRM) answer {
		_, ask := askList(crm, req)
		return ask(ctx)
	})
	return a.list, a.err
}

// CustomerDetails implements frontline.CRM.
func (r *rotatingToken) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	a := r.ask(func(crm frontline.CRM) answer {
		_, ask := askDetails(crm, req)
		return ask(ctx)
	})
	return a.details, a.err
}

func (r *rotatingToken) ask(ask func(frontline.CRM) answer) answer {
	var previous frontline.CRM
	if r.opts.Previous != nil {
		previous = r.opts.Previous()
	}
	if previous == nil {
		return ask(r.opts.Client)
	}
	first, second := r.opts.Client, previous
	previousFirst := time.Now().UnixNano() < r.until.Load()
	if previousFirst {
		first, second = second, first
	}
	a := ask(first)
	if !refusesUs(a.err) {
		return a
	}
	b := ask(second)
	switch {
	case refusesUs(b.err):
		return a // the tokens are not the reason, or both are wrong
	case previousFirst:
		r.until.Store(0)
	case !isDown(b.err) && !saysNothing(b.err):
		r.until.Store(time.Now().Add(preferPrevious).UnixNano())
	}
	return b
}

// refusesUs tells whether the service said that it does not take the signature, or
// something that cannot be told from it.
func refusesUs(err error) bool {
	var failed *frontline.CallbackError
	return errors.As(err, &failed) && (failed.Status == http.StatusForbidden || failed.Status == http.StatusUnauthorized)
}
