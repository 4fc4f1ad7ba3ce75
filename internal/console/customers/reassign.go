package customers

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// reassignPage asks for the two owners, and then for confirmation.
type reassignPage struct {
	pageBase
	From, To ownerField
	Confirm  *reassignConfirm
	Recent   []reassignmentRow
}

// reassignConfirm says what will be done.
type reassignConfirm struct {
	Text template.HTML
	// Warning says that the new owner cannot sign in, "" when they can.
	Warning  template.HTML
	From, To string
	Count    int
	Button   string
}

// ShowReassign shows the form, and with both owners the confirmation.
func (h *Handlers) ShowReassign(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	query := r.URL.Query()
	from, to := parseOwner(query.Get("from")), parseOwner(query.Get("to"))
	page := reassignPage{}
	if query.Has("to") {
		h.validateReassign(&page, from, to, v)
		if page.From.Error == "" && page.To.Error == "" {
			confirm, err := h.confirmReassign(r.Context(), from, to, v)
			if err != nil {
				return err
			}
			if page.Confirm = confirm; confirm.Count == 0 {
				page.Confirm, page.From.Error = nil, v.Locale.Text("console.reassign.none")
			}
		}
	}
	return h.renderReassign(w, r, v, http.StatusOK, from, to, page)
}

// validateReassign sets the errors of the two fields.
func (h *Handlers) validateReassign(page *reassignPage, from, to owner, v *auth.Viewer) {
	if !from.chosen() {
		page.From.Error = v.Locale.Text("console.reassign.from.missing")
	}
	switch {
	case !to.chosen():
		page.To.Error = v.Locale.Text("console.reassign.to.missing")
	case from.chosen() && sameOwner(from, to):
		page.To.Error = v.Locale.Text("console.reassign.same")
	}
}

// confirmReassign counts the customers and describes the change.
func (h *Handlers) confirmReassign(ctx context.Context, from, to owner, v *auth.Viewer) (*reassignConfirm, error) {
	n, err := h.customerCountOf(ctx, from)
	if err != nil {
		return nil, err
	}
	known, err := h.accountStatuses(ctx, to.identity)
	if err != nil {
		return nil, err
	}
	loc := v.Locale
	many := view.Count(loc, "list.count", n)
	confirm := &reassignConfirm{From: from.String(), To: to.String(), Count: n, Button: view.Count(loc, "console.reassign.button", n)}
	switch {
	case from.unassigned:
		confirm.Text = loc.HTML("console.reassign.text.from_unassigned", "count", many, "to", to.name(v))
	case to.unassigned:
		confirm.Text = loc.HTML("console.reassign.text.to_unassigned", "count", many, "from", from.name(v))
	case from.identity == customer.Everyone:
		confirm.Text = loc.HTML("console.reassign.text.from_everyone", "count", many, "to", to.name(v))
	case to.identity == customer.Everyone:
		confirm.Text = loc.HTML("console.reassign.text.to_everyone", "count", many, "from", from.name(v))
	default:
		confirm.Text = loc.HTML("console.reassign.text", "count", many, "from", from.name(v), "to", to.name(v))
	}
	if !to.unassigned {
		switch statusOf(known, to.identity) {
		case accountDeactivated:
			confirm.Warning = loc.HTML("console.reassign.deactivated", "to", to.name(v))
		case accountUnknown:
			confirm.Warning = loc.HTML("console.reassign.no_account", "to", to.name(v))
		}
	}
	return confirm, nil
}

// customerCountOf returns the number of an owner's customers.
func (h *Handlers) customerCountOf(ctx context.Context, o owner) (int, error) {
	if o.unassigned {
		totals, err := h.Reader.Totals(ctx)
		return totals.Unassigned, err
	}
	return h.Reader.OwnerCount(ctx, o.identity)
}

func (h *Handlers) renderReassign(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, from, to owner, page reassignPage) error {
	page.pageBase = h.base(r, v, v.Locale.Text("console.reassign.title"), page.pageBase)
	fromError, toError := page.From.Error, page.To.Error
	var err error
	if page.From, err = h.currentOwners(r.Context(), v, from); err != nil {
		return err
	}
	if page.To, err = h.newOwners(r.Context(), v, to); err != nil {
		return err
	}
	page.From.Field, page.From.Label, page.From.Error = "from", v.Locale.Text("console.reassign.from"), fromError
	page.To.Field, page.To.Label, page.To.Error = "to", v.Locale.Text("console.reassign.to"), toError
	for _, re := range newest(h.Admin.Reassignments(), maxReassignmentsShown, func(re admin.Reassignment) time.Time { return re.Started }) {
		page.Recent = append(page.Recent, reassignmentRowOf(re, v))
	}
	return h.Render(w, r, v, status, "reassign", page)
}

// newOwners returns a field with everyone who can sign in, all workers, and no owner.
func (h *Handlers) newOwners(ctx context.Context, v *auth.Viewer, chosen owner) (f ownerField, err error) {
	people, err := h.activePeople(ctx, maxOptions) // with the two others, more than finish puts in a list
	if err != nil {
		return f, err
	}
	for _, identity := range people {
		o := owner{identity: identity}
		f.add(o, o.name(v), chosen)
	}
	for _, o := range []owner{{identity: customer.Everyone}, {unassigned: true}} {
		f.add(o, o.name(v), chosen)
	}
	f.finish(chosen, v)
	return f, nil
}

// Reassign starts a confirmed reassignment, unless the number of customers has changed.
func (h *Handlers) Reassign(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	from, to := parseOwner(r.PostForm.Get("from")), parseOwner(r.PostForm.Get("to"))
	page := reassignPage{}
	if h.validateReassign(&page, from, to, v); page.From.Error+page.To.Error != "" {
		return h.renderReassign(w, r, v, http.StatusUnprocessableEntity, from, to, page)
	}
	confirm, err := h.confirmReassign(r.Context(), from, to, v)
	switch {
	case err != nil:
		return err
	case confirm.Count == 0:
		page.From.Error = v.Locale.Text("console.reassign.none")
		return h.renderReassign(w, r, v, http.StatusConflict, from, to, page)
	case strconv.Itoa(confirm.Count) != r.PostForm.Get("count"):
		page.Confirm, page.Problem = confirm, v.Locale.Text("console.reassign.changed")
		return h.renderReassign(w, r, v, http.StatusConflict, from, to, page)
	}
	job, err := h.Admin.Reassign(h.auditContext(r), v.Person.Identity, from.identity, to.identity)
	switch problem := busyText(err, v); {
	case problem != "":
		page.Confirm, page.Problem = confirm, problem
		return h.renderReassign(w, r, v, http.StatusConflict, from, to, page)
	case errors.Is(err, admin.ErrSameOwner):
		page.To.Error = v.Locale.Text("console.reassign.same")
		return h.renderReassign(w, r, v, http.StatusUnprocessableEntity, from, to, page)
	case err != nil:
		return err
	}
	return view.Redirect(w, r, reassignmentHref(job.ID))
}
