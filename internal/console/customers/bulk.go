package customers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// maxBulkForm bounds the posted form of a page of the list: an id may have 512 bytes,
// and a byte may take three.
const maxBulkForm = 256 << 10

// bulkPage asks to confirm what to do with the selected customers.
type bulkPage struct {
	pageBase
	// Deleting reports whether they will be deleted, rather than assigned.
	Deleting bool
	Heading  string
	// Names are the first of their names; More says how many others there are.
	Names []string
	More  string
	IDs   []string
	// Query and Owner are the filter of the list, and Back is its address.
	Query, Owner, Back string
	// The form that assigns owners.
	Workers    []string
	Everyone   bool
	Unassigned bool
	Confirmed  string
	Error      string
	People     []string
}

// maxNamesShown is how many names of the selected customers are listed.
const maxNamesShown = 8

// ChangeSelected asks to confirm a change of the selected customers, or makes it.
func (h *Handlers) ChangeSelected(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.LargeForm(w, r, maxBulkForm); err != nil {
		return err
	}
	ref := firstPage(r.PostForm.Get("q"), r.PostForm.Get("whose"))
	ids, names, err := h.selected(r, v)
	if err != nil {
		return err
	}
	page := bulkPage{IDs: ids, Query: ref.query, Owner: ref.owner.String(), Back: ref.href()}
	if len(ids) == 0 {
		return view.Redirect(w, r, withParameter(page.Back, "done=nothing"))
	}
	if page.Names = names; len(names) > maxNamesShown {
		page.Names = names[:maxNamesShown]
		page.More = view.Count(v.Locale, "console.customers.others", len(names)-maxNamesShown)
	}
	switch r.PostForm.Get("do") {
	case "delete":
		page.Deleting = true
		return h.renderBulk(w, r, v, http.StatusOK, page)
	case "delete-now":
		n, err := h.Admin.Delete(h.auditContext(r), v.Person.Identity, ids...)
		if err != nil && !errors.Is(err, customer.ErrNotFound) {
			return err
		}
		return view.Redirect(w, r, withParameter(page.Back, "done=deleted&n="+strconv.Itoa(n)))
	case "assign":
		page.Workers = []string{"", ""}
		return h.renderBulk(w, r, v, http.StatusOK, page)
	case "assign-now":
		return h.assignSelected(w, r, v, page)
	}
	return auth.ErrForm
}

// selected returns the posted ids of customers that still exist, with their names.
func (h *Handlers) selected(r *http.Request, v *auth.Viewer) (ids, names []string, err error) {
	values := r.PostForm["id"]
	if len(values) > customersPerPage+1 { // one more for the exact match
		return nil, nil, auth.ErrForm
	}
	for _, id := range values {
		if id = customerID(id); id == "" || slices.Contains(ids, id) {
			continue
		}
		stored, err := h.Reader.Get(r.Context(), id)
		if errors.Is(err, customer.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		ids, names = append(ids, id), append(names, displayName(stored.Name, v))
	}
	return ids, names, nil
}

// assignSelected assigns the selected customers to the posted owners.
func (h *Handlers) assignSelected(w http.ResponseWriter, r *http.Request, v *auth.Viewer, page bulkPage) error {
	page.Workers = identitiesIn(r.PostForm["worker"])
	page.Everyone, page.Unassigned = r.PostForm.Get("everyone") != "", r.PostForm.Get("nobody") != ""
	page.Confirmed = r.PostForm.Get("sure")
	if len(page.Workers) > maxLines {
		return auth.ErrForm
	}
	known, err := h.accountStatuses(r.Context(), page.Workers...)
	if err != nil {
		return err
	}
	owners := slices.Clone(page.Workers)
	if page.Everyone {
		owners = append(owners, customer.Everyone)
	}
	switch bad := slices.ContainsFunc(owners, func(s string) bool { return len(s) > customer.MaxWorkerBytes || isUnstorable(s) }); {
	case bad:
		page.Error = v.Locale.Text("console.customer.worker.bad", "max", customer.MaxWorkerBytes)
	case len(owners) == 0 && !page.Unassigned:
		page.Error = v.Locale.Text("console.assign.missing")
	case len(owners) > 0 && page.Unassigned:
		page.Error = v.Locale.Text("console.assign.both")
	default:
		page.Error, page.Confirmed = checkUnknown(page.Workers, page.Confirmed, known, v)
	}
	if page.Error != "" {
		page.Workers = append(page.Workers, "")
		return h.renderBulk(w, r, v, http.StatusUnprocessableEntity, page)
	}
	n, err := h.Admin.Assign(h.auditContext(r), v.Person.Identity, page.IDs, owners)
	if err != nil {
		return err
	}
	return view.Redirect(w, r, withParameter(page.Back, "done=assigned&n="+strconv.Itoa(n)))
}

func (h *Handlers) renderBulk(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, page bulkPage) error {
	key := "console.assign.heading"
	if page.Deleting {
		key = "console.delete.heading"
	}
	page.Heading = view.Count(v.Locale, key, len(page.IDs))
	page.pageBase = h.base(r, v, page.Heading, page.pageBase)
	var err error
	if page.People, err = h.activePeople(r.Context(), view.MaxSuggestions); err != nil {
		return err
	}
	return h.Render(w, r, v, status, "customers-selected", page)
}

// withParameter adds a parameter to the query of an address.
func withParameter(href, parameter string) string {
	for i := range href {
		if href[i] == '?' {
			return href + "&" + parameter
		}
	}
	return href + "?" + parameter
}
