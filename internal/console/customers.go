package console

import (
	"context"
	"io"
	"net/http"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// Admin is what administrators do to the customers that the built-in service keeps:
// *office.Service is one, and its documentation is the contract. It writes each act
// down before the act counts as done.
type Admin interface {
	Add(ctx context.Context, by string, c customer.Customer) (id string, err error)
	Save(ctx context.Context, by string, c customer.Customer, was string) error
	Assign(ctx context.Context, by string, ids []string, workers []string) (int, error)
	Delete(ctx context.Context, by string, ids ...string) (int, error)
	Restore(ctx context.Context, by, id string) error
	Merge(ctx context.Context, by, keep string, others ...string) error
	KeepApart(ctx context.Context, by, groupKey string) error
	Export(ctx context.Context, by string, w io.Writer, format string) (int, error)

	Stage(ctx context.Context, by, file string, body io.Reader) (admin.Import, error)
	Imports() []admin.Import
	Import(id string) (admin.Import, error)
	Choose(ctx context.Context, id string, choices admin.ImportOptions) (admin.Import, error)
	Run(ctx context.Context, by, id string) (admin.Import, error)
	Cancel(ctx context.Context, id string) error
	Rejects(id string) (io.ReadCloser, string, error)

	Reassign(ctx context.Context, by, from, to string) (admin.Job, error)
	Jobs() []admin.Job
	Job(id string) (admin.Job, error)
	CancelJob(ctx context.Context, id string) error
}

// CustomersPath is where the register begins.
const CustomersPath = "/console/customers"

// pageBase is what all screens about customers begin with.
type pageBase struct {
	ui.Base
	// External tells that workers see another service's customers, not these.
	External bool
	// Done is what just succeeded, Problem what did not; "" is neither.
	Done, Problem string
}

// base begins a screen about customers.
func (c *console) base(r *http.Request, v *visit, title string) pageBase {
	t := pageBase{Base: v.Base(title, "customers")}
	// Sealed settings hold a URL that nobody can read: then nobody at all is asked,
	// which the screen of the callbacks tells.
	if stored, err := c.Settings.Callbacks(r.Context()); err == nil {
		t.External = c.crmURL(stored) != ""
	}
	return t
}

// customersPage is the register: everybody's customers, page by page.
type customersPage struct {
	pageBase
	// Count is how many there are in all, "" when there are none.
	Count string
	// Tasks are the lists that are work to do, with how much.
	Tasks []taskLink
	// Query and Whose are what is looked for.
	Query string
	Owner ownerField
	List  customersList
}

// taskLink leads to a list that an administrator has to look through.
type taskLink struct {
	Href, Label, Count string
	Current            bool
	// Todo tells that there is something in it that somebody ought to do.
	Todo bool
}

// loadList is a page of the register.
type customersList struct {
	Rows []customerRow
	// Query and Whose are what was looked for, as the forms carry it.
	Query, Owner string
	// First and Next are addresses, "" when there is no such page.
	First, Next string
	// Empty says why there are no rows: "" (there are), "none" (no customers at all),
	// "nothing" (found), "nobodys" (none unassigned) or "end".
	Empty string
	// Shown says how many rows there are, for those who hear the page.
	Shown string
}

func (c *console) ShowCustomers(w http.ResponseWriter, r *http.Request, v *visit) error {
	at, ok := readPageRef(r)
	if !ok {
		return toFirstPage(w, r, at)
	}
	list, err := c.loadList(r.Context(), v, at)
	if isUnknownCursor(err) {
		return toFirstPage(w, r, at)
	}
	if err != nil {
		return err
	}
	auth.SetPrivate(w)
	if auth.Fragment(r) == "list" {
		return c.pages.Render(w, r, http.StatusOK, v.Locale, "customers-list", list)
	}
	page := customersPage{pageBase: c.base(r, v, v.Locale.Text("console.customers.title")), Query: at.query, List: list}
	page.Done, page.Problem = listNotice(r, v)
	totals, err := c.Reader.Totals(r.Context())
	if err != nil {
		return err
	}
	if totals.Customers > 0 {
		page.Count = Count(v.Locale, "list.count", totals.Customers)
	}
	page.Tasks = taskLinks(totals, at, v)
	if page.Owner, err = c.currentOwners(r.Context(), v, at.owner); err != nil {
		return err
	}
	page.Owner.Field, page.Owner.Label = "whose", v.Locale.Text("console.customers.whose")
	return c.pages.Render(w, r, http.StatusOK, v.Locale, "customers", page)
}

// toFirstPage begins a list anew whose place is no place any more.
func toFirstPage(w http.ResponseWriter, r *http.Request, at pageRef) error {
	at.after = customer.Cursor{}
	http.Redirect(w, r, at.href(), http.StatusSeeOther)
	return nil
}

// taskLinks are the ways to what is work to do.
func taskLinks(totals customer.Totals, at pageRef, v *visit) []taskLink {
	w := v.Locale
	number := func(n int) string { return Grouped(n, w) }
	return []taskLink{
		{Href: CustomersPath, Label: w.Text("console.customers.all"), Current: !at.owner.unassigned},
		{Href: CustomersPath + "?whose=" + unassignedValue, Label: w.Text("console.customers.nobodys"), Count: number(totals.Unassigned), Current: at.owner.unassigned, Todo: totals.Unassigned > 0},
		{Href: DuplicatesPath, Label: w.Text("console.duplicates.title"), Count: number(totals.Duplicates), Todo: totals.Duplicates > 0},
		{Href: DeletedPath, Label: w.Text("console.deleted.title"), Count: number(totals.Removed)},
	}
}

// listNotice says what the act did that led here.
func listNotice(r *http.Request, v *visit) (done, problem string) {
	query, w := r.URL.Query(), v.Locale
	n := numberOf(query.Get("n"))
	switch query.Get("done") {
	case "deleted":
		return Count(w, "console.customers.deleted", n), ""
	case "assigned":
		return Count(w, "console.customers.assigned", n), ""
	case "nothing":
		return "", w.Text("console.customers.nothing")
	}
	return "", ""
}

// CustomerHref is the address of a customer's screen.
func CustomerHref(id string) string { return CustomerPath + "?id=" + escapeQuery(id) }

// actingContext is the context of what the visitor does, which tells the audit from where.
func (c *console) actingContext(r *http.Request) context.Context {
	if addr := web.ClientIP(r, c.TrustedProxies); addr.IsValid() {
		return admin.WithAddress(r.Context(), addr.String())
	}
	return r.Context()
}
