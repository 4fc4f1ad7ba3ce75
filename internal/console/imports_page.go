package console

import (
	"html/template"
	"net/http"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// importPage is one uploaded file: what it was understood to be, what it would come
// to, and what became of it.
type importPage struct {
	pageBase
	ID, File, Size, By string
	Uploaded           template.HTML
	Format, Encoding   string
	Status, StateText  string // how it stands; State is the page's own
	// Live tells that something goes on: the page asks again. Percent is how far.
	Live    bool
	Percent int
	Rows    string
	// Reason is why it stands where it stands, in the importer's own English.
	Reason string
	// Figures are what it would come to (Ready) or came to; Preview tells which.
	Figures []importFigure
	Preview bool
	Choices choicesForm
	// Prune is what is known of customers whom the file no longer has.
	Prune                        pruneCard
	Problems                     []importProblem
	MoreProblems, Unused         string
	HasRejects                   bool
	CanChoose, CanRun, CanCancel bool
}

// importFigure is one number, Tone how it is meant: "", "good" or "bad".
type importFigure struct{ Name, Value, Tone string }

type importProblem struct{ Where, Tag, Reason string }

// pruneCard tells of customers whom the file no longer has.
type pruneCard struct {
	// Text says how many they are; Refused that they are spared for being so many.
	Text    string
	Refused string
	// Localized tells that Refused is in the visitor's language, not in the importer's.
	Localized bool
	// MayInsist tells that the administrator can have them deleted all the same.
	MayInsist bool
	Names     []string
	More      string
}

// maxProblemsShown is how many rows with problems the page lists; the file of rejected
// rows has them all.
const maxProblemsShown = 50

func (c *console) ShowImport(w http.ResponseWriter, r *http.Request, v *visit) error {
	im, err := c.Admin.Import(r.URL.Query().Get("id"))
	if err != nil {
		return err
	}
	page := importPage{Choices: choicesFormOf(im)}
	if r.URL.Query().Get("done") == "checked" {
		page.Problem = v.Locale.Text("console.import.changed")
	}
	return c.renderImport(w, r, v, http.StatusOK, im, page)
}

func (c *console) renderImport(w http.ResponseWriter, r *http.Request, v *visit, status int, im admin.Import, page importPage) error {
	top := c.base(r, v, shownFile(im.File))
	top.Done, top.Problem = page.Done, page.Problem
	page.pageBase = top
	page.ID, page.File, page.By = im.ID, shownFile(im.File), Line(im.By, MaxCell)
	page.Size, page.Uploaded = Size(im.Size, v.Locale), v.TimeHTML(im.Uploaded)
	page.Status, page.StateText, page.Format = string(im.State), importState(im.State, v), im.Format
	if page.Reason == "" {
		page.Reason = im.Problem
		if im.State == admin.Choosing && im.Need == importer.NeedOwner {
			page.Reason = "" // the field says it, in the visitor's language
		}
	}
	page.Live = im.State == admin.Checking || im.State == admin.Importing
	// A file whose import failed waits to be tried again, or given up.
	again := im.State == admin.Failed && im.Kept
	page.CanChoose = im.State == admin.Choosing || im.State == admin.Ready || again
	page.CanCancel = page.Live || page.CanChoose
	page.CanRun = im.State == admin.Ready || again && im.Preview != nil
	page.HasRejects = im.HasRejects
	if page.Live {
		page.Refresh = 2
		if im.Size > 0 {
			page.Percent = int(min(100, im.Progress.Bytes*100/im.Size))
		}
		page.Rows = Count(v.Locale, "console.import.rows", im.Progress.Rows)
	}
	report := im.Report
	if report == nil && !page.Live {
		report, page.Preview = im.Preview, true
	}
	if report != nil {
		page.report(report, v)
	}
	if page.CanChoose {
		_, people, err := c.accountStatuses(r.Context())
		if err != nil {
			return err
		}
		page.Choices.People = suggestions(people)
		page.Choices.describe(im, v)
	}
	auth.SetPrivate(w)
	if auth.Fragment(r) == "live" {
		return c.pages.Render(w, r, status, v.Locale, "import-live", page)
	}
	return c.pages.Render(w, r, status, v.Locale, "import-one", page)
}

// report puts what an import came to, or would, on the page.
func (p *importPage) report(report *importer.Report, v *visit) {
	w := v.Locale
	p.Encoding = report.Encoding
	if p.Format == "" {
		p.Format = report.Format
	}
	add := func(key string, n int, tone string, always bool) {
		if n > 0 || always {
			p.Figures = append(p.Figures, importFigure{w.Text(key), Grouped(n, w), tone})
		}
	}
	add("console.import.created", report.Created, "good", true)
	add("console.import.updated", report.Updated, "good", true)
	add("console.import.unchanged", report.Unchanged, "", true)
	add("console.import.skipped", report.Skipped, "", false)
	add("console.import.rejected", report.Rejected, "bad", false)
	add("console.import.removed", report.Removed, "bad", false)
	add("console.import.pruned", report.Pruned, "bad", false)
	add("console.import.unassigned", report.Unassigned, "", false)
	add("console.import.numbers", report.UnknownNumbers, "", false)
	p.prune(report, v)
	for _, list := range [][]importer.Problem{report.Problems, report.Remarks} {
		for _, problem := range list {
			if len(p.Problems) < maxProblemsShown {
				p.Problems = append(p.Problems, importProblem{rowLocation(problem, v), outcomeTag(problem.Outcome, v), problem.Reason})
			}
		}
	}
	more := len(report.Problems) + report.MoreProblems + len(report.Remarks) + report.MoreRemarks - len(p.Problems)
	if more > 0 {
		p.MoreProblems = Count(w, "console.import.more", more)
	}
	for i, name := range report.Unused {
		if i > 0 {
			p.Unused += ", "
		}
		p.Unused += Line(name, 60)
		if i == 19 && len(report.Unused) > 20 {
			p.Unused += " …"
			break
		}
	}
}

// prune says how many customers the file no longer has, when that was asked for.
func (p *importPage) prune(report *importer.Report, v *visit) {
	w := v.Locale
	if report.PruneRefused {
		p.Prune.MayInsist = !report.PruneUnread && report.Created+report.Updated+report.Unchanged > 0
		if p.Prune.Refused = report.PruneReason; p.Prune.MayInsist { // for being so many, which has words of our own
			p.Prune.Refused, p.Prune.Localized = w.Text("console.import.refused"), true
		}
	}
	if report.Absent == 0 {
		return
	}
	p.Prune.Text = w.Text("console.import.absent", "absent", Count(w, "list.count", report.Absent), "all", Grouped(report.PruneScope, w))
	for _, absent := range report.FirstPruned {
		if len(p.Prune.Names) == maxNamesShown {
			break
		}
		p.Prune.Names = append(p.Prune.Names, displayName(customer.Customer{Name: absent.Name}, v))
	}
	if more := report.Absent - len(p.Prune.Names); more > 0 && len(p.Prune.Names) > 0 {
		p.Prune.More = Count(w, "console.customers.others", more)
	}
}

// rowLocation names the place of a row.
func rowLocation(p importer.Problem, v *visit) string {
	if p.Item > 0 {
		return v.Locale.Text("console.import.item", "line", Grouped(p.Line, v.Locale), "item", Grouped(p.Item, v.Locale))
	}
	return v.Locale.Text("console.import.line", "line", Grouped(p.Line, v.Locale))
}

func outcomeTag(outcome string, v *visit) string {
	switch outcome {
	case importer.Rejected:
		return v.Locale.Text("console.import.row.rejected")
	case importer.Skipped:
		return v.Locale.Text("console.import.row.skipped")
	case importer.Removed:
		return v.Locale.Text("console.import.row.removed")
	}
	return v.Locale.Text("console.import.row.noted")
}
