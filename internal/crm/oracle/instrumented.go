package external

import (
	"context"
	"errors"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// Instrumented is a CRM that records every call: to an external service, through a
// client whose transport is wrapped by MeasureTransport, or to the built-in one.
// Requests that were refused before they were sent and calls that were canceled are
// not recorded. It is safe for concurrent use.
type Instrumented struct {
	crm      frontline.CRM
	recorder Recorder
	builtIn  bool
	now      func() time.Time
}

// NewInstrumented returns an Instrumented around crm. builtIn marks the built-in
// service; now is the clock, time.Now when nil.
func NewInstrumented(crm frontline.CRM, recorder Recorder, builtIn bool, now func() time.Time) *Instrumented {
	if now == nil {
		now = time.Now
	}
	return &Instrumented{crm, recorder, builtIn, now}
}

// CustomersList implements frontline.CRM.
func (r *Instrumented) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	ctx, noted := r.begin(ctx, Call{Location: frontline.LocationCustomersList, Worker: req.Worker, Search: req.Query != ""})
	resp, err := r.crm.CustomersList(ctx, req)
	noted(err)
	return resp, err
}

// CustomerDetails implements frontline.CRM.
func (r *Instrumented) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	ctx, noted := r.begin(ctx, Call{Location: frontline.LocationCustomerDetails, Worker: req.Worker})
	resp, err := r.crm.CustomerDetails(ctx, req)
	noted(err)
	return resp, err
}

// begin begins to measure a call; noted is told how it ended.
func (r *Instrumented) begin(ctx context.Context, c Call) (_ context.Context, noted func(error)) {
	c.When = r.now()
	c.Queued = queuedOf(ctx)
	c.Crawl = priorityOf(ctx) == crawling
	c.BuiltIn = r.builtIn
	ctx, m := withMeasured(ctx)
	began := time.Now() // monotonic, whatever the clock is
	return ctx, func(err error) {
		c.Took = time.Since(began)
		c.Status, c.Bytes = int(m.status.Load()), m.bytes()
		c.NotFound = errors.Is(err, frontline.ErrNotFound)
		var noteworthy bool
		if c.Code, noteworthy = r.codeOf(ctx, err); noteworthy {
			r.recorder.Record(c)
		}
	}
}

// codeOf answers the published code for what a call came to, and whether it is
// worth a note.
func (r *Instrumented) codeOf(ctx context.Context, err error) (code frontline.Code, noteworthy bool) {
	var failed *frontline.CallbackError
	var invalid *frontline.InvalidRequestError
	switch {
	case err == nil, errors.Is(err, frontline.ErrNotFound):
		return 0, true
	case errors.As(err, &failed):
		return failed.Code, true
	case ctx.Err() != nil:
		// The time for the call was up, or nobody wanted it any longer.
		return frontline.CodeCallbackTimeout, errors.Is(context.Cause(ctx), errBudget)
	case errors.As(err, &invalid):
		return frontline.CodeInvalidPayload, r.builtIn // a client says so without asking
	}
	// Our own service answers such errors with status 503 or 500.
	return frontline.CodeCallbackFailed, true
}
