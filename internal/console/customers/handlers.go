// Package customers serves the console's pages about the customers of the built-in
// service: the list, one customer, bulk changes, duplicates, deleted customers,
// reassignments, imports and the export.
package customers

import (
	"context"
	"io"
	"net/http"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// Admin changes customers. *admin.Service implements it, and its documentation is the
// contract. It writes the audit entry of each act before the act counts as done.
type Admin interface {
	Add(ctx context.Context, by string, c customer.Customer) (id string, err error)
	Save(ctx context.Context, by string, c customer.Customer, was string) error
	Assign(ctx context.Context, by string, ids []string, workers []string) (int, error)
	Delete(ctx context.Context, by string, ids ...string) (int, error)
	AllowImport(ctx context.Context, by, id string) error
	Merge(ctx context.Context, by, groupKey, keep string, others ...string) error
	KeepApart(ctx context.Context, by, groupKey string) error
	Export(ctx context.Context, by string, w io.Writer, format string) (int, error)

	Upload(ctx context.Context, by, file string, body io.Reader) (admin.Import, error)
	Imports() []admin.Import
	Import(id string) (admin.Import, error)
	SetOptions(ctx context.Context, id string, options admin.ImportOptions) (admin.Import, error)
	Run(ctx context.Context, by, id string) (admin.Import, error)
	Cancel(ctx context.Context, id string) error
	Rejects(id string) (io.ReadCloser, string, error)
	Problems(id string) (io.ReadCloser, string, error)

	Reassign(ctx context.Context, by, from, to string) (admin.Reassignment, error)
	Reassignments() []admin.Reassignment
	Reassignment(id string) (admin.Reassignment, error)
	CancelReassignment(ctx context.Context, id string) error

	MatchOwner(ctx context.Context, by, owner, person string) (admin.Reassignment, error)
	UnmatchOwner(ctx context.Context, by, owner string) error
}

// Options is what the handlers need in addition to the site.
type Options struct {
	Reader   customer.AdminReader
	Admin    Admin
	Accounts view.Accounts
	// External reports whether workers see an external CRM instead of these customers.
	External func(ctx context.Context) bool
	// AddsPeople reports whether people are added when they first sign in, by their email
	// address.
	AddsPeople func(ctx context.Context) (bool, error)
}

// Handlers are the actions of the routes.
type Handlers struct {
	*view.Site
	Options
}

// New returns the handlers.
func New(site *view.Site, o Options) *Handlers { return &Handlers{site, o} }

// pageBase is what every page about customers has.
type pageBase struct {
	ui.Base
	// External reports whether workers see an external CRM instead of these customers.
	External bool
	// Done is what just succeeded, Problem what failed; "" is neither.
	Done, Problem string
}

// base returns the base of a page with the notice of b.
func (h *Handlers) base(r *http.Request, v *auth.Viewer, title string, b pageBase) pageBase {
	b.Base, b.External = v.Base(title, "customers"), h.External(r.Context())
	return b
}

// auditContext returns the request's context with the address for audit entries.
func (h *Handlers) auditContext(r *http.Request) context.Context {
	return admin.WithAddress(r.Context(), web.ClientAddress(r, h.TrustedProxies))
}
