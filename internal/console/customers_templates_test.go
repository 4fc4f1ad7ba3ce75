package console

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// customersStructs are the templates about customers with their structs: as empty and
// as full as they get.
func customersStructs(v *visit) map[string][]any {
	top := customersTop{Base: ui.Base{Title: "T", Lang: v.Locale.Tag(), Dir: v.Locale.Dir(), Theme: "dark", Tab: "customers"}, Foreign: true, Done: "d", Problem: "p"}
	full := customer.Customer{
		ID: `a"b/..&id=`, Name: "Ada", Company: "ACME", JobTitle: "Boss", Avatar: "https://example.com/a.png",
		Channels: []customer.Channel{{Type: "sms", Value: "+493012345678"}, {Type: "whatsapp", Value: "whatsapp:+493012345678"}, {Type: "email", Value: "a@example.com"}, {Type: "chat", Value: "ada"}},
		Links:    []customer.Link{{Type: "Site", Value: "https://example.com", DisplayName: "n"}}, Details: customer.Detail{Title: "t", Content: "a\nb"},
		Workers: []string{"x", "y", "z"},
	}
	other := customer.Customer{ID: "2", Name: "\u202e"}
	typed := pick{Field: "to", Label: "L", Typed: true, Value: "v", Error: "e", Options: []pickOption{{"of:a", "a", false}}}
	chosen := pick{Field: "whose", Label: "L", Error: "e", Options: []pickOption{{"of:a", "a", true}}}
	list := customersList{Rows: []customerRow{rowOf(full, "ad", v), rowOf(other, "", v)}, Query: "ad", Whose: "none", First: "/f", Next: "/n", Shown: "2"}
	form := formOf(full)
	form.Sure = "x"
	for _, name := range []string{"name", "company", "job_title", "avatar", "detail_title", "detail_text", "channels", "links", "workers", "id"} {
		form.wrong(name, "wrong")
	}
	form.Channels[0].Error, form.Links[0].Error = "e", "e"
	both := twins([]customer.Customer{full, other}, v)
	report := &importer.Report{
		Format: "CSV", Encoding: "UTF-8", Rows: 9, Created: 1, Updated: 2, Unchanged: 3, Skipped: 4, Rejected: 1234, Removed: 2, Unassigned: 3, UnknownNumbers: 4,
		PruneScope: 100, Absent: 30, Pruned: 30, PruneRefused: true, PruneReason: "too many", FirstPruned: []importer.Pruned{{ID: "1", Name: "A"}}, Unused: []string{"a", "b"},
		Problems: []importer.Problem{{Line: 3, Outcome: importer.Rejected, Reason: "r"}, {Line: 1, Item: 2, Outcome: importer.Skipped, Reason: "r"}, {Line: 4, Outcome: importer.Removed, Reason: "r"}},
		Remarks:  []importer.Problem{{Line: 5, Outcome: importer.Noted, Reason: "r"}}, MoreRemarks: 3,
	}
	im := admin.Import{ID: "i", File: "f.csv", State: admin.Choosing, Need: importer.NeedMap, Columns: []importer.Column{{Name: "Namé", Field: "display_name", Samples: []string{"a", "b"}}, {Name: "x"}}}
	ready := importPage{customersTop: top, ID: "i", File: "f", Size: "s", By: "b", Uploaded: "u", Format: "CSV", Stands: "ready", StateText: "s", Reason: "r", Preview: true, Choices: formOfChoices(im), HasRejects: true, CanChoose: true, CanRun: true, CanEnd: true}
	ready.report(report, v)
	ready.Choices.describe(im, v)
	ready.Choices.Need, ready.Choices.MoreColumns = "worker", "m"
	owners := ready
	owners.Choices.Owners, owners.Choices.Everyone, owners.Choices.Insist, owners.Prune.Refused, owners.Choices.Need = true, true, true, "", "region"
	done := ready
	done.CanChoose, done.CanRun, done.CanEnd, done.Preview, done.Stands = false, false, false, false, "done"
	live := importPage{customersTop: top, Stands: "importing", Live: true, Percent: 40, Rows: "r", CanEnd: true}
	job := rowOfJob(admin.Job{ID: "j", From: "", To: "b", Total: 10, Done: 3, State: admin.Importing}, v)
	ended := rowOfJob(admin.Job{ID: "j", From: "a", To: "", Total: 10, Done: 3, State: admin.Failed, Started: v.Now, Ended: v.Now.Add(time.Second)}, v)
	return map[string][]any{
		"customers": {
			customersPage{}, customersPage{customersTop: top, Count: "1", Work: []workLink{{"/a", "A", "1", true, true}}, Query: "ad", Whose: chosen, List: list},
			customersPage{List: customersList{Empty: "none"}}, customersPage{List: customersList{Empty: "nobodys"}}, customersPage{List: customersList{Empty: "end", First: "/f"}}, customersPage{List: customersList{Empty: "nothing"}},
		},
		"customers-list": {list, customersList{}},
		"customers-chosen": {chosenPage{}, chosenPage{
			customersTop: top, Heading: "h", Names: []string{"a"}, More: "m", IDs: []string{full.ID}, Query: "q", Whose: "none", Back: "/b",
			Workers: []string{"a", ""}, Everyone: true, Nobody: true, Sure: "a\nb", Error: "e", People: []string{"p"},
		}, chosenPage{Deleting: true}},
		"customer": {onePage{Form: customerForm{}}, onePage{
			customersTop: top, ID: full.ID, Name: "Ada", Self: "/s", AuditHref: "/a", Form: form, Now: differences(other, full, v), Reason: "r", People: []string{"p"},
			Strangers: strangers([]string{"x"}, map[string]standing{"x": isDeactivated}, v),
		}, onePage{New: true, Form: form}},
		"deleted":    {deletedPage{}, deletedPage{customersTop: top, Rows: []deletedRow{{ID: full.ID, When: "w", By: "b"}}, First: "/f", Next: "/n", After: "a"}},
		"duplicates": {duplicatesPage{}, duplicatesPage{customersTop: top, Groups: []duplicateGroup{{Key: "k", Shared: "s", Twins: both, More: "m"}}, First: "/f", Next: "/n", After: "a"}},
		"merge":      {mergePage{}, mergePage{customersTop: top, Keep: both[0], Others: both[1:], After: "a"}},
		"export":     {exportPage{}, exportPage{customersTop: top, May: true, Count: "c", Exporters: []string{"x"}}},
		"import":     {importsPage{}, importsPage{customersTop: top, Most: "m", MostBytes: 1, Error: "e", Recent: []importRow{{"/i", "f", "b", "w", "failed", "s"}}}},
		"import-one": {importPage{}, ready, owners, done, live}, "import-live": {live, done}, "import-error": {importsPage{}, importsPage{Error: "e", Reason: "r"}},
		"reassign": {reassignPage{}, reassignPage{customersTop: top, From: typed, To: chosen, Confirm: &confirmMove{"t", "w", "of:a", "of:b", 3, "b"}, Recent: []jobRow{job, ended}}},
		"job":      {jobPage{}, jobPage{customersTop: top, jobRow: job, ID: "j", Live: true, Percent: 30}, jobPage{jobRow: ended, Reason: "r", AuditHref: "/a"}},
		"job-live": {jobPage{Live: true}},
	}
}

func TestEveryTemplateAboutCustomersFitsItsStruct(t *testing.T) {
	c := &console{Options: Options{Logger: slog.New(slog.DiscardHandler), Now: time.Now}}
	if err := c.load(); err != nil {
		t.Fatal(err)
	}
	for _, l := range languages(t) {
		v := &visit{Locale: l, Zone: time.UTC, Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
		for name, structs := range customersStructs(v) {
			for i, page := range structs {
				body, err := c.pages.Execute(l, name, page)
				if err != nil {
					t.Errorf("%s %s %d: %v", l.Tag(), name, i, err)
				}
				for _, bad := range []string{"ZgotmplZ", "<no value>", "%!", "NaN", "{n}", "{max}", ">console.", `"console.`} {
					if strings.Contains(string(body), bad) {
						t.Errorf("%s %s %d: the page has %s in it", l.Tag(), name, i, bad)
					}
				}
			}
		}
	}
}
