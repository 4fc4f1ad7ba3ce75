package console

import (
	"context"
	"net/http"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web"
)

// Audit keeps what administrators do: *audit.Log is one, and its documentation is
// the contract.
type Audit interface {
	Keep(ctx context.Context, e audit.Entry) error
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
// the answer. It tells whether that could be done; the log says why not. What was
// done stays done, so whoever asks must tell the administrator.
func (c *console) keep(r *http.Request, v *visit, e audit.Entry) bool {
	err := c.Audit.Keep(context.WithoutCancel(r.Context()), c.entry(r, v, e))
	if err != nil {
		c.Logger.Error("what an administrator did could not be written to the audit", "action", e.Action, "err", err)
	}
	return err == nil
}

// unwritten is the Audit of who gave none.
type unwritten struct{}

func (unwritten) Keep(context.Context, audit.Entry) error { return nil }
