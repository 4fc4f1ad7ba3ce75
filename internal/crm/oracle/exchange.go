package external

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/clientele-project/clientele/frontline"
)

// question is what one of the two questions asks, to tell identical ones by: a
// key of maps.
type question struct {
	details              bool
	worker               string
	size                 int
	anchor, token, query string
	customer             string
	newerThan            int64 // Unix nanoseconds, 0 for none
}

// answer is what came of a question, of either kind.
type answer struct {
	list    frontline.ListResponse
	details frontline.DetailsResponse
	err     error
}

func askList(crm frontline.CRM, req frontline.ListRequest) (question, func(context.Context) answer) {
	q := question{worker: req.Worker, size: req.PageSize, anchor: req.Anchor, token: req.NextPageToken, query: req.Query}
	if !req.NewerThan.IsZero() {
		q.newerThan = req.NewerThan.UnixNano()
	}
	return q, func(ctx context.Context) (a answer) {
		a.list, a.err = crm.CustomersList(ctx, req)
		return a
	}
}

func askDetails(crm frontline.CRM, req frontline.DetailsRequest) (question, func(context.Context) answer) {
	q := question{details: true, worker: req.Worker, customer: req.CustomerID}
	if !req.NewerThan.IsZero() {
		q.newerThan = req.NewerThan.UnixNano()
	}
	return q, func(ctx context.Context) (a answer) {
		a.details, a.err = crm.CustomerDetails(ctx, req)
		return a
	}
}

// panicked tells of a panic what can be put in a log: what somebody else made of it
// may hold anything.
func panicked(r any) string {
	if err, ok := r.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", r)
}

// safely asks, and makes an internal error of a panic: what runs in a goroutine of
// its own would end the program, and those who wait for it must hear something.
func safely(ctx context.Context, ask func(context.Context) answer) (a answer) {
	a.err = errors.New("call ended without a result") // stays when the goroutine exits
	defer func() {
		if r := recover(); r != nil {
			a = answer{err: fmt.Errorf("panic in a call: %s\n%s", panicked(r), debug.Stack())}
		}
	}()
	return ask(ctx)
}
