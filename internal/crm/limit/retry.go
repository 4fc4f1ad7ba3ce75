package limit

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
)

// retryPause is between a failure to connect and the second attempt: long enough for a
// service that is just starting, short enough not to be noticed.
const retryPause = 100 * time.Millisecond

// errBudget is the cause of a context whose call took too long.
var errBudget = errors.New("call took too long")

// retry keeps to the protocol's time for a call, and makes a second attempt if no
// connection was made. Nothing else is repeated: not an error status, not a certificate
// that does not fit, not an address that may not be called, and nothing after a byte was
// sent on a new connection. (The transport itself replaces a reused connection that
// turns out closed.) The end of the time is a *frontline.CallbackError.
func retry(next frontline.CRM) frontline.CRM {
	return crm.Func(func(ctx context.Context, req crm.Request) (crm.Response, error) {
		within, cancel := context.WithTimeoutCause(ctx, frontline.CallTimeout, errBudget)
		defer cancel()
		resp, err := req.Do(within, next)
		if noConnection(err) {
			select {
			case <-time.After(retryPause):
				resp, err = req.Do(within, next)
			case <-within.Done():
			}
		}
		switch {
		case err == nil:
		case ctx.Err() != nil:
			err = ctx.Err()
		case within.Err() != nil && errors.Is(err, context.DeadlineExceeded):
			err = &frontline.CallbackError{Code: frontline.CodeCallbackTimeout,
				Err: errors.New("no complete response within " + frontline.CallTimeout.String())}
		}
		return resp, err
	})
}

// noConnection reports whether no connection was made, for a reason that may pass.
func noConnection(err error) bool {
	var failed *frontline.CallbackError
	if !errors.As(err, &failed) || failed.Code != frontline.CodeCallbackFailed || failed.Status != 0 {
		return false
	}
	// Addresses that may not be called are refused while connecting.
	if refused := (interface{ Refused() bool })(nil); errors.As(err, &refused) && refused.Refused() {
		return false
	}
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) && dns.IsNotFound {
		return false // the name is wrong, and still is in 100 ms
	}
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
