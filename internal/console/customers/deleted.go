package customers

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// deletedPage is a page of deleted customers.
type deletedPage struct {
	pageBase
	Rows []deletedRow
	// First and Next are addresses, "" when there is no such page.
	First, Next string
	// After is the cursor of this page.
	After string
}

type deletedRow struct {
	ID   string
	When template.HTML
	By   string
}

// ShowDeleted shows the deleted customers.
func (h *Handlers) ShowDeleted(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	after := r.URL.Query().Get("after")
	found, err := h.Reader.Deletions(r.Context(), customer.DeletionQuery{After: after, Limit: customersPerPage})
	if isUnknownCursor(err) || err == nil && after != "" && len(found.Deletions) == 0 {
		return view.Redirect(w, r, view.DeletedPath)
	}
	if err != nil {
		return err
	}
	page := deletedPage{pageBase: h.base(r, v, v.Locale.Text("console.deleted.title"), pageBase{}), After: after}
	if r.URL.Query().Get("done") == "restored" {
		page.Done = v.Locale.Text("console.deleted.restored")
	}
	for _, d := range found.Deletions {
		page.Rows = append(page.Rows, deletedRow{ID: d.ID, When: v.TimeHTML(d.At), By: view.Line(d.By, view.MaxCell)})
	}
	if after != "" {
		page.First = view.DeletedPath
	}
	if found.Next != "" {
		page.Next = view.DeletedPath + "?" + url.Values{"after": {found.Next}}.Encode()
	}
	return h.Render(w, r, v, http.StatusOK, "deleted", page)
}

// AllowImport lets the next import add a deleted customer again.
func (h *Handlers) AllowImport(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	id := customerID(r.PostForm.Get("id"))
	if id == "" {
		return customer.ErrNotFound
	}
	if err := h.Admin.AllowImport(h.auditContext(r), v.Person.Identity, id); err != nil && !errors.Is(err, customer.ErrNotFound) {
		return err
	}
	query := url.Values{"done": {"restored"}}
	if after := r.PostForm.Get("after"); after != "" {
		query.Set("after", after)
	}
	return view.Redirect(w, r, view.DeletedPath+"?"+query.Encode())
}
