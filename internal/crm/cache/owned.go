package cache

import (
	"context"
	"errors"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/paging"
)

const (
	// maxSoughtCalls, maxSoughtRows and seekFor bound the walk through a worker's list
	// for a customer who was not met yet.
	maxSoughtCalls = 200
	maxSoughtRows  = 6000
	seekFor        = time.Minute
	// absentFor is how young a complete list must be to tell that a customer is none of
	// the worker's.
	absentFor = time.Minute
	// resumable is how young a list that was not walked to its end must be to be walked
	// on, rather than from its beginning, where new customers may be.
	resumable = 5 * time.Minute
)

// Owned is a CRM that asks for details only of customers whom this worker's own list or
// search brought: there are services that give anybody's customer to anybody, and some
// that stop at an unknown id. For any other id it first walks the worker's list, within
// bounds. If the id is not met the response is frontline.ErrNotFound, and the service is
// not asked. That response is the same, and takes as long, whether the customer is
// unknown or another worker's. Lists are passed on.
type Owned struct {
	frontline.CRM // asked for everything else
	pager         *paging.Pager
	store         *Store
}

var _ frontline.CRM = (*Owned)(nil)

// NewOwned returns an Owned around next, over the lists of store.
func NewOwned(next frontline.CRM, pager *paging.Pager, store *Store) *Owned {
	return &Owned{next, pager, store}
}

// CustomerDetails implements frontline.CRM.
func (o *Owned) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	if err := o.Check(ctx, req.Worker, req.CustomerID); err != nil {
		return frontline.DetailsResponse{}, err
	}
	return o.CRM.CustomerDetails(ctx, req)
}

// Check returns nil if the customer is the worker's, and frontline.ErrNotFound if the
// worker's list does not have the customer, as far as it is walked. If that takes too
// long, it returns a *frontline.UnavailableError.
func (o *Owned) Check(ctx context.Context, worker, customerID string) error {
	now := o.store.opts.Now()
	e := o.store.Entry(ctx, worker)
	if customerID == "" {
		return frontline.ErrNotFound
	}
	if e.Has(customerID, now.Add(-expiry)) {
		return nil
	}
	tooLong := errors.New("looking for the customer in the list took too long")
	within, cancel := context.WithTimeoutCause(ctx, seekFor, tooLong)
	defer cancel()
	err := o.seek(within, e, customerID)
	if ctx.Err() == nil && context.Cause(within) == tooLong {
		err = &frontline.UnavailableError{Err: tooLong} // the queue may be long as well
	}
	if s := e.Furthest(); crm.IsFailure(err) && s != nil && s.Complete() {
		err = frontline.ErrNotFound // as far as is known, and details cannot be had now
	}
	if err == nil {
		e.met(customerID, now)
	}
	return err
}

// seek walks the worker's list until the customer is met, the list ends, or the bounds
// are reached.
func (o *Owned) seek(ctx context.Context, e *Entry, customerID string) error {
	s := e.Newest()
	if s != nil {
		age := o.store.opts.Now().Sub(s.AsOf())
		if age >= resumable || s.Done() && age >= absentFor {
			s = nil
		}
	}
	for range maxSoughtCalls {
		if s == nil {
			var err error
			if s, err = o.pager.Begin(ctx, e.worker, ""); err != nil {
				return err
			}
		}
		if _, ok := s.Index(customerID); ok {
			return nil
		}
		if s.Done() || s.Len() >= maxSoughtRows {
			break
		}
		if err := o.pager.Step(ctx, e.worker, "", s, s.Len()+frontline.DefaultPageSize); err != nil {
			return err
		}
	}
	return frontline.ErrNotFound
}

// met notes that the customer is the worker's, as the snapshot may be replaced before it
// is complete.
func (e *Entry) met(customerID string, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	remember(e.found, customerID, now)
}
