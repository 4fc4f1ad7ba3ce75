package cli

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
)

// tenRows is a CSV of the customers 0 to n-1 of bob.
func tenRows(n int) string {
	text := "id,name,owner\n"
	for i := range n {
		id := string(rune('0' + i))
		text += id + ",Person " + id + ",bob\n"
	}
	return text
}

func TestImport_Prune(t *testing.T) {
	inTempDir(t, map[string]string{"ten.csv": tenRows(10), "nine.csv": tenRows(9), "five.csv": tenRows(5), "none.csv": "id,name,owner\n1,,bob\n"})
	mustRun(t, "", "import", "--database", "x.db", "ten.csv")
	all := mustRun(t, "", "export", "--database", "x.db").out
	const refused = "5 of 10 customers are missing from the file, more than 20%: nothing "
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"--prune", "five.csv"}, exitFailed, []string{refused + "was imported", "add --prune-anyway"}},
		{[]string{"--prune", "--dry-run", "five.csv"}, exitDone, []string{refused + "would be imported", "No longer in the file:\n  \"Person 5\", id \"5\"\n"}},
		{[]string{"--prune", "none.csv"}, exitFailed, []string{"No row can be used, so nothing was imported"}},
		{[]string{"--prune", "-"}, exitUsage, []string{"--prune reads the input twice"}},
		{[]string{"--prune", "--dry-run", "nine.csv"}, exitDone, []string{"pruned  1", "unchanged  9", "No longer in the file:\n  \"Person 9\", id \"9\"\n"}},
		{[]string{"--prune", "--dry-run", "-"}, exitDone, []string{"pruned  1"}},
	} {
		r := run(t, tenRows(9), append([]string{"import", "--database", "x.db"}, c.args...)...)
		if r.code != c.code {
			t.Errorf("import %v: exit code %d, want %d: %s", c.args, r.code, c.code, r.err)
		}
		for _, want := range c.want {
			if !strings.Contains(r.out+r.err, want) {
				t.Errorf("import %v: output\n%s%s\nwant %q", c.args, r.out, r.err, want)
			}
		}
		if after := mustRun(t, "", "export", "--database", "x.db").out; after != all {
			t.Fatalf("import %v changed the database:\n%s", c.args, after)
		}
	}
	if r := mustRun(t, "", "import", "--database", "x.db", "--prune", "nine.csv"); !strings.Contains(r.out, "pruned  1") {
		t.Errorf("import --prune nine.csv: output %s, want one pruned", r.out)
	}
	if r := mustRun(t, "", "import", "--database", "x.db", "--prune-anyway", "five.csv"); !strings.Contains(r.out, "pruned  4") {
		t.Errorf("import --prune-anyway five.csv: output %s, want four pruned", r.out)
	}
	if left := mustRun(t, "", "export", "--database", "x.db").out; strings.Count(left, "\n") != 5 {
		t.Errorf("export after pruning, want five customers:\n%s", left)
	}
	if audit := mustRun(t, "", "audit", "--database", "x.db").out; !strings.Contains(audit, "4 deleted because") || strings.Count(audit, "started") != 3 {
		t.Errorf("audit after pruning, want 3 imports and 4 pruned:\n%s", audit)
	}
}

func TestImport_DeletedStayDeleted(t *testing.T) {
	inTempDir(t, map[string]string{"ten.csv": tenRows(3)})
	mustRun(t, "", "import", "--database", "x.db", "ten.csv")
	db, err := store.Open(t.Context(), "x.db", store.Options{Now: func() time.Time { return time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Customers().Update(t.Context(), func(tx customer.Tx) error { return tx.DeleteAndBlock(context.Background(), "1", "ada@example.com") })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--dry-run", "--rejects", "bad.csv"}, {"--rejects", "bad.csv"}} {
		r := mustRun(t, "", append([]string{"import", "--database", "x.db", "ten.csv"}, args...)...)
		for _, want := range []string{"previously deleted  1", "unchanged  2", "Customers deleted in the console stay deleted",
			"line 3, removed: \"Person 1\" was deleted in the console on 2 November 2026 by ada@example.com\n", "They are in bad.csv: correct"} {
			if !strings.Contains(r.out, want) {
				t.Errorf("import %v: output\n%s\nwant %q", args, r.out, want)
			}
		}
	}
}

func TestExport_CSVRoundTrip(t *testing.T) {
	inTempDir(t, map[string]string{"crm.csv": troubled})
	mustRun(t, "", "import", "--database", "x.db", "crm.csv")
	mustRun(t, "", "export", "--database", "x.db", "--format", "csv", "--output", "all.csv")
	mustRun(t, "", "import", "--database", "y.db", "all.csv")
	if a, b := mustRun(t, "", "export", "--database", "x.db").out, mustRun(t, "", "export", "--database", "y.db").out; a != b || !strings.Contains(a, "Anna") {
		t.Errorf("export after a CSV round trip = %s, want %s", b, a)
	}
	if r := run(t, "", "export", "--database", "x.db", "--format", "xlsx"); r.code != exitUsage || !strings.Contains(r.err, "use json or csv") {
		t.Errorf("export --format xlsx: exit code %d, want %d: %s", r.code, exitUsage, r.err)
	}
}
