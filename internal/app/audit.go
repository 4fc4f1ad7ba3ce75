package app

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web"
)

// Audit records sign-ins, sign-outs and views of customers. *audit.Log implements it, and
// its documentation is the contract.
type Audit interface {
	// Act performs act and stores what it changed with the entries that it returns.
	Act(ctx context.Context, act func(ctx context.Context) ([]audit.Entry, error)) error
	// Record records an entry.
	Record(e audit.Entry)
	// Viewed records that actor was shown a customer. Where numbers are masked,
	// customerID may be a handle.
	Viewed(actor, customerID, name, address string)
}

// noAudit is the Audit used when Options has none.
type noAudit struct{}

func (noAudit) Act(ctx context.Context, act func(ctx context.Context) ([]audit.Entry, error)) error {
	_, err := act(ctx)
	return err
}

func (noAudit) Record(audit.Entry)       {}
func (noAudit) Viewed(_, _, _, _ string) {}

// record records an entry with the client's address.
func (a *app) record(r *http.Request, e audit.Entry) {
	e.Via, e.Address = "app", web.ClientAddress(r, a.TrustedProxies)
	a.Audit.Record(e)
}

// act runs fn, which changes something, and writes the entries that it returns, with the
// client's address, in one transaction. fn must use the context that it gets.
func (a *app) act(r *http.Request, fn func(ctx context.Context) ([]audit.Entry, error)) error {
	return a.Audit.Act(r.Context(), func(ctx context.Context) ([]audit.Entry, error) {
		entries, err := fn(ctx)
		for i := range entries {
			entries[i].Via, entries[i].Address = "app", web.ClientAddress(r, a.TrustedProxies)
		}
		return entries, err
	})
}

// own returns the entry of what a person did to their own account.
func own(identity string, action audit.Action, params audit.Params) audit.Entry {
	return audit.Entry{Actor: identity, Action: action, Subject: identity, Params: params}
}

// recordView records that the details of a customer are shown. A HEAD request shows
// nothing.
func (a *app) recordView(r *http.Request, v *viewer, id string, detail *detailPane) {
	if r.Method != http.MethodGet {
		return
	}
	if detail.ID != "" {
		id = detail.ID
	}
	a.Audit.Viewed(v.Person.Identity, id, detail.CRMName, web.ClientAddress(r, a.TrustedProxies))
}

// recordDenied records a request for a customer who is not in the viewer's list.
func (a *app) recordDenied(r *http.Request, v *viewer, id string, err error) {
	if id != "" && r.Method != http.MethodHead && errors.Is(err, frontline.ErrNotFound) {
		a.record(r, audit.Entry{Actor: v.Person.Identity, Action: audit.Denied, Subject: id, Params: audit.DeniedCustomer})
	}
}

// isPrefetch reports whether the browser loads the page in advance. Showing it later
// would not be recorded.
func isPrefetch(r *http.Request) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz", "X-Purpose"} {
		purpose := strings.ToLower(strings.Join(r.Header.Values(name), ","))
		if strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "prerender") || strings.Contains(purpose, "preview") {
			return true
		}
	}
	return false
}
