package external

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// retryOptions is how a retry is set up; zero values mean the defaults.
type retryOptions struct {
	// Budget is the time for a question in all, from when its turn came:
	// frontline.CallTimeout.
	Budget time.Duration
	// Pause is between a failure to connect and the second try: 100 ms, long enough
	// for a service that is just starting anew, short enough not to be felt.
	Pause time.Duration
}

// retry is a CRM that keeps to the protocol's 6 s in all, and tries once more when
// no connection could be had, if there is time. Nothing else is tried again here:
// not an error status, not a certificate that does not fit, not an address that may
// not be called, and nothing after a byte was sent on a new connection.
//
// (That a kept connection turns out to be closed is the transport's to deal with.
// It does so for requests that are marked as idempotent, as frontline.Client's are.)
//
// Its own deadline is a *frontline.CallbackError with CodeCallbackTimeout.
type retry struct {
	crm  frontline.CRM
	opts retryOptions
}

// newRetry makes a retry around crm, which must heed its context.
func newRetry(crm frontline.CRM, opts retryOptions) *retry {
	opts.Budget = orElse(opts.Budget, frontline.CallTimeout)
	opts.Pause = orElse(opts.Pause, 100*time.Millisecond)
	return &retry{crm, opts}
}

// CustomersList implements frontline.CRM.
func (r *retry) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	_, ask := askList(r.crm, req)
	a := r.ask(ctx, ask)
	return a.list, a.err
}

// CustomerDetails implements frontline.CRM.
func (r *retry) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	_, ask := askDetails(r.crm, req)
	a := r.ask(ctx, ask)
	return a.details, a.err
}

// errBudget is the cause of a context whose call took too long.
var errBudget = errors.New("call took too long")

func (r *retry) ask(ctx context.Context, ask func(context.Context) answer) answer {
	within, cancel := context.WithTimeoutCause(ctx, r.opts.Budget, errBudget)
	defer cancel()
	a := ask(within)
	if couldNotConnect(a.err) && r.pause(within) {
		a = ask(within)
	}
	switch {
	case a.err == nil:
	case ctx.Err() != nil:
		a.err = ctx.Err()
	case errors.Is(a.err, context.DeadlineExceeded) && within.Err() != nil:
		var already *frontline.CallbackError
		if !errors.As(a.err, &already) || already.Code != frontline.CodeCallbackTimeout {
			a.err = &frontline.CallbackError{Code: frontline.CodeCallbackTimeout,
				Err: errors.New("no complete response within " + r.opts.Budget.String())}
		}
	}
	return a
}

// pause waits before the second try; false when there is no time for one.
func (r *retry) pause(ctx context.Context) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= r.opts.Pause {
		return false
	}
	timer := time.NewTimer(r.opts.Pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// couldNotConnect tells whether no connection was had, for a reason that may pass.
func couldNotConnect(err error) bool {
	var failed *frontline.CallbackError
	if !errors.As(err, &failed) || failed.Code != frontline.CodeCallbackFailed || failed.Status != 0 {
		return false
	}
	// Addresses that may not be called are refused while connecting.
	if refused := (interface{ Refused() bool })(nil); errors.As(err, &refused) && refused.Refused() {
		return false
	}
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) && dns.IsNotFound {
		return false // the name is wrong, and will be in 100 ms
	}
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
