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

// customersPath is where the register begins.
const customersPath = "/console/customers"

// customersTop is what all screens about customers begin with.
type customersTop struct {
	ui.Base
	// Foreign tells that workers see another service's customers, not these.
	Foreign bool
	// Done is what just succeeded, Problem what did not; "" is neither.
	Done, Problem string
}

// top begins a screen about customers.
func (c *console) top(r *http.Request, v *visit, title string) customersTop {
	t := customersTop{Base: v.Base(title, "customers")}
	// Sealed settings hold a URL that nobody can read: then nobody at all is asked,
	// which the screen of the callbacks tells.
	if kept, err := c.Settings.Callbacks(r.Context()); err == nil {
		t.Foreign = c.inForce(kept) != ""
	}
	return t
}

// customersPage is the register: everybody's customers, page by page.
type customersPage struct {
	customersTop
	// Count is how many there are in all, "" when there are none.
	Count string
	// Work are the lists that are work to do, with how much.
	Work []workLink
	// Query and Whose are what is looked for.
	Query string
	Whose pick
	List  customersList
}

// workLink leads to a list that an administrator has to look through.
type workLink struct {
	Href, Label, Count string
	Current            bool
	// Todo tells that there is something in it that somebody ought to do.
	Todo bool
}

// customersList is a page of the register.
type customersList struct {
	Rows []customerRow
	// Query and Whose are what was looked for, as the forms carry it.
	Query, Whose string
	// First and Next are addresses, "" when there is no such page.
	First, Next string
	// Empty says why there are no rows: "" (there are), "none" (no customers at all),
	// "nothing" (found), "nobodys" (none unassigned) or "end".
	Empty string
	// Shown says how many rows there are, for those who hear the page.
	Shown string
}

func (c *console) showCustomers(w http.ResponseWriter, r *http.Request, v *visit) error {
	at, ok := readCustomersPlace(r)
	if !ok {
		return toFirstPage(w, r, at)
	}
	list, err := c.customersList(r.Context(), v, at)
	if isNoPlace(err) {
		return toFirstPage(w, r, at)
	}
	if err != nil {
		return err
	}
	auth.SetPrivate(w)
	if auth.Fragment(r) == "list" {
		return c.pages.Render(w, r, http.StatusOK, v.Locale, "customers-list", list)
	}
	page := customersPage{customersTop: c.top(r, v, v.Locale.Text("console.customers.title")), Query: at.query, List: list}
	page.Done, page.Problem = customersDone(r, v)
	totals, err := c.Reader.Totals(r.Context())
	if err != nil {
		return err
	}
	if totals.Customers > 0 {
		page.Count = amount(v.Locale, "list.count", totals.Customers)
	}
	page.Work = workLinks(totals, at, v)
	if page.Whose, err = c.pickHolder(r.Context(), v, at.whose); err != nil {
		return err
	}
	page.Whose.Field, page.Whose.Label = "whose", v.Locale.Text("console.customers.whose")
	return c.pages.Render(w, r, http.StatusOK, v.Locale, "customers", page)
}

// toFirstPage begins a list anew whose place is no place any more.
func toFirstPage(w http.ResponseWriter, r *http.Request, at customersPlace) error {
	at.after = customer.Cursor{}
	http.Redirect(w, r, at.href(), http.StatusSeeOther)
	return nil
}

// workLinks are the ways to what is work to do.
func workLinks(totals customer.Totals, at customersPlace, v *visit) []workLink {
	w := v.Locale
	number := func(n int) string { return grouped(n, w) }
	return []workLink{
		{Href: customersPath, Label: w.Text("console.customers.all"), Current: !at.whose.nobody},
		{Href: customersPath + "?whose=" + nobodys, Label: w.Text("console.customers.nobodys"), Count: number(totals.Unassigned), Current: at.whose.nobody, Todo: totals.Unassigned > 0},
		{Href: duplicatesPath, Label: w.Text("console.duplicates.title"), Count: number(totals.Duplicates), Todo: totals.Duplicates > 0},
		{Href: deletedPath, Label: w.Text("console.deleted.title"), Count: number(totals.Removed)},
	}
}

// customersDone says what the act did that led here.
func customersDone(r *http.Request, v *visit) (done, problem string) {
	query, w := r.URL.Query(), v.Locale
	n := numberOf(query.Get("n"))
	switch query.Get("done") {
	case "deleted":
		return amount(w, "console.customers.deleted", n), ""
	case "assigned":
		return amount(w, "console.customers.assigned", n), ""
	case "nothing":
		return "", w.Text("console.customers.nothing")
	}
	return "", ""
}

// customerOneHref is the address of a customer's screen.
func customerOneHref(id string) string { return customerPath + "?id=" + escapeQuery(id) }

// acting is the context of what the visitor does, which tells the audit from where.
func (c *console) acting(r *http.Request) context.Context {
	if addr := web.ClientIP(r, c.TrustedProxies); addr.IsValid() {
		return admin.WithAddress(r.Context(), addr.String())
	}
	return r.Context()
}
