package console

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// DeletedPath is where those are listed whom an administrator deleted.
const DeletedPath = "/console/customers/deleted"

// deletedPage is a page of those who stay deleted.
type deletedPage struct {
	pageBase
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

func (c *console) ShowDeleted(w http.ResponseWriter, r *http.Request, v *visit) error {
	after := r.URL.Query().Get("after")
	found, err := c.Reader.Removed(r.Context(), customer.RemovedQuery{After: after, Limit: customersPerPage})
	if isUnknownCursor(err) || err == nil && after != "" && len(found.Removals) == 0 {
		http.Redirect(w, r, DeletedPath, http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	page := deletedPage{pageBase: c.base(r, v, v.Locale.Text("console.deleted.title")), After: after}
	if r.URL.Query().Get("done") == "restored" {
		page.Done = v.Locale.Text("console.deleted.restored")
	}
	for _, d := range found.Removals {
		page.Rows = append(page.Rows, deletedRow{ID: d.ID, When: v.TimeHTML(d.At), By: Line(d.By, MaxCell)})
	}
	if after != "" {
		page.First = DeletedPath
	}
	if found.Next != "" {
		page.Next = DeletedPath + "?" + url.Values{"after": {found.Next}}.Encode()
	}
	auth.SetPrivate(w)
	return c.pages.Render(w, r, http.StatusOK, v.Locale, "deleted", page)
}

// Restore lets a deleted customer come back with the next import. Twice is once.
func (c *console) Restore(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	id := customerID(r.PostForm.Get("id"))
	if id == "" {
		return customer.ErrNotFound
	}
	if err := c.Admin.Restore(c.actingContext(r), v.Person.Identity, id); err != nil && !errors.Is(err, customer.ErrNotFound) {
		return err
	}
	query := url.Values{"done": {"restored"}}
	if after := r.PostForm.Get("after"); after != "" {
		query.Set("after", after)
	}
	http.Redirect(w, r, DeletedPath+"?"+query.Encode(), http.StatusSeeOther)
	return nil
}
