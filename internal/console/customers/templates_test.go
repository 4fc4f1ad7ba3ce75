package customers

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/console/view/viewtest"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// pageStructs returns the templates with their structs, as empty and as full as they get.
func pageStructs(v *auth.Viewer) map[string][]any {
	top := pageBase{Base: ui.Base{Title: "T", Lang: v.Locale.Tag(), Dir: v.Locale.Dir(), Theme: "dark", Tab: "customers"}, External: true, Done: "d", Problem: "p"}
	full := customer.Customer{
		ID: `a"b/..&id=`, Name: "Ada", Company: "ACME", JobTitle: "Boss", Avatar: "https://example.com/a.png",
		Channels: []customer.Channel{{Type: "sms", Value: "+493012345678"}, {Type: "whatsapp", Value: "whatsapp:+493012345678"}, {Type: "email", Value: "a@example.com"}, {Type: "chat", Value: "ada"}},
		Links:    []customer.Link{{Type: "Site", Value: "https://example.com", DisplayName: "n"}}, Details: customer.Detail{Title: "t", Content: "a\nb"},
		Workers: []string{"x", "y", "z"},
	}
	other := customer.Customer{ID: "2", Name: "\u202e"}
	typed := ownerField{Field: "to", Label: "L", FreeText: true, Value: "v", Error: "e", Options: []view.Option{{Value: "of:a", Text: "a"}}}
	chosen := ownerField{Field: "whose", Label: "L", Error: "e", Options: []view.Option{{Value: "of:a", Text: "a", Selected: true}}}
	list := customersList{Rows: []customerRow{rowOf(full, "ad", v), rowOf(other, "", v)}, Query: "ad", Owner: "none", First: "/f", Next: "/n", Shown: "2"}
	shown := func(c customer.Customer) view.Shown {
		return new(view.Site).Show(httptest.NewRequest(http.MethodHead, "/", nil), v, c) // HEAD is not recorded
	}
	form := formOf(shown(full))
	form.Confirmed = "x"
	for _, name := range []string{"name", "company", "job_title", "avatar", "detail_title", "detail_text", "channels", "links", "workers", "id"} {
		form.setError(name, "wrong")
	}
	form.Channels[0].Error, form.Links[0].Error = "e", "e"
	both := compareSideBySide([]view.Shown{shown(full), shown(other)}, v)
	report := &importer.Report{
		Format: "CSV", Encoding: "UTF-8", Rows: 9, Created: 1, Updated: 2, Unchanged: 3, Skipped: 4, Rejected: 1234, PreviouslyDeleted: 2, Unassigned: 3, UnknownNumbers: 4,
		PruneScope: 100, Absent: 30, Pruned: 30, PruneRefused: true, PruneReason: "too many", FirstPruned: []importer.Pruned{{ID: "1", Name: "A"}}, UnusedColumns: []string{"a", "b"},
		Problems: []importer.Problem{{Line: 3, Outcome: importer.Rejected, Reason: "r"}, {Line: 1, Item: 2, Outcome: importer.Skipped, Reason: "r"}, {Line: 4, Outcome: importer.PreviouslyDeleted, Reason: "r"}},
		Remarks:  []importer.Problem{{Line: 5, Outcome: importer.Noted, Reason: "r"}}, MoreRemarks: 3, Notes: []string{"n"},
		OwnersWithoutAccount: []importer.OwnerCount{{Owner: "Alice Adams", Customers: 2}}, MoreOwners: 2, WithoutAccount: 9,
	}
	im := admin.Import{
		ID: "i", File: "f.csv", HasFile: true, State: admin.NeedsInput, Need: importer.NeedMap, Format: "CSV", HasRejects: true, HasProblems: true,
		Columns: []importer.Column{{Position: 1, Name: "Namé", Field: "display_name", Samples: []string{"a", "b"}}, {Position: 2, Name: "Column 2", Unnamed: true, Samples: []string{"x"}}, {Position: 3, Name: "Title", Second: "job_title", Samples: []string{"x"}}, {Position: 4, Name: "x", Fixed: true}},
		Beginning: importer.Preview{
			Encoding: "Windows-1250", EncodingAssumed: true, Sheets: []string{"a", "b"}, Sheet: "a", HeaderLine: 3, Above: []importer.PreviewRow{{Line: 1, Cells: []string{"Report"}}},
			Rows: []importer.PreviewRow{{Line: 4, Cells: []string{"Ada", "x", "y", "z"}, Customer: full, Remarks: []string{"r"}}, {Line: 5, Cells: []string{"", "", "", ""}, Outcome: importer.Rejected, Reason: "r"}},
		},
	}
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("Accept-Language", "de-AT")
	ready := importPage{pageBase: top, ID: "i", File: "f", Size: "s", By: "b", Uploaded: "u", Format: "CSV", Step: stepSettings, Status: "ready", StateText: "s", Reason: "r", Preview: true, HasRejects: true, HasProblems: true, CanSetOptions: true, CanRun: true, CanCancel: true}
	ready.report(report, v)
	ready.Options, ready.Columns, ready.MoreColumns = optionsFormOf(request, im, v), columnLines(im, v), "m"
	ready.First = previewOf(im, ready.Columns, nil, v)
	owners := ready
	owners.Options.Owners, owners.Options.Everyone, owners.Options.PruneAnyway, owners.Prune.Refused, owners.Options.Need = true, true, true, "", "region"
	failed := ready
	failed.Status, failed.Options.Need, failed.First = "failed", "worker", importPreview{}
	done := ready
	done.CanSetOptions, done.CanRun, done.CanCancel, done.Preview, done.Status, done.Step = false, false, false, false, "done", stepResult
	live := importPage{pageBase: top, Status: "running", Live: true, Percent: 40, Rows: "r", CanCancel: true}
	job := reassignmentRowOf(admin.Reassignment{ID: "j", From: "", To: "b", Total: 10, Done: 3, State: admin.Running}, v)
	ended := reassignmentRowOf(admin.Reassignment{ID: "j", From: "a", To: "", Total: 10, Done: 3, State: admin.Failed, Started: v.Now, Ended: v.Now.Add(time.Second)}, v)
	return map[string][]any{
		"customers": {
			customersPage{}, customersPage{pageBase: top, Count: "1", OwnersHint: "h", Tasks: []taskLink{{"/a", "A", "1", true, true}}, Query: "ad", Owner: chosen, List: list},
			customersPage{List: customersList{Empty: "none"}}, customersPage{List: customersList{Empty: "unassigned"}}, customersPage{List: customersList{Empty: "end", First: "/f"}}, customersPage{List: customersList{Empty: "nothing"}},
		},
		"customers-list": {list, customersList{}},
		"customers-selected": {bulkPage{}, bulkPage{
			pageBase: top, Heading: "h", Names: []string{"a"}, More: "m", IDs: []string{full.ID}, Query: "q", Owner: "none", Back: "/b",
			Workers: []string{"a", ""}, Everyone: true, Unassigned: true, Confirmed: "a\nb", Error: "e", People: []string{"p"},
		}, bulkPage{Deleting: true}},
		"customer": {customerPage{Form: customerForm{}}, customerPage{
			pageBase: top, ID: full.ID, Name: "Ada", Self: "/s", AuditHref: "/a", Form: form, Differences: differences(other, shown(full), v), Reason: "r", People: []string{"p"},
			CannotSignIn: cannotSignIn([]string{"x"}, map[string]accountStatus{"x": accountDeactivated}, v),
		}, customerPage{New: true, Form: form}},
		"deleted":    {deletedPage{}, deletedPage{pageBase: top, Rows: []deletedRow{{ID: full.ID, When: "w", By: "b"}}, First: "/f", Next: "/n", After: "a"}},
		"duplicates": {duplicatesPage{}, duplicatesPage{pageBase: top, Groups: []duplicateGroup{{Key: "k", Shared: "s", Customers: both, More: "m"}}, First: "/f", Next: "/n", After: "a"}},
		"merge":      {mergePage{}, mergePage{pageBase: top, Keep: both[0], Others: both[1:], After: "a"}},
		"export":     {exportPage{}, exportPage{pageBase: top, May: true, Count: "c", Exporters: []string{"x"}}},
		"import":     {importsPage{}, importsPage{pageBase: top, MaxSize: "m", MaxBytes: 1, Error: "e", Recent: []importRow{{"/i", "f", "b", "w", "failed", "s"}}}},
		"import-one": {importPage{}, ready, owners, failed, done, live}, "import-body": {importPage{}, ready}, "import-live": {live, done}, "import-error": {importsPage{}, importsPage{Error: "e", Reason: "r"}},
		"reassign":     {reassignPage{}, reassignPage{pageBase: top, From: typed, To: chosen, Confirm: &reassignConfirm{"t", "w", "of:a", "of:b", 3, "b"}, Recent: []reassignmentRow{job, ended}}},
		"reassignment": {reassignmentPage{}, reassignmentPage{pageBase: top, reassignmentRow: job, ID: "j", Live: true, Percent: 30}, reassignmentPage{reassignmentRow: ended, Reason: "r", AuditHref: "/a"}},
		"owners": {ownersPage{}, ownersPage{
			pageBase: top, Import: "i", File: "f", Summary: "s", More: "m", People: []string{"p"},
			Owners:  []ownerRow{{Owner: "o", Name: "o", Customers: "1", Href: "/h", AddHref: "/a", Error: "e", People: []view.Option{{Value: "p", Text: "p", Selected: true}}}, {Person: "p"}},
			SignIn:  []ownerRow{{Owner: "o", Name: "o", Customers: "1", Href: "/h"}},
			Matches: []matchRow{{Owner: "o", Name: "o", Person: "p", PersonHref: "/p", ChangeHref: "/c", Deactivated: true}, {Owner: "x"}},
		}},
		"reassignment-live": {reassignmentPage{Live: true}},
	}
}

func TestTemplates_FitTheirStructs(t *testing.T) {
	viewtest.CheckPages(t, "..", 16, pageStructs)
}
