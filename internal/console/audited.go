package console

import (
	"context"
	"iter"
	"net/http"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// Audit keeps what administrators do, and answers what everybody did: *audit.Log is
// one, and its documentation is the contract.
type Audit interface {
	Write(ctx context.Context, e audit.Entry) error
	Record(e audit.Entry)
	ViewedIn(via, actor, customerID, name, address string)
	Find(ctx context.Context, q audit.Query) (audit.Page, error)
	All(ctx context.Context, q audit.Query) iter.Seq2[audit.Entry, error]
}

// The details of what is done to people here, as the audit keeps them.
const (
	DetailAdmin        = "role: administrator"
	DetailWorker       = "role: worker"
	DetailMayExport    = "may export"
	DetailMayNotExport = "may no longer export"
	DetailPassword     = "new temporary password"
	DetailUnbound      = "parted from the identity provider"
	DetailDeactivated  = "deactivated"
	DetailActivated    = "activated"
	DetailAllSessions  = "all sessions"
)

// addedDetail is the detail of somebody who was added.
func addedDetail(role account.Role, mayExport bool) string {
	switch {
	case role != account.RoleAdmin:
		return DetailWorker
	case mayExport:
		return DetailAdmin + ", " + DetailMayExport
	}
	return DetailAdmin
}

// Entry is what the visitor does, with who and where filled in.
func (c *console) Entry(r *http.Request, v *visit, e audit.Entry) audit.Entry {
	e.Actor, e.Via = v.Person.Identity, "console"
	if addr := web.ClientIP(r, c.TrustedProxies); addr.IsValid() {
		e.Address = addr.String()
	}
	return e
}

// Record writes down what the visitor has just done, also when they do not wait for
// the answer. It tells whether that could be done; the log says why not, and it is
// tried again. What was done stays done, so whoever asks must tell the administrator.
func (c *console) Record(r *http.Request, v *visit, e audit.Entry) bool {
	e = c.Entry(r, v, e)
	e.When = c.Now()
	err := c.Audit.Write(context.WithoutCancel(r.Context()), e)
	if err != nil {
		c.Audit.Record(e)
		c.Logger.Error("what an administrator did could not be written to the audit", "err", err)
	}
	return err == nil
}

// viewing answers with act, and notes that the visitor is shown the customer whom the
// request names: all of them, numbers too. The answer to a form may show them as well,
// as somebody else changed them meanwhile.
func (c *console) viewing(act auth.Action) auth.Action {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		switch r.Method {
		case http.MethodGet:
			c.recordStoredView(r, v, r.URL.Query().Get("id"))
		case http.MethodPost: // the form is read by act
			defer func() { c.recordStoredView(r, v, r.PostForm.Get("id")) }()
		}
		return act(w, r, v)
	}
}

// recordStoredView notes that the visitor is shown a customer, if there is one.
func (c *console) recordStoredView(r *http.Request, v *visit, id string) {
	if id = customerID(id); id == "" {
		return
	}
	if stored, err := c.Reader.Get(context.WithoutCancel(r.Context()), id); err == nil {
		c.RecordView(r, v, id, stored.Name)
	}
}

// RecordView notes that the visitor is shown a customer, who is called name.
func (c *console) RecordView(r *http.Request, v *visit, id, name string) {
	e := c.Entry(r, v, audit.Entry{})
	c.Audit.ViewedIn(e.Via, e.Actor, id, name, e.Address)
}

// noAudit is the Audit of who gave none.
type noAudit struct{}

func (noAudit) Write(context.Context, audit.Entry) error              { return nil }
func (noAudit) Record(audit.Entry)                                    {}
func (noAudit) ViewedIn(_, _, _, _, _ string)                         {}
func (noAudit) Find(context.Context, audit.Query) (audit.Page, error) { return audit.Page{}, nil }
func (noAudit) All(context.Context, audit.Query) iter.Seq2[audit.Entry, error] {
	return func(func(audit.Entry, error) bool) {}
}
