// Package mask hides the last digits of customers' numbers and addresses from workers
// while masking is on. Its CRM is the outermost decorator around a service.
package mask

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/lru"
)

// HandleSealer seals short values, bound to a context and deterministically; *secret.HandleSealer
// is one.
type HandleSealer interface {
	Seal(plain []byte, context string) string
	// Open reverses Seal, and returns an error for anything that Seal did not return.
	Open(handle, context string) ([]byte, error)
}

// Options configures New. On and Sealer are required.
type Options struct {
	// On reports whether masking is on; it is called for every request.
	On func() bool
	// BuiltIn marks the built-in service. It can be searched for a complete phone number: the
	// search is exact, limited and reported to OnNumberSearch.
	BuiltIn bool
	// Sealer seals ids that contain a number, and channels.
	Sealer HandleSealer
	// Histories limits those searches over all processes; required with BuiltIn.
	Histories HistoryStore
	// OnNumberSearch is called for every counted search for a number; may be nil.
	OnNumberSearch func(worker string)
	// Burst is how many numbers a worker may search for in a row (5), and Every how
	// often one more (3 minutes).
	Burst int
	Every time.Duration
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

// CRM is a frontline.CRM that masks what another one returns, while masking is on.
// While it is off, requests and responses pass unchanged, except that handles of
// customers are still opened. It is safe for concurrent use.
//
// While masking is on, Meta.Masked is set and
//   - the last four digits of every channel value are X, and Channel.Handle is set;
//   - so are those of everything in a name, title, text or link that looks like a
//     number, and in details of every number of that customer, in any notation and
//     escaping. A masked link is not usable: its Value is "" or contains "XXXX";
//   - an id that contains a number is replaced by a handle: "~" and sealed text, bound
//     to the worker. A plain id that contains a number is not found, and the service
//     is not called;
//   - Meta.Digits says how the digits of a Query were searched for;
//   - errors are masked.
//
// Avatar remains the URL of the service: callers seal it before they show it, as
// avatar.Path does.
type CRM struct {
	next    frontline.CRM
	opts    Options
	limit   numberLimit
	handles *lru.Cache[handleKey, string]
}

var _ frontline.CRM = (*CRM)(nil)

// New returns a CRM that masks what next returns.
func New(next frontline.CRM, o Options) *CRM {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Burst <= 0 {
		o.Burst = 5
	}
	if o.Every <= 0 {
		o.Every = 3 * time.Minute
	}
	return &CRM{next: next, opts: o, limit: numberLimit{o.Every, o.Burst, o.Now, o.Histories},
		handles: lru.New[handleKey, string](maxHandles, maxHandles, nil)}
}

// CustomersList implements frontline.CRM.
func (m *CRM) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	on := m.opts.On()
	if req.Anchor != "" {
		id, ok := m.customerID(req.Worker, req.Anchor, on)
		if !ok {
			return frontline.ListResponse{}, &frontline.InvalidRequestError{Reason: "Anchor is not the id of a customer of this worker"}
		}
		req.Anchor = id
	}
	if !on {
		return m.next.CustomersList(ctx, req)
	}
	resp, err := m.search(ctx, req)
	if err != nil {
		return frontline.ListResponse{}, maskError(err)
	}
	return m.maskList(req.Worker, resp), nil
}

// CustomerDetails implements frontline.CRM.
func (m *CRM) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	on := m.opts.On()
	id, ok := m.customerID(req.Worker, req.CustomerID, on)
	if !ok {
		return frontline.DetailsResponse{}, frontline.ErrNotFound
	}
	req.CustomerID = id
	resp, err := m.next.CustomerDetails(ctx, req)
	switch {
	case !on:
		return resp, err
	case err != nil:
		return frontline.DetailsResponse{}, maskError(err)
	}
	return m.maskDetails(req.Worker, id, resp), nil
}

// maskList masks a page. The response may be shared with other callers, so it is
// copied.
func (m *CRM) maskList(worker string, resp frontline.ListResponse) frontline.ListResponse {
	rows := make([]frontline.Customer, len(resp.Customers))
	for i, c := range resp.Customers {
		// Other fields that a service sent with a row are dropped.
		rows[i] = frontline.Customer{ID: m.VisibleID(worker, c.ID), DisplayName: maskName(c.DisplayName), Avatar: c.Avatar}
	}
	if resp.Customers != nil {
		resp.Customers = rows
	}
	resp.Meta.Masked = true
	resp.Meta.Stale = maskError(resp.Meta.Stale)
	return resp
}
