package customers

import (
	"errors"
	"html/template"
	"net/http"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// reassignmentPage is one reassignment, running or ended.
type reassignmentPage struct {
	pageBase
	reassignmentRow
	ID   string
	Live bool
	// Percent is the progress, and Moved the number of customers moved.
	Percent   int
	Moved     string
	Reason    string
	AuditHref string
}

// reassignmentRow is one reassignment of a list.
type reassignmentRow struct {
	Href string
	Text template.HTML
	By   string
	When template.HTML
	// Status is the reassignment's state, as package admin names it.
	Status string
	// Result describes the state.
	Result string
}

// maxReassignmentsShown is how many of the latest reassignments are listed.
const maxReassignmentsShown = 10

func reassignmentHref(id string) string { return view.Href(view.ReassignmentPath, "id", id) }

// ownerOf returns the owner that a reassignment names: "" is unassigned.
func ownerOf(identity string) owner { return owner{identity: identity, unassigned: identity == ""} }

func reassignmentRowOf(r admin.Reassignment, v *auth.Viewer) reassignmentRow {
	loc := v.Locale
	row := reassignmentRow{
		Href: reassignmentHref(r.ID), By: view.Line(r.By, view.MaxCell), When: v.TimeHTML(r.Started), Status: string(r.State),
		Text: loc.HTML("console.reassignment.text", "from", ownerOf(r.From).name(v), "to", ownerOf(r.To).name(v)),
	}
	switch took := r.Ended.Sub(r.Started).Round(100 * time.Millisecond); {
	case r.State == admin.Done && took < time.Second:
		row.Result = loc.Text("console.reassignment.quick", "moved", view.Count(loc, "list.count", r.Done))
		return row
	case r.State == admin.Done:
		row.Result = loc.Text("console.reassignment.done", "moved", view.Count(loc, "list.count", r.Done), "time", view.Duration(took, loc))
		return row
	}
	switch r.State {
	case admin.Canceled:
		row.Result = loc.Text("console.reassignment.cancelled", "moved", view.Count(loc, "list.count", r.Done))
	case admin.Failed:
		row.Result = loc.Text("console.reassignment.failed", "moved", view.Count(loc, "list.count", r.Done))
	default:
		row.Result = loc.Text("console.reassignment.running", "done", view.Grouped(r.Done, loc), "all", view.Grouped(r.Total, loc))
	}
	return row
}

// ShowReassignment shows one reassignment.
func (h *Handlers) ShowReassignment(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	job, err := h.Admin.Reassignment(r.URL.Query().Get("id"))
	if err != nil {
		return err
	}
	page := reassignmentPage{pageBase: h.base(r, v, v.Locale.Text("console.reassignment.title"), pageBase{}), reassignmentRow: reassignmentRowOf(job, v), ID: job.ID, Reason: job.Problem}
	page.Live = job.State == admin.Running
	page.AuditHref = view.AuditPath
	if job.From != "" {
		page.AuditHref = view.AuditOfSubjectHref(job.From)
	}
	if job.Total > 0 {
		page.Percent = min(100, job.Done*100/job.Total)
	}
	if page.Live {
		page.Refresh = 2
	}
	if auth.Fragment(r) == "live" {
		return h.Render(w, r, v, http.StatusOK, "reassignment-live", page)
	}
	return h.Render(w, r, v, http.StatusOK, "reassignment", page)
}

// CancelReassignment stops a reassignment. Customers already moved stay with their new owner.
func (h *Handlers) CancelReassignment(w http.ResponseWriter, r *http.Request, _ *auth.Viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	id := r.PostForm.Get("id")
	if err := h.Admin.CancelReassignment(h.auditContext(r), id); err != nil && !errors.Is(err, admin.ErrNotReady) {
		return err
	}
	return view.Redirect(w, r, reassignmentHref(id))
}
