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

// Record writes to the audit what the viewer has just done, even when the request is
// canceled, and reports whether that succeeded. A failed entry is logged and retried in
// the background; the act itself stays done, so the caller must tell the administrator.
func (s *Site) Record(r *http.Request, v *auth.Viewer, e audit.Entry) bool {
	e = s.Entry(r, v, e)
	e.When = s.Now()
	err := s.Audit.Write(context.WithoutCancel(r.Context()), e)
	if err != nil {
		s.Audit.Record(e)
		s.Logger.Error("writing the audit entry failed", "error", err)
	}
	return err == nil
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
