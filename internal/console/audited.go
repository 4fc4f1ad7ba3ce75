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
	detailAdmin        = "role: administrator"
	detailWorker       = "role: worker"
	detailMayExport    = "may export"
	detailMayNotExport = "may no longer export"
	detailPassword     = "new temporary password"
	detailUnbound      = "parted from the identity provider"
	detailDeactivated  = "deactivated"
	detailActivated    = "activated"
	detailAllSessions  = "all sessions"
)

// addedDetail is the detail of somebody who was added.
func addedDetail(role account.Role, mayExport bool) string {
	switch {
	case role != account.RoleAdmin:
		return detailWorker
	case mayExport:
		return detailAdmin + ", " + detailMayExport
	}
	return detailAdmin
}

// entry is what the visitor does, with who and where filled in.
func (c *console) entry(r *http.Request, v *visit, e audit.Entry) audit.Entry {
	e.Actor, e.Via = v.Person.Identity, "console"
	if addr := web.ClientIP(r, c.TrustedProxies); addr.IsValid() {
		e.Address = addr.String()
	}
	return e
}

// keep writes down what the visitor has just done, also when they do not wait for
// the answer. It tells whether that could be done; the log says why not, and it is
// tried again. What was done stays done, so whoever asks must tell the administrator.
func (c *console) keep(r *http.Request, v *visit, e audit.Entry) bool {
	e = c.entry(r, v, e)
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
			c.viewed(r, v, r.URL.Query().Get("id"))
		case http.MethodPost: // the form is read by act
			defer func() { c.viewed(r, v, r.PostForm.Get("id")) }()
		}
		return act(w, r, v)
	}
}

// viewed notes that the visitor is shown a customer, if there is one.
func (c *console) viewed(r *http.Request, v *visit, id string) {
	if id = customerID(id); id == "" {
		return
	}
	if kept, err := c.Reader.Get(context.WithoutCancel(r.Context()), id); err == nil {
		c.shown(r, v, id, kept.Name)
	}
}

// shown notes that the visitor is shown a customer, who is called name.
func (c *console) shown(r *http.Request, v *visit, id, name string) {
	e := c.entry(r, v, audit.Entry{})
	c.Audit.ViewedIn(e.Via, e.Actor, id, name, e.Address)
}

// unwritten is the Audit of who gave none.
type unwritten struct{}

func (unwritten) Write(context.Context, audit.Entry) error              { return nil }
func (unwritten) Record(audit.Entry)                                    {}
func (unwritten) ViewedIn(_, _, _, _, _ string)                         {}
func (unwritten) Find(context.Context, audit.Query) (audit.Page, error) { return audit.Page{}, nil }
func (unwritten) All(context.Context, audit.Query) iter.Seq2[audit.Entry, error] {
	return func(func(audit.Entry, error) bool) {}
}
