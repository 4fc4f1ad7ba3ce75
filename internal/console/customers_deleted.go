package console

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// deletedPath is where those are listed whom an administrator deleted.
const deletedPath = "/console/customers/deleted"

// deletedPage is a page of those who stay deleted.
type deletedPage struct {
	customersTop
	Rows []deletedRow
	// First and Next are addresses, "" when there is no such page.
	First, Next string
	// After is the place of this page, to come back to.
	After string
}

type deletedRow struct {
	ID   string
	When template.HTML
	By   string
}

func (c *console) showDeleted(w http.ResponseWriter, r *http.Request, v *visit) error {
	after := r.URL.Query().Get("after")
	found, err := c.Reader.Removed(r.Context(), customer.RemovedQuery{After: after, Limit: customersPerPage})
	if isNoPlace(err) || err == nil && after != "" && len(found.Removals) == 0 {
		http.Redirect(w, r, deletedPath, http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	page := deletedPage{customersTop: c.top(r, v, v.Locale.Text("console.deleted.title")), After: after}
	if r.URL.Query().Get("done") == "restored" {
		page.Done = v.Locale.Text("console.deleted.restored")
	}
	for _, d := range found.Removals {
		page.Rows = append(page.Rows, deletedRow{ID: d.ID, When: v.TimeHTML(d.At), By: line(d.By, maxCell)})
	}
	if after != "" {
		page.First = deletedPath
	}
	if found.Next != "" {
		page.Next = deletedPath + "?" + url.Values{"after": {found.Next}}.Encode()
	}
	auth.SetPrivate(w)
	return c.pages.Render(w, r, http.StatusOK, v.Locale, "deleted", page)
}

// restore lets a deleted customer come back with the next import. Twice is once.
func (c *console) restore(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	id := customerID(r.PostForm.Get("id"))
	if id == "" {
		return customer.ErrNotFound
	}
	if err := c.Admin.Restore(c.acting(r), v.Person.Identity, id); err != nil && !errors.Is(err, customer.ErrNotFound) {
		return err
	}
	query := url.Values{"done": {"restored"}}
	if after := r.PostForm.Get("after"); after != "" {
		query.Set("after", after)
	}
	http.Redirect(w, r, deletedPath+"?"+query.Encode(), http.StatusSeeOther)
	return nil
}
