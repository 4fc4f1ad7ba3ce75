package console

import (
	"cmp"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// JobPath is where one reassignment shows how far it is.
const JobPath = "/console/customers/reassign/job"

// jobPage is a reassignment that goes on, or the record of one.
type jobPage struct {
	pageBase
	jobRow
	ID   string
	Live bool
	// Percent is how far it is, Moved how many customers that are.
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
	// Status is how far it is, as the office calls it.
	Status string
	// Result says how it stands, in words.
	Result string
}

// maxJobsShown is how many of the last reassignments are listed.
const maxJobsShown = 10

// recentJobs are the last reassignments, the newest first.
func recentJobs(all []admin.Job) []admin.Job {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b admin.Job) int { return cmp.Compare(b.Started.UnixNano(), a.Started.UnixNano()) })
	if len(all) > maxJobsShown {
		all = all[:maxJobsShown]
	}
	return all
}

func jobHref(id string) string { return JobPath + "?id=" + escapeQuery(id) }

// jobOwner is somebody as a job names them: "" is nobody.
func jobOwner(identity string) owner { return owner{identity: identity, unassigned: identity == ""} }

func rowOfJob(j admin.Job, v *visit) jobRow {
	w := v.Locale
	row := jobRow{
		Href: jobHref(j.ID), By: Line(j.By, MaxCell), When: v.TimeHTML(j.Started), Status: string(j.State),
		Text: w.HTML("console.job.text", "from", jobOwner(j.From).name(v), "to", jobOwner(j.To).name(v)),
	}
	switch took := j.Ended.Sub(j.Started).Round(100 * time.Millisecond); {
	case j.State == admin.Done && took < time.Second:
		row.Result = w.Text("console.job.quick", "moved", Count(w, "list.count", j.Done))
		return row
	case j.State == admin.Done:
		row.Result = w.Text("console.job.done", "moved", Count(w, "list.count", j.Done), "time", Duration(took, w))
		return row
	}
	switch j.State {
	case admin.Cancelled:
		row.Result = w.Text("console.job.cancelled", "moved", Count(w, "list.count", j.Done))
	case admin.Failed:
		row.Result = w.Text("console.job.failed", "moved", Count(w, "list.count", j.Done))
	default:
		row.Result = w.Text("console.job.running", "done", Grouped(j.Done, w), "all", Grouped(j.Total, w))
	}
	return row
}

func (c *console) ShowJob(w http.ResponseWriter, r *http.Request, v *visit) error {
	job, err := c.Admin.Job(r.URL.Query().Get("id"))
	if err != nil {
		return err
	}
	page := jobPage{pageBase: c.base(r, v, v.Locale.Text("console.job.title")), jobRow: rowOfJob(job, v), ID: job.ID, Reason: job.Problem}
	page.Live = job.State == admin.Importing
	page.AuditHref = "/console/audit"
	if job.From != "" {
		page.AuditHref += "?subject=" + escapeQuery(job.From)
	}
	if job.Total > 0 {
		page.Percent = min(100, job.Done*100/job.Total)
	}
	if page.Live {
		page.Refresh = 2
	}
	auth.SetPrivate(w)
	if auth.Fragment(r) == "live" {
		return c.pages.Render(w, r, http.StatusOK, v.Locale, "job-live", page)
	}
	return c.pages.Render(w, r, http.StatusOK, v.Locale, "job", page)
}

// CancelJob stops a reassignment; whoever is moved stays so.
func (c *console) CancelJob(w http.ResponseWriter, r *http.Request, _ *visit) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	id := r.PostForm.Get("id")
	if err := c.Admin.CancelJob(c.actingContext(r), id); err != nil && !errors.Is(err, admin.ErrNotReady) {
		return err
	}
	http.Redirect(w, r, jobHref(id), http.StatusSeeOther)
	return nil
}
