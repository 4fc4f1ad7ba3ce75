package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// BulkPath is where what was ticked in the register is sent to.
const BulkPath = "/console/customers/chosen"

// maxChosenForm bounds the form of a page of the register: each id may have 512 bytes,
// of which each may take three.
const maxChosenForm = 256 << 10

// bulkPage asks what to do with the customers that were ticked, before it is done.
type bulkPage struct {
	pageBase
	// Deleting tells that they are to be deleted, not given to somebody.
	Deleting bool
	Heading  string
	// Names are some of theirs, More says how many others there are.
	Names []string
	More  string
	IDs   []string
	// Query and Whose are what was looked for, Back leads there.
	Query, Owner, Back string
	// The form for whose they shall be.
	Workers    []string
	Everyone   bool
	Unassigned bool
	Confirmed  string
	Error      string
	People     []string
}

// maxNamesShown is how many names are told of those who were ticked.
const maxNamesShown = 8

// BulkAction asks about those who were ticked, or does what was asked about.
func (c *console) BulkAction(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.LargeForm(w, r, maxChosenForm); err != nil {
		return err
	}
	at := firstPage(r.PostForm.Get("q"), r.PostForm.Get("whose"))
	ids, names, err := c.selected(r, v)
	if err != nil {
		return err
	}
	page := bulkPage{IDs: ids, Query: at.query, Owner: at.owner.String(), Back: at.href()}
	if len(ids) == 0 {
		http.Redirect(w, r, withParameter(page.Back, "done=nothing"), http.StatusSeeOther)
		return nil
	}
	if page.Names = names; len(names) > maxNamesShown {
		page.Names = names[:maxNamesShown]
		page.More = Count(v.Locale, "console.customers.others", len(names)-maxNamesShown)
	}
	switch r.PostForm.Get("do") {
	case "delete":
		page.Deleting = true
		return c.renderBulk(w, r, v, http.StatusOK, page)
	case "delete-now":
		n, err := c.Admin.Delete(c.actingContext(r), v.Person.Identity, ids...)
		if err != nil && !errors.Is(err, customer.ErrNotFound) {
			return err
		}
		http.Redirect(w, r, withParameter(page.Back, "done=deleted&n="+strconv.Itoa(n)), http.StatusSeeOther)
		return nil
	case "assign":
		page.Workers = []string{"", ""}
		return c.renderBulk(w, r, v, http.StatusOK, page)
	case "assign-now":
		return c.assignSelected(w, r, v, page)
	}
	return auth.ErrForm
}

// selected answers the ids that a form carries, of customers who are still there, and
// what these are called.
func (c *console) selected(r *http.Request, v *visit) (ids, names []string, err error) {
	typed := r.PostForm["id"]
	if len(typed) > customersPerPage+1 { // and the one whose id was searched for
		return nil, nil, auth.ErrForm
	}
	for _, id := range typed {
		if id = customerID(id); id == "" || slices.Contains(ids, id) {
			continue
		}
		stored, err := c.Reader.Get(r.Context(), id)
		if errors.Is(err, customer.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		ids, names = append(ids, id), append(names, displayName(stored, v))
	}
	return ids, names, nil
}

// assignSelected gives those who were ticked to whoever was chosen.
func (c *console) assignSelected(w http.ResponseWriter, r *http.Request, v *visit, page bulkPage) error {
	page.Workers = identitiesIn(r.PostForm["worker"])
	page.Everyone, page.Unassigned = r.PostForm.Get("everyone") != "", r.PostForm.Get("nobody") != ""
	page.Confirmed = r.PostForm.Get("sure")
	if len(page.Workers) > maxLines {
		return auth.ErrForm
	}
	known, _, err := c.accountStatuses(r.Context())
	if err != nil {
		return err
	}
	whose := slices.Clone(page.Workers)
	if page.Everyone {
		whose = append(whose, customer.Everyone)
	}
	switch bad := slices.ContainsFunc(whose, func(s string) bool { return len(s) > customer.MaxWorkerBytes || isUnstorable(s) }); {
	case bad:
		page.Error = v.Locale.Text("console.customer.worker.bad", "max", customer.MaxWorkerBytes)
	case len(whose) == 0 && !page.Unassigned:
		page.Error = v.Locale.Text("console.assign.missing")
	case len(whose) > 0 && page.Unassigned:
		page.Error = v.Locale.Text("console.assign.both")
	default:
		page.Error, page.Confirmed = checkUnknown(page.Workers, page.Confirmed, known, v)
	}
	if page.Error != "" {
		page.Workers = append(page.Workers, "")
		return c.renderBulk(w, r, v, http.StatusUnprocessableEntity, page)
	}
	n, err := c.Admin.Assign(c.actingContext(r), v.Person.Identity, page.IDs, whose)
	if err != nil {
		return err
	}
	http.Redirect(w, r, withParameter(page.Back, "done=assigned&n="+strconv.Itoa(n)), http.StatusSeeOther)
	return nil
}

func (c *console) renderBulk(w http.ResponseWriter, r *http.Request, v *visit, status int, page bulkPage) error {
	key := "console.assign.heading"
	if page.Deleting {
		key = "console.delete.heading"
	}
	page.Heading = Count(v.Locale, key, len(page.IDs))
	page.pageBase = c.base(r, v, page.Heading)
	_, people, err := c.accountStatuses(r.Context())
	if err != nil {
		return err
	}
	page.People = suggestions(people)
	auth.SetPrivate(w)
	return c.pages.Render(w, r, status, v.Locale, "customers-chosen", page)
}

// withParameter adds to the query of one of our own addresses.
func withParameter(href, parameter string) string {
	for i := range href {
		if href[i] == '?' {
			return href + "&" + parameter
		}
	}
	return href + "?" + parameter
}

// ToCustomers leads to the register, from addresses that only answer a form.
func (c *console) ToCustomers(w http.ResponseWriter, r *http.Request, _ *visit) error {
	http.Redirect(w, r, CustomersPath, http.StatusSeeOther)
	return nil
}
