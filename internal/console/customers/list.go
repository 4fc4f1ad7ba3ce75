package customers

import (
	"context"
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/text"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// customersPerPage is how many customers a page lists.
const customersPerPage = 50

// customersPage is the list of all customers, page by page.
type customersPage struct {
	pageBase
	// Count is the number of all customers, "" when there are none.
	Count string
	// OwnersHint says how many owners have no account, "" for none.
	OwnersHint string
	// Tasks link to the lists that need attention, with their counts.
	Tasks []taskLink
	// Query and Owner are the filter.
	Query string
	Owner ownerField
	List  customersList
}

// taskLink is a link to a list that may need attention.
type taskLink struct {
	Href, Label, Count string
	Current            bool
	// Todo reports whether something needs attention.
	Todo bool
}

// customersList is one page of the list.
type customersList struct {
	Rows []customerRow
	// Query and Owner are the filter as forms carry it.
	Query, Owner string
	// First and Next are addresses, "" when there is no such page.
	First, Next string
	// Empty is why there are no rows: "none" (no customers at all), "nothing" (no match),
	// "unassigned" (none unassigned) or "end"; "" when there are rows.
	Empty string
	// Shown says how many rows there are, for screen readers.
	Shown string
}

// ShowList shows the list of customers.
func (h *Handlers) ShowList(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	ref, ok := readPageRef(r)
	if !ok {
		return toFirstPage(w, r, ref)
	}
	list, err := h.loadList(r.Context(), v, ref)
	if isUnknownCursor(err) {
		return toFirstPage(w, r, ref)
	}
	if err != nil {
		return err
	}
	if auth.Fragment(r) == "list" {
		return h.Render(w, r, v, http.StatusOK, "customers-list", list)
	}
	page := customersPage{pageBase: h.base(r, v, v.Locale.Text("console.customers.title"), pageBase{}), Query: ref.query, List: list}
	page.Done, page.Problem = listNotice(r, v)
	totals, err := h.Reader.Totals(r.Context())
	if err != nil {
		return err
	}
	if totals.Customers > 0 {
		page.Count = view.Count(v.Locale, "list.count", totals.Customers)
	}
	page.Tasks = taskLinks(totals, ref, v)
	if page.OwnersHint, err = h.OwnersHint(r.Context(), v.Locale); err != nil {
		return err
	}
	if page.Owner, err = h.currentOwners(r.Context(), v, ref.owner); err != nil {
		return err
	}
	page.Owner.Field, page.Owner.Label = "whose", v.Locale.Text("console.customers.owner")
	return h.Render(w, r, v, http.StatusOK, "customers", page)
}

// toFirstPage redirects to the first page.
func toFirstPage(w http.ResponseWriter, r *http.Request, ref pageRef) error {
	ref.after = customer.Cursor{}
	return view.Redirect(w, r, ref.href())
}

func taskLinks(totals customer.Totals, ref pageRef, v *auth.Viewer) []taskLink {
	loc := v.Locale
	number := func(n int) string { return view.Grouped(n, loc) }
	return []taskLink{
		{Href: view.CustomersPath, Label: loc.Text("console.customers.all"), Current: !ref.owner.unassigned},
		{Href: view.CustomersPath + "?whose=" + unassignedValue, Label: loc.Text("console.customers.all_unassigned"), Count: number(totals.Unassigned), Current: ref.owner.unassigned, Todo: totals.Unassigned > 0},
		{Href: view.DuplicatesPath, Label: loc.Text("console.duplicates.title"), Count: number(totals.Duplicates), Todo: totals.Duplicates > 0},
		{Href: view.DeletedPath, Label: loc.Text("console.deleted.title"), Count: number(totals.Deleted)},
	}
}

// listNotice returns the notice of the action that redirected here.
func listNotice(r *http.Request, v *auth.Viewer) (done, problem string) {
	query, loc := r.URL.Query(), v.Locale
	n := numberOf(query.Get("n"))
	switch query.Get("done") {
	case "deleted":
		return view.Count(loc, "console.customers.deleted", n), ""
	case "assigned":
		return view.Count(loc, "console.customers.assigned", n), ""
	case "nothing":
		return "", loc.Text("console.customers.nothing")
	}
	return "", ""
}

// loadList reads one page of the list.
func (h *Handlers) loadList(ctx context.Context, v *auth.Viewer, ref pageRef) (customersList, error) {
	list := customersList{Query: ref.query, Owner: ref.owner.String()}
	q := customer.AdminQuery{Query: ref.query, After: ref.after, Limit: customersPerPage}
	q.Worker, q.Unassigned = ref.owner.identity, ref.owner.unassigned
	page, err := h.Reader.ListAll(ctx, q)
	if err != nil {
		return list, err
	}
	exact, err := h.findExact(ctx, ref)
	if err != nil {
		return list, err
	}
	if exact != nil && ref.after.IsZero() {
		list.Rows = append(list.Rows, rowOf(*exact, ref.query, v))
	}
	for _, cust := range page.Customers {
		if exact == nil || cust.ID != exact.ID { // the exact match is listed already
			list.Rows = append(list.Rows, rowOf(cust, ref.query, v))
		}
	}
	if !ref.after.IsZero() {
		first := ref
		first.after = customer.Cursor{}
		list.First = first.href()
	}
	if n := len(page.Cursors); page.More && n > 0 {
		next := ref
		next.after = page.Cursors[n-1]
		list.Next = next.href()
	}
	switch {
	case len(list.Rows) > 0:
		list.Shown = view.Count(v.Locale, "console.customers.shown", len(list.Rows))
	case !ref.after.IsZero():
		list.Empty = "end"
	case ref.query != "" || ref.owner.identity != "":
		list.Empty = "nothing"
	case ref.owner.unassigned:
		list.Empty = "unassigned"
	default:
		list.Empty = "none"
	}
	return list, nil
}

// findExact returns the customer whose id is the query, which is listed first. It returns
// nil when there is none, or when they have another owner than the chosen one.
func (h *Handlers) findExact(ctx context.Context, ref pageRef) (*customer.Customer, error) {
	if customerID(ref.query) == "" {
		return nil, nil
	}
	found, err := h.Reader.Get(ctx, ref.query)
	switch chosen := ref.owner; {
	case errors.Is(err, customer.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case chosen.unassigned && len(found.Workers) > 0, chosen.identity != "" && !text.ContainsIdentity(found.Workers, chosen.identity):
		return nil, nil
	}
	return &found, nil
}

// customerRow is one customer of the list.
type customerRow struct {
	ID, Href string
	Name     string
	Pieces   []text.Segment
	Company  string
	// Contact is the first contact address, and Icon its channel's icon.
	Contact, Icon string
	// Owners is in words. Unassigned reports whether there is none, Everyone whether the
	// customer belongs to everyone.
	Owners               string
	Unassigned, Everyone bool
}

func rowOf(c customer.Customer, query string, v *auth.Viewer) customerRow {
	row := customerRow{ID: c.ID, Href: view.CustomerHref(c.ID), Name: displayName(c.Name, v), Company: view.Line(text.Visible(c.Company), view.MaxCell)}
	row.Pieces = text.Highlight(row.Name, query)
	if len(c.Channels) > 0 {
		row.Contact, row.Icon = contactText(c.Channels[0], v), channelIcon(c.Channels[0].Type)
	}
	row.Owners, row.Unassigned, row.Everyone = ownersText(c.Workers, v)
	return row
}
