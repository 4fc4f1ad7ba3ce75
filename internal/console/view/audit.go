package view

import (
	"context"
	"iter"
	"net/http"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// Audit records what administrators do and finds entries. *audit.Log implements it,
// and its documentation is the contract.
type Audit interface {
	Act(ctx context.Context, act func(ctx context.Context) ([]audit.Entry, error)) error
	Write(ctx context.Context, e audit.Entry) error
	Record(e audit.Entry)
	ViewedIn(via, actor, customerID, name, address string)
	Find(ctx context.Context, q audit.Query) (audit.Page, error)
	All(ctx context.Context, q audit.Query) iter.Seq2[audit.Entry, error]
}

// Entry returns e with the viewer as its actor, and the request's address.
func (s *Site) Entry(r *http.Request, v *auth.Viewer, e audit.Entry) audit.Entry {
	e.Actor, e.Via, e.Address = v.Person.Identity, "console", web.ClientAddress(r, s.TrustedProxies)
	return e
}

// Act runs act, which changes something for the viewer, and writes the entry that it
// returns in the same transaction; an entry without action means that nothing changed.
// act must use the context that it gets.
func (s *Site) Act(r *http.Request, v *auth.Viewer, act func(ctx context.Context) (audit.Entry, error)) error {
	return s.Audit.Act(r.Context(), func(ctx context.Context) ([]audit.Entry, error) {
		e, err := act(ctx)
		if err != nil || e.Action == "" {
			return nil, err
		}
		return []audit.Entry{s.Entry(r, v, e)}, nil
	})
}

// RecordView records that the viewer is shown the customer with this id and name. A HEAD
// request shows nothing.
func (s *Site) RecordView(r *http.Request, v *auth.Viewer, id, name string) {
	if r.Method == http.MethodHead {
		return
	}
	e := s.Entry(r, v, audit.Entry{})
	s.Audit.ViewedIn(e.Via, e.Actor, id, name, e.Address)
}
