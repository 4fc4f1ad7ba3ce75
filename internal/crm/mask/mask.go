// Package mask hides the last digits of numbers that customers have, while that is
// switched on. It is the outermost frontline.CRM around a service.
package mask

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/lru"
)

// Handles makes short values opaque and binds them to a context, always in the same
// way; *secret.Handles is one.
type Handles interface {
	Seal(plain []byte, context string) string
	// Open is the reverse of Seal, or an error when this key did not seal it.
	Open(handle, context string) ([]byte, error)
}

// Options is how a CRM is set up. On and Handles must be set.
type Options struct {
	// On tells whether numbers are hidden; it is asked for every question.
	On func() bool
	// BuiltIn tells that the service is our own. A whole number may be searched for
	// there: the search is exact, limited, and told to Searched.
	BuiltIn bool
	// Handles stand for ids and channels that hold a number.
	Handles Handles
	// Searched is told of every search for a number that was let through; may be nil.
	Searched func(worker string)
	// Burst is how many numbers a worker may search for at once, 5, and Every how
	// long it takes until one more may be: 3 minutes.
	Burst int
	Every time.Duration
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

// CRM is a frontline.CRM that hides the last digits of customers' numbers from workers, while
// that is on; it is the outermost around a service. While it is off, questions and
// answers pass as they are, save that handles of customers are still opened. It is
// safe for concurrent use.
//
// What comes from it while on, with Meta.Masked:
//   - the last four digits of every channel's value are X, and Handle names the channel;
//   - whatever looks like a number in a name, a title, a text or a link has lost its
//     last four too, and in details whatever is a number of that customer's, however
//     it is written or escaped. A link that lost digits leads nowhere: its Value is ""
//     or holds "XXXX";
//   - an id that holds a number is a handle: "~" and sealed text, bound to the worker;
//     an id with a number that is none is not found, without anybody being asked;
//   - digits in a Query are searched for as Meta.Digits tells;
//   - errors say nothing that looks like a number.
//
// Avatar stays the URL that the service named: it is to be sealed before anybody
// sees it, as avatar.Path does.
type CRM struct {
	next    frontline.CRM
	opts    Options
	limit   *numberLimit
	handles *lru.Cache[handleKey, string]
}

var _ frontline.CRM = (*CRM)(nil)

// New makes a CRM around next.
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
	return &CRM{next: next, opts: o, limit: newNumberLimit(o.Every, o.Burst, o.Now),
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

// maskList hides what must not be seen of a page. The answer may be other people's
// too, so it is copied.
func (m *CRM) maskList(worker string, resp frontline.ListResponse) frontline.ListResponse {
	rows := make([]frontline.Customer, len(resp.Customers))
	for i, c := range resp.Customers {
		// A row is these three, whatever else a service sent with it.
		rows[i] = frontline.Customer{ID: m.visibleID(worker, c.ID), DisplayName: maskName(c.DisplayName), Avatar: c.Avatar}
	}
	if resp.Customers != nil {
		resp.Customers = rows
	}
	resp.Meta.Masked = true
	resp.Meta.Stale = maskError(resp.Meta.Stale)
	return resp
}
