package app

import (
	"errors"
	"net/http"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web"
)

// Audit is told who came and went, and who saw which customer: *audit.Log is one.
// Neither of its methods waits for anything.
type Audit interface {
	// Record notes what was done.
	Record(e audit.Entry)
	// Viewed notes that actor was shown a customer, who may be named by an id that
	// stands for another where numbers are hidden.
	Viewed(actor, customerID, name, address string)
}

// noAudit is the Audit of who gave none.
type noAudit struct{}

func (noAudit) Record(audit.Entry)       {}
func (noAudit) Viewed(_, _, _, _ string) {}

// record notes what was done in the app, and from where.
func (a *app) record(r *http.Request, e audit.Entry) {
	e.Via, e.Address = "app", a.clientAddress(r)
	a.Audit.Record(e)
}

// recordView notes that the details of a customer are shown. An answer without a body
// shows nothing.
func (a *app) recordView(r *http.Request, v *viewer, id string, detail *detailPane) {
	if r.Method != http.MethodGet {
		return
	}
	if detail.ID != "" {
		id = detail.ID
	}
	a.Audit.Viewed(v.Person.Identity, id, detail.CRMName, a.clientAddress(r))
}

// recordDenied notes that somebody asked for a customer who is not theirs, or nobody's.
func (a *app) recordDenied(r *http.Request, v *viewer, id string, err error) {
	if id != "" && r.Method == http.MethodGet && errors.Is(err, frontline.ErrNotFound) {
		a.record(r, audit.Entry{Actor: v.Person.Identity, Action: audit.Denied, Subject: id, Detail: "a customer"})
	}
}

// clientAddress is where a request came from, "" when that is not known.
func (a *app) clientAddress(r *http.Request) string {
	addr := web.ClientIP(r, a.TrustedProxies)
	if !addr.IsValid() {
		return ""
	}
	return addr.String()
}

// isPrefetch tells whether the browser asks before anybody wants to see the page. What
// is shown of it later, nobody would learn of.
func isPrefetch(r *http.Request) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz", "X-Purpose"} {
		purpose := strings.ToLower(strings.Join(r.Header.Values(name), ","))
		if strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "prerender") || strings.Contains(purpose, "preview") {
			return true
		}
	}
	return false
}
