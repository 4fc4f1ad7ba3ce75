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

// jobPage is one reassignment, running or ended.
type jobPage struct {
	pageBase
	jobRow
	ID   string
	Live bool
	// Percent is the progress, and Moved the number of customers moved.
	Percent   int
	Moved     string
	Reason    string
	AuditHref string
}

// jobRow is one reassignment of a list.
type jobRow struct {
	Href string
	Text template.HTML
	By   string
	When template.HTML
	// Status is the job's state, as package admin names it.
	Status string
	// Result describes the state.
	Result string
}

// maxJobsShown is how many of the latest reassignments are listed.
const maxJobsShown = 10

func jobHref(id string) string { return view.Href(view.JobPath, "id", id) }

// jobOwner returns the owner that a job names: "" is unassigned.
func jobOwner(identity string) owner { return owner{identity: identity, unassigned: identity == ""} }

func rowOfJob(j admin.Job, v *auth.Viewer) jobRow {
	loc := v.Locale
	row := jobRow{
		Href: jobHref(j.ID), By: view.Line(j.By, view.MaxCell), When: v.TimeHTML(j.Started), Status: string(j.State),
		Text: loc.HTML("console.job.text", "from", jobOwner(j.From).name(v), "to", jobOwner(j.To).name(v)),
	}
	switch took := j.Ended.Sub(j.Started).Round(100 * time.Millisecond); {
	case j.State == admin.Done && took < time.Second:
		row.Result = loc.Text("console.job.quick", "moved", view.Count(loc, "list.count", j.Done))
		return row
	case j.State == admin.Done:
		row.Result = loc.Text("console.job.done", "moved", view.Count(loc, "list.count", j.Done), "time", view.Duration(took, loc))
		return row
	}
	switch j.State {
	case admin.Cancelled:
		row.Result = loc.Text("console.job.cancelled", "moved", view.Count(loc, "list.count", j.Done))
	case admin.Failed:
		row.Result = loc.Text("console.job.failed", "moved", view.Count(loc, "list.count", j.Done))
	default:
		row.Result = loc.Text("console.job.running", "done", view.Grouped(j.Done, loc), "all", view.Grouped(j.Total, loc))
	}
	return row
}

// ShowJob shows one reassignment.
func (h *Handlers) ShowJob(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	job, err := h.Admin.Job(r.URL.Query().Get("id"))
	if err != nil {
		return err
	}
	page := jobPage{pageBase: h.base(r, v, v.Locale.Text("console.job.title")), jobRow: rowOfJob(job, v), ID: job.ID, Reason: job.Problem}
	page.Live = job.State == admin.Importing
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
		return h.Render(w, r, v, http.StatusOK, "job-live", page)
	}
	return h.Render(w, r, v, http.StatusOK, "job", page)
}

// CancelJob stops a reassignment. Customers already moved stay with their new owner.
func (h *Handlers) CancelJob(w http.ResponseWriter, r *http.Request, _ *auth.Viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	id := r.PostForm.Get("id")
	if err := h.Admin.CancelJob(h.auditContext(r), id); err != nil && !errors.Is(err, admin.ErrNotReady) {
		return err
	}
	return view.Redirect(w, r, jobHref(id))
}
