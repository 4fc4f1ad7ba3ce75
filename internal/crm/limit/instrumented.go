package limit

import (
	"context"
	"errors"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
)

// Instrumented returns a CRM that records every call to next: an external service,
// through a client whose transport is wrapped by MeasureTransport, or the built-in one,
// which builtIn marks. Requests that were refused before they were sent and calls that
// were cancelled are not recorded. A nil recorder records nothing.
func Instrumented(next frontline.CRM, recorder crm.Recorder, builtIn bool) frontline.CRM {
	if recorder == nil {
		return next
	}
	return crm.Func(func(ctx context.Context, req crm.Request) (crm.Response, error) {
		m := new(measured)
		ctx = context.WithValue(ctx, measuredKey{}, m)
		background := crm.PriorityOf(ctx) == crm.Background
		began := time.Now()
		resp, err := req.Do(ctx, next)
		code, made := outcome(ctx, err, builtIn)
		if made {
			recorder.Record(crm.Call{
				When: began, Took: time.Since(began), Queued: queuedOf(ctx),
				Location: req.Location(), Search: req.List.Query != "", Worker: req.Worker(),
				Bytes: m.bytes(), Status: int(m.status.Load()),
				Code: code, NotFound: errors.Is(err, frontline.ErrNotFound),
				Crawl: background, BuiltIn: builtIn,
			})
		}
		return resp, err
	})
}

// outcome returns the published code of how a call ended, 0 for a success, and whether
// the call was made and not cancelled.
func outcome(ctx context.Context, err error, builtIn bool) (code frontline.Code, made bool) {
	var failed *frontline.CallbackError
	var invalid *frontline.InvalidRequestError
	switch {
	case err == nil, errors.Is(err, frontline.ErrNotFound):
		return 0, true
	case errors.As(err, &failed):
		return failed.Code, true
	case ctx.Err() != nil:
		return frontline.CodeCallbackTimeout, errors.Is(context.Cause(ctx), errBudget)
	case errors.As(err, &invalid):
		return frontline.CodeInvalidPayload, builtIn // a client makes no call
	}
	// The built-in service answers such errors with status 503 or 500.
	return frontline.CodeCallbackFailed, true
}
