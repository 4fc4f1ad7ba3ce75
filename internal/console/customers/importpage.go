package customers

import (
	"html/template"
	"net/http"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// The steps of an import.
const (
	stepFile = iota + 1
	stepSettings
	stepResult
)

// importPage is one import: its options, what it would change, and its result.
type importPage struct {
	pageBase
	ID, File, Size, By string
	Uploaded           template.HTML
	Format, Encoding   string
	Step               int
	Status, StateText  string // the import's state; ui.Base has State
	// Outcome says what became of a canceled import.
	Outcome string
	// Live reports whether it is running: the page refreshes. Percent is its progress, 0 when
	// that is unknown.
	Live    bool
	Percent int
	Rows    string
	// Reason is why it is in this state, in the importer's English.
	Reason string
	// Figures are what it would change, with Preview, or what it has changed.
	Figures []importFigure
	Preview bool
	Options optionsForm
	// Columns are the columns of the file, and First is its beginning.
	Columns     []columnLine
	MoreColumns string
	First       importPreview
	// Numbers says how many phone numbers have no country code, "" for none.
	Numbers string
	// Owners are those without an account.
	Owners importOwners
	// Notes are about the file as a whole, in the importer's English.
	Notes []string
	// Prune is about customers that the file no longer has.
	Prune                            pruneCard
	Problems                         []importProblem
	MoreProblems, Unused             string
	HasRejects, HasProblems          bool
	CanSetOptions, CanRun, CanCancel bool
	// Deletes is the label of the button that imports and deletes customers.
	Deletes string
}

// importFigure is one number. Tone is that of a tag: "", "good", toneDecide or toneRefused.
type importFigure struct{ Name, Value, Tone string }

// The tones of what needs a decision, and of what was refused.
const (
	toneDecide  = "decide"
	toneRefused = "bad"
)

// importOwners are the owners without an account. Text says how many they are.
type importOwners struct {
	Text  string
	Names []importFigure
	More  string
}

type importProblem struct{ Where, Tag, Tone, Reason string }

// pruneCard is about customers that the file no longer has.
type pruneCard struct {
	// Text says how many there are; Refused why they are not deleted.
	Text    string
	Refused string
	// Localized reports whether Refused is in the viewer's language, rather than the
	// importer's English.
	Localized bool
	// MayPruneAnyway reports whether the administrator can have them deleted anyway.
	MayPruneAnyway bool
	Names          []string
	More           string
}

// maxProblemsShown is how many problems the page lists. The report to download has all.
const maxProblemsShown = 50

// ShowImport shows one import.
func (h *Handlers) ShowImport(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	im, err := h.Admin.Import(r.URL.Query().Get("id"))
	if err != nil {
		return err
	}
	var page importPage
	if r.URL.Query().Get("done") == "checked" {
		page.Problem = v.Locale.Text("console.import.changed")
	}
	return h.renderImport(w, r, v, http.StatusOK, im, page)
}

func (h *Handlers) renderImport(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, im admin.Import, page importPage) error {
	page.pageBase = h.base(r, v, shownFile(im.File), page.pageBase)
	page.ID, page.File, page.By = im.ID, shownFile(im.File), view.Line(im.By, view.MaxCell)
	page.Size, page.Uploaded = view.Size(im.Size, v.Locale), v.TimeHTML(im.Uploaded)
	page.Status, page.StateText, page.Format = string(shownState(im)), importState(im, v), im.Format
	if page.Reason == "" {
		page.Reason = im.Problem
		if im.State == admin.NeedsInput && (im.Need == importer.NeedOwner || im.Need == importer.NeedName) {
			page.Reason = "" // the field says it, in the viewer's language
		}
	}
	page.Live = im.State == admin.Checking || im.State == admin.Running
	page.CanSetOptions = im.HasFile && im.State != admin.Running
	page.CanCancel = page.Live || page.CanSetOptions
	page.CanRun = shownState(im) == admin.Ready || im.State == admin.Failed && im.HasFile && im.Preview != nil
	page.HasRejects, page.HasProblems = im.HasRejects, im.HasProblems
	if page.Step = stepSettings; !page.CanSetOptions {
		page.Step = stepResult
	}
	if im.State == admin.Canceled {
		page.Outcome = v.Locale.Text("console.import.cancelled.nothing")
		if im.Report != nil {
			page.Outcome = v.Locale.Text("console.import.cancelled.part")
		}
	}
	if page.Live {
		page.Refresh = 2
		if im.Size > 0 && im.Format != "Excel" { // a workbook is copied first, so its bytes say nothing
			page.Percent = int(min(100, im.Progress.Bytes*100/im.Size))
		}
		page.Rows = view.Count(v.Locale, "console.import.rows", im.Progress.Rows)
	}
	report := im.Report
	if report == nil && !page.Live {
		report, page.Preview = im.Preview, true
	}
	if report != nil {
		page.report(report, v)
	}
	if page.Preview && im.Preview != nil && im.Preview.Pruned > 0 {
		page.Deletes = v.Locale.Text("console.import.run.delete", "customers", view.Count(v.Locale, "list.count", im.Preview.Pruned))
	}
	if page.CanSetOptions {
		if err := h.settings(r, v, im, &page); err != nil {
			return err
		}
	}
	switch auth.Fragment(r) {
	case "live":
		return h.Render(w, r, v, status, "import-live", page)
	case "import":
		return h.Render(w, r, v, status, "import-body", page)
	}
	return h.Render(w, r, v, status, "import-one", page)
}

// settings adds the form with the options, and the beginning of the file as they make it.
func (h *Handlers) settings(r *http.Request, v *auth.Viewer, im admin.Import, page *importPage) error {
	var owners []string
	for _, row := range im.Beginning.Rows {
		owners = append(owners, row.Customer.Workers...)
	}
	accounts, err := h.accountStatuses(r.Context(), owners...)
	if err != nil {
		return err
	}
	page.Options = optionsFormOf(r, im, v)
	page.Options.Countries.keepFitting(incompleteNumbers(im.Beginning))
	if page.Options.People, err = h.activePeople(r.Context(), view.MaxSuggestions); err != nil {
		return err
	}
	page.Columns = columnLines(im, v)
	if more := len(im.Columns) - len(page.Columns); more > 0 {
		page.MoreColumns = view.Count(v.Locale, "console.import.columns.more", more)
	}
	page.First = previewOf(im, page.Columns, accounts, v)
	return nil
}

// report adds a report.
func (p *importPage) report(report *importer.Report, v *auth.Viewer) {
	loc := v.Locale
	p.Notes = report.Notes
	if report.Sheet == "" { // a workbook is no text
		p.Encoding = report.Encoding
	}
	if p.Format == "" {
		p.Format = report.Format
	}
	add := func(key string, n int, tone string, always bool) {
		if n == 0 {
			tone = ""
		}
		if n > 0 || always {
			p.Figures = append(p.Figures, importFigure{loc.Text(key), view.Grouped(n, loc), tone})
		}
	}
	add("console.import.created", report.Created, "good", true)
	add("console.import.updated", report.Updated, "good", true)
	add("console.import.unchanged", report.Unchanged, "", true)
	add("console.import.skipped", report.Skipped, "", false)
	add("console.import.rejected", report.Rejected, toneRefused, false)
	add("console.import.previously_deleted", report.PreviouslyDeleted, toneRefused, false)
	add("console.import.pruned", report.Pruned, toneRefused, false)
	add("console.customers.all_unassigned", report.Unassigned, toneDecide, false)
	add("console.import.numbers", report.UnknownNumbers, toneDecide, false)
	if report.UnknownNumbers > 0 {
		p.Numbers = view.Count(loc, "console.import.numbers.text", report.UnknownNumbers)
	}
	p.owners(report, v)
	p.prune(report, v)
	for _, list := range [][]importer.Problem{report.Problems, report.Remarks} {
		for _, problem := range list {
			if len(p.Problems) < maxProblemsShown {
				p.Problems = append(p.Problems, importProblem{rowLocation(problem, v), outcomeTag(problem.Outcome, v), outcomeTone(problem.Outcome), problem.Reason})
			}
		}
	}
	more := len(report.Problems) + report.MoreProblems + len(report.Remarks) + report.MoreRemarks - len(p.Problems)
	if more > 0 {
		p.MoreProblems = view.Count(loc, "console.import.more", more)
	}
	for i, name := range report.UnusedColumns {
		if i > 0 {
			p.Unused += ", "
		}
		p.Unused += view.Line(name, 60)
		if i == 19 && len(report.UnusedColumns) > 20 {
			p.Unused += " …"
			break
		}
	}
}

// owners adds the owners without an account.
func (p *importPage) owners(report *importer.Report, v *auth.Viewer) {
	loc := v.Locale
	all := len(report.OwnersWithoutAccount) + report.MoreOwners
	if all == 0 {
		return
	}
	p.Owners.Text = loc.Text("console.owners.summary", "owners", view.Count(loc, "console.owners.count", all), "customers", view.Count(loc, "list.count", report.WithoutAccount))
	for _, o := range report.OwnersWithoutAccount[:min(len(report.OwnersWithoutAccount), maxNamesShown)] {
		p.Owners.Names = append(p.Owners.Names, importFigure{Name: view.Line(o.Owner, view.MaxCell), Value: view.Count(loc, "list.count", o.Customers)})
	}
	if more := all - len(p.Owners.Names); more > 0 {
		p.Owners.More = view.Count(loc, "console.import.more", more)
	}
}

// prune adds how many customers the file no longer has, when pruning was requested.
func (p *importPage) prune(report *importer.Report, v *auth.Viewer) {
	loc := v.Locale
	if report.PruneRefused {
		p.Prune.MayPruneAnyway = !report.PruneUnread && report.Created+report.Updated+report.Unchanged > 0
		if p.Prune.Refused = report.PruneReason; p.Prune.MayPruneAnyway { // there are too many of them, which has a message
			p.Prune.Refused, p.Prune.Localized = loc.Text("console.import.refused"), true
		}
	}
	if report.Absent == 0 {
		return
	}
	p.Prune.Text = loc.Text("console.import.absent", "absent", view.Count(loc, "list.count", report.Absent), "all", view.Grouped(report.PruneScope, loc))
	for _, absent := range report.FirstPruned {
		if len(p.Prune.Names) == maxNamesShown {
			break
		}
		p.Prune.Names = append(p.Prune.Names, displayName(absent.Name, v))
	}
	if more := report.Absent - len(p.Prune.Names); more > 0 && len(p.Prune.Names) > 0 {
		p.Prune.More = view.Count(loc, "console.customers.others", more)
	}
}

// rowLocation names the line of a problem.
func rowLocation(p importer.Problem, v *auth.Viewer) string {
	if p.Item > 0 {
		return v.Locale.Text("console.import.item", "line", view.Grouped(p.Line, v.Locale), "item", view.Grouped(p.Item, v.Locale))
	}
	return v.Locale.Text("console.import.line", "line", view.Grouped(p.Line, v.Locale))
}
