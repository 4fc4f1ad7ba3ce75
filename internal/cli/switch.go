package cli

import (
	"context"
	"sync"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/crm/mask"
)

// A service is something that answers about customers while the settings name it.
type service struct {
	crm frontline.CRM
	// mask is the outermost around it, and so crm itself; nil when there is none.
	mask *mask.CRM
	// key is under what its copies are kept; "" when none are.
	key string
	// problem is why nobody answers, in plain words, "" when somebody does. Copies of
	// whatever service stay then: it is not known which one is meant.
	problem string
	// held is what it holds of workers' lists; nil when nothing is.
	held holder
	// memory is the most that it holds, in bytes.
	memory int64
	// close ends what goes on beside the answers, and waits for it; nil when nothing
	// does.
	close func()
}

// A holder keeps what a service answered; *upstream.Service is one.
type holder interface {
	// Forget drops all that is held of a worker, also where it outlives the process.
	Forget(ctx context.Context, worker string) error
	// Retain drops from memory what is held of workers for whom keep, given
	// text.IdentityKey of the worker, is false.
	Retain(ctx context.Context, keep func(workerKey string) bool)
	Stats() external.Stats
}

// crmSwitch is the CRM that the app asks: whatever service was put in last. One
// that is replaced answers what it was asked before, and is closed then.
type crmSwitch struct {
	mu      sync.Mutex
	current *inUse
}

var _ frontline.CRM = (*crmSwitch)(nil)

// inUse is a service, with how many questions it is answering.
type inUse struct {
	*service
	asked int
	over  func() // not nil: close when nothing is being answered
}

// CustomersList implements frontline.CRM.
func (s *crmSwitch) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	u := s.take()
	defer s.leave(u)
	return u.crm.CustomersList(ctx, req)
}

// CustomerDetails implements frontline.CRM.
func (s *crmSwitch) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	u := s.take()
	defer s.leave(u)
	return u.crm.CustomerDetails(ctx, req)
}

func (s *crmSwitch) take() *inUse {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.asked++
	return s.current
}

func (s *crmSwitch) leave(u *inUse) {
	s.mu.Lock()
	u.asked--
	over := u.over
	if u.asked > 0 {
		over = nil
	}
	s.mu.Unlock()
	if over != nil {
		over()
	}
}

// put makes next the one that is asked. The one before is closed once its questions
// are answered, and then closed is called; both may happen after put returns.
func (s *crmSwitch) put(next *service, closed func()) {
	s.mu.Lock()
	old := s.current
	s.current = &inUse{service: next}
	if old == nil {
		s.mu.Unlock()
		closed()
		return
	}
	over := func() {
		go func() { // nobody who asked something is to wait for it
			if old.close != nil {
				old.close()
			}
			closed()
		}()
	}
	if old.asked > 0 {
		old.over, over = over, nil
	}
	s.mu.Unlock()
	if over != nil {
		over()
	}
}

// now answers the service that is asked at the moment.
func (s *crmSwitch) now() *service {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.service
}

// nobody is the service of an installation whose callback URL cannot be used: an
// empty list would look as if the customers were gone.
type nobody struct{ why error }

func (n nobody) CustomersList(context.Context, frontline.ListRequest) (frontline.ListResponse, error) {
	return frontline.ListResponse{}, &frontline.CallbackError{Code: frontline.CodeNoCallbackURL, Err: n.why}
}

func (n nobody) CustomerDetails(context.Context, frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return frontline.DetailsResponse{}, &frontline.CallbackError{Code: frontline.CodeNoCallbackURL, Err: n.why}
}
