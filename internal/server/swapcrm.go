package server

import (
	"context"
	"sync"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/crm/mask"
)

// A service is the CRM that the settings choose, with what it holds.
type service struct {
	crm frontline.CRM
	// mask is the outermost decorator, and so crm itself; nil when there is none.
	mask *mask.CRM
	// key names its cached responses; "" when none are stored.
	key string
	// problem is why it cannot be called, in plain words; "" when it can. Then the cached
	// responses of all services stay, since the settings do not say which to keep.
	problem string
	// cache is what it holds of workers' lists; nil when nothing is.
	cache cache
	// memory bounds the cache, in bytes.
	memory int
	// close ends its background work and waits for it; nil when there is none.
	close func()
}

// A cache holds responses of a service; *external.Service is one.
type cache interface {
	// Forget drops everything of a worker, stored responses too.
	Forget(ctx context.Context, worker string) error
	// Retain drops from memory what is held of workers for whom keep, given
	// text.IdentityKey of the worker, is false.
	Retain(ctx context.Context, keep func(workerKey string) bool)
	Stats() external.Stats
}

// swapCRM is the CRM that the app calls: the service that was swapped in last. A
// replaced service finishes the calls under way and is closed then.
type swapCRM struct {
	mu     sync.Mutex
	active *serviceInUse
}

var _ frontline.CRM = (*swapCRM)(nil)

// serviceInUse is a service and the number of calls under way.
type serviceInUse struct {
	*service
	calls int
	idle  func() // not nil: call it when no call is under way
}

// CustomersList implements frontline.CRM.
func (s *swapCRM) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	u := s.acquire()
	defer s.release(u)
	return u.crm.CustomersList(ctx, req)
}

// CustomerDetails implements frontline.CRM.
func (s *swapCRM) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	u := s.acquire()
	defer s.release(u)
	return u.crm.CustomerDetails(ctx, req)
}

// CustomerID returns the service's id of a customer whom a worker knows by this one: a
// handle, while numbers are hidden.
func (s *swapCRM) CustomerID(worker, id string) string {
	if m := s.current().mask; m != nil {
		return m.CustomerID(worker, id)
	}
	return id
}

// VisibleID returns the id by which a worker knows a customer of the service: a handle,
// while numbers are hidden and the id contains one.
func (s *swapCRM) VisibleID(worker, id string) string {
	if m := s.current().mask; m != nil {
		return m.VisibleID(worker, id)
	}
	return id
}

// Channel returns the channel that a handle stands for; see mask.CRM.
func (s *swapCRM) Channel(ctx context.Context, worker, customerID, handle string) (frontline.Channel, error) {
	u := s.acquire()
	defer s.release(u)
	if u.mask == nil {
		return frontline.Channel{}, frontline.ErrNotFound
	}
	return u.mask.Channel(ctx, worker, customerID, handle)
}

func (s *swapCRM) acquire() *serviceInUse {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active.calls++
	return s.active
}

func (s *swapCRM) release(u *serviceInUse) {
	s.mu.Lock()
	u.calls--
	idle := u.idle
	if u.calls > 0 {
		idle = nil
	}
	s.mu.Unlock()
	if idle != nil {
		idle()
	}
}

// swap makes next the current service. The one before is closed once its calls have
// finished, and closed is called then; both may happen after swap returns.
func (s *swapCRM) swap(next *service, closed func()) {
	s.mu.Lock()
	old := s.active
	s.active = &serviceInUse{service: next}
	if old == nil {
		s.mu.Unlock()
		closed()
		return
	}
	idle := func() {
		if old.close == nil {
			closed()
			return
		}
		go func() { // no caller waits for it
			old.close()
			closed()
		}()
	}
	if old.calls > 0 {
		old.idle, idle = idle, nil
	}
	s.mu.Unlock()
	if idle != nil {
		idle()
	}
}

// current returns the current service.
func (s *swapCRM) current() *service {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active.service
}

// errorCRM stands for a service that cannot be called: an empty list would look as if
// the customers were gone.
type errorCRM struct{ err error }

func (e errorCRM) CustomersList(context.Context, frontline.ListRequest) (frontline.ListResponse, error) {
	return frontline.ListResponse{}, &frontline.CallbackError{Code: frontline.CodeNoCallbackURL, Err: e.err}
}

func (e errorCRM) CustomerDetails(context.Context, frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return frontline.DetailsResponse{}, &frontline.CallbackError{Code: frontline.CodeNoCallbackURL, Err: e.err}
}
