package admin_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
)

func TestService_Run_RefusesToPruneManyUnlessPruneAnyway(t *testing.T) {
	ts := newTestService(t)
	ts.importText(csvRows(100), admin.ImportOptions{})
	before := ts.dump()
	i := ts.stage(csvRows(70))
	if _, err := ts.SetOptions(t.Context(), i.ID, admin.ImportOptions{Prune: true}); err != nil {
		t.Fatal(err)
	}
	i = ts.waitFor(i.ID, admin.Ready)
	if p := i.Preview; !p.PruneRefused || p.Absent != 30 || p.PruneScope != 100 || p.Pruned != 0 || len(p.FirstPruned) != 30 {
		t.Errorf("Preview = %+v, want 30 absent of 100, refused", p)
	}
	var many *admin.TooManyPrunedError
	if _, err := ts.Run(t.Context(), "ann", i.ID); !errors.As(err, &many) || many.Absent != 30 || many.Total != 100 {
		t.Errorf("Run() = %v, want TooManyPrunedError{30, 100}", err)
	}
	if ts.dump() != before {
		t.Error("Run() changed the customers")
	}
	if _, err := ts.SetOptions(t.Context(), i.ID, admin.ImportOptions{Prune: true, PruneAnyway: true}); err != nil {
		t.Fatal(err)
	}
	if i = ts.waitFor(i.ID, admin.Ready); i.Preview.PruneRefused || i.Preview.Pruned != 30 {
		t.Errorf("Preview with PruneAnyway = %+v, want 30 pruned", i.Preview)
	}
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	if i = ts.waitFor(i.ID, admin.Done); i.Report.Pruned != 30 || len(ts.all()) != 70 {
		t.Errorf("Report = %+v, want 30 pruned; %d customers left, want 70", i.Report, len(ts.all()))
	}
	// A later import brings pruned customers back.
	if i := ts.importText(csvRows(100), admin.ImportOptions{}); i.Report.Created != 30 || i.Report.PreviouslyDeleted != 0 {
		t.Errorf("Report of a later import = %+v, want 30 created", i.Report)
	}
}

func TestService_Run_UnusableFilePrunesNothing(t *testing.T) {
	ts := newTestService(t)
	ts.importText(csvRows(10), admin.ImportOptions{})
	i := ts.importText("id,name,owner\n77,,bob\n", admin.ImportOptions{Prune: true, PruneAnyway: true})
	if r := i.Report; !r.PruneRefused || r.Pruned != 0 || r.PruneReason == "" || len(ts.all()) != 10 {
		t.Errorf("Report = %+v, want pruning refused", r)
	}
}

// TestService_Run_SharedExports imports the exports of common products, and finds nothing
// to change when it imports its own export of them.
func TestService_Run_SharedExports(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("CI must have the shared data: %v", err)
		}
		t.Skipf("SKIPPED, the shared data is missing: %v", err)
	}
	for name, created := range map[string]int{"hubspot-contacts.csv": 1200, "salesforce-contacts.csv": 600, "airtable-customers.csv": 300,
		"google-contacts.csv": 500, "contacts.vcf": 250, "customers.json": 400} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			ts := newTestService(t)
			i := ts.importText(string(text), admin.ImportOptions{Worker: customer.Everyone, Region: "US", Prune: true})
			if i.Report.Created != created || i.Preview.Created != created || len(i.Columns) < 3 {
				t.Errorf("Report = %+v, columns %+v, want %d created", i.Report, i.Columns, created)
			}
			named := false
			for _, c := range i.Columns {
				named = named || c.Field == "display_name" || c.Field == "first_name"
				if len(c.Samples) > 3 {
					t.Errorf("column %+v has more than 3 samples", c)
				}
			}
			if !named {
				t.Errorf("no column has names: %+v", i.Columns)
			}
			if again := ts.importText(string(text), admin.ImportOptions{Worker: customer.Everyone, Region: "US", Prune: true}); again.Report.Unchanged != created || again.Report.Pruned != 0 {
				t.Errorf("Report of a second import = %+v, want %d unchanged", again.Report, created)
			}
			formats := []string{admin.CSV}
			if name == "customers.json" { // package importer reads the JSON of every file back
				formats = append(formats, admin.JSON)
			}
			for _, format := range formats {
				w := &exportWriter{audit: ts.audit}
				if _, err := ts.Export(t.Context(), "ann", w, format); err != nil {
					t.Fatal(err)
				}
				if back := ts.importText(w.String(), admin.ImportOptions{Prune: true}); back.Report.Unchanged != created || back.Report.Rows != created || back.Report.Pruned != 0 {
					t.Errorf("Report of the %s export = %+v, want %d unchanged and none pruned", format, back.Report, created)
				}
			}
		})
	}
}

func TestService_Run_PrunesOnlyWhatTheCheckReported(t *testing.T) {
	ts := newTestService(t)
	ts.importText(csvRows(40), admin.ImportOptions{})
	i := ts.stage(csvRows(38))
	if _, err := ts.SetOptions(t.Context(), i.ID, admin.ImportOptions{Prune: true}); err != nil {
		t.Fatal(err)
	}
	if p := ts.waitFor(i.ID, admin.Ready).Preview; p.Pruned != 2 {
		t.Fatalf("the check would prune %d, want 2", p.Pruned)
	}
	// Delete one and add one: as many customers, but others.
	if _, err := ts.Delete(t.Context(), "zoe", "39"); err != nil {
		t.Fatal(err)
	}
	if err := ts.Save(t.Context(), "zoe", customer.Customer{ID: "new", Name: "Just added"}, ""); err != nil {
		t.Fatal(err)
	}
	before := ts.dump()
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	again := ts.waitFor(i.ID, admin.Ready)
	if ts.dump() != before {
		t.Error("Run() changed the customers")
	}
	if again.Report != nil || again.Preview.Pruned != 2 || again.Preview.FirstPruned[1].ID != "new" || !strings.Contains(again.Problem, "since the check") {
		t.Errorf("after Run: problem %q, first pruned %+v", again.Problem, again.Preview.FirstPruned)
	}
	if lines := ts.audit.lines(); !strings.Contains(lines[len(lines)-1], "state=prune-changed") {
		t.Errorf("audit = %s, want nothing imported", lines[len(lines)-1])
	}
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	if done := ts.waitFor(i.ID, admin.Done); done.Problem != "" || done.Report.Pruned != 2 || len(ts.all()) != 38 {
		t.Errorf("after the second Run: problem %q, %d pruned, %d left, want 2 and 38", done.Problem, done.Report.Pruned, len(ts.all()))
	}
}
