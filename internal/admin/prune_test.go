package admin_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
)

func TestAnImportThatWouldDeleteVeryManyIsRefusedUnlessInsisted(t *testing.T) {
	h := newHouse(t)
	h.bring(rowsOfCSV(100), admin.ImportOptions{})
	before := h.dump()
	i := h.stage(rowsOfCSV(70))
	if _, err := h.Choose(t.Context(), i.ID, admin.ImportOptions{Prune: true}); err != nil {
		t.Fatal(err)
	}
	i = h.until(i.ID, admin.Ready)
	if p := i.Preview; !p.PruneRefused || p.Absent != 30 || p.PruneScope != 100 || p.Pruned != 0 || len(p.FirstPruned) != 30 {
		t.Errorf("the preview says %+v", p)
	}
	var many *admin.ErrTooManyRemoved
	if _, err := h.Run(t.Context(), "ann", i.ID); !errors.As(err, &many) || many.Removed != 30 || many.Total != 100 {
		t.Errorf("it was run: %v", err)
	}
	if h.dump() != before {
		t.Error("something was written")
	}
	if _, err := h.Choose(t.Context(), i.ID, admin.ImportOptions{Prune: true, Insist: true}); err != nil {
		t.Fatal(err)
	}
	if i = h.until(i.ID, admin.Ready); i.Preview.PruneRefused || i.Preview.Pruned != 30 {
		t.Errorf("insisting, the preview says %+v", i.Preview)
	}
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	if i = h.until(i.ID, admin.Done); i.Report.Pruned != 30 || len(h.all()) != 70 {
		t.Errorf("it came to %+v", i.Report)
	}
	// Pruned is not deleted for good.
	if i := h.bring(rowsOfCSV(100), admin.ImportOptions{}); i.Report.Created != 30 || i.Report.Removed != 0 {
		t.Errorf("a later file came to %+v", i.Report)
	}
}

func TestAFileThatCannotBeUsedPrunesNobody(t *testing.T) {
	h := newHouse(t)
	h.bring(rowsOfCSV(10), admin.ImportOptions{})
	i := h.bring("id,name,owner\n77,,bob\n", admin.ImportOptions{Prune: true, Insist: true})
	if r := i.Report; !r.PruneRefused || r.Pruned != 0 || r.PruneReason == "" || len(h.all()) != 10 {
		t.Errorf("it came to %+v", r)
	}
}

// TestEverySharedFileIsImportedAsTheCommandDoes uploads the exports of the usual
// products, and finds nothing to do in what is exported of them.
func TestEverySharedFileIsImportedAsTheCommandDoes(t *testing.T) {
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
			h := newHouse(t)
			i := h.bring(string(text), admin.ImportOptions{Worker: customer.Everyone, Region: "US", Prune: true})
			if i.Report.Created != created || i.Preview.Created != created || len(i.Columns) < 3 {
				t.Errorf("it came to %+v, of %+v", i.Report, i.Columns)
			}
			named := false
			for _, c := range i.Columns {
				named = named || c.Field == "display_name" || c.Field == "first_name"
				if len(c.Samples) > 3 {
					t.Errorf("column %+v", c)
				}
			}
			if !named {
				t.Errorf("no column holds names: %+v", i.Columns)
			}
			if again := h.bring(string(text), admin.ImportOptions{Worker: customer.Everyone, Region: "US", Prune: true}); again.Report.Unchanged != created || again.Report.Pruned != 0 {
				t.Errorf("once more came to %+v", again.Report)
			}
			for _, format := range []string{admin.CSV, admin.JSON} {
				w := &nosy{diary: h.diary}
				if _, err := h.Export(t.Context(), "ann", w, format); err != nil {
					t.Fatal(err)
				}
				if back := h.bring(w.String(), admin.ImportOptions{Prune: true}); back.Report.Unchanged != created || back.Report.Rows != created {
					t.Errorf("its own %s came to %+v", format, back.Report)
				}
			}
		})
	}
}
