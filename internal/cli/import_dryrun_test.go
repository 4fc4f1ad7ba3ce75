package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestImport_DryRunLeavesNoTrace(t *testing.T) {
	inTempDir(t, map[string]string{"crm.csv": troubled})
	r := mustRun(t, "", "import", "--dry-run", "--database", "x.db", "crm.csv")
	if !strings.Contains(r.out, "Dry run: nothing was written") || !strings.Contains(r.out, "created  2") {
		t.Errorf("import --dry-run: standard output %s", r.out)
	}
	if left, _ := os.ReadDir("."); len(left) != 1 {
		t.Errorf("import --dry-run created files: %v", left)
	}
	mustRun(t, "", "import", "--database", "x.db", "crm.csv")
	before := mustRun(t, "", "export", "--database", "x.db").out
	mustRun(t, "id,name,owner\n1,Zoe,bob\n7,New,bob\n", "import", "--dry-run", "--database", "x.db", "-")
	if left, _ := filepath.Glob("*"); len(left) != 2 { // with the file to import
		t.Errorf("import --dry-run over a database created files: %v", left)
	}
	if after := mustRun(t, "", "export", "--database", "x.db").out; after != before {
		t.Errorf("export after a dry run:\n%s\nwant:\n%s", after, before)
	}
}

func TestImport_DryRunDoesNotBlockWriters(t *testing.T) {
	for _, interrupted := range []bool{false, true} {
		t.Run(fmt.Sprintf("interrupted: %v", interrupted), func(t *testing.T) {
			inTempDir(t, nil)
			mustRun(t, "id,name,owner\n1,Anna,bob\n", "import", "--database", "x.db", "-")
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			text := rowsOfCSV(9000)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var out bytes.Buffer
			code, said := make(chan int, 1), new(lines)
			go func() {
				code <- Run(ctx, []string{"import", "--dry-run", "--database", "x.db", "-"}, r, &out, said)
			}()
			if _, err := w.WriteString(text[:len(text)-1]); err != nil { // all but the end
				t.Fatal(err)
			}
			for deadline := time.Now().Add(waitLimit); ; time.Sleep(10 * time.Millisecond) {
				// The log exists once the database was read.
				if logs, _ := filepath.Glob("x.db-wal"); len(logs) == 1 {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("import --dry-run has not read the database after %v: %s", waitLimit, said)
				}
			}
			mustRun(t, "id,name,owner\n2,Bert,bob\n", "import", "--database", "x.db", "-")
			if interrupted {
				cancel()
				defer w.Close()
			} else {
				w.Close()
			}
			got := within(t, waitLimit, "the end of the dry run", code)
			switch {
			case interrupted && (got != exitFailed || !strings.Contains(said.String(), "interrupted; nothing was written")):
				t.Errorf("import --dry-run, interrupted: exit code %d, want %d: %s", got, exitFailed, said)
			case !interrupted && (got != exitDone || !strings.Contains(out.String(), "created  4,500")):
				t.Errorf("import --dry-run: exit code %d, want %d: %s%s", got, exitDone, &out, said)
			}
			if left, _ := os.ReadDir("."); len(left) != 1 {
				t.Errorf("import --dry-run left files: %v", left)
			}
			if after := mustRun(t, "", "export", "--database", "x.db").out; strings.Count(after, "\n") != 2 || !strings.Contains(after, "Bert") {
				t.Errorf("export after the dry run, want two customers:\n%s", after)
			}
		})
	}
}

func TestImport_DryRunWithoutDirectory(t *testing.T) {
	inTempDir(t, map[string]string{"crm.csv": troubled})
	if r := run(t, "", "import", "--dry-run", "--database", "no/x.db", "crm.csv"); r.code != exitFailed || !strings.Contains(r.err, "the directory of database no/x.db does not exist") {
		t.Errorf("import --dry-run without the directory: exit code %d, want %d: %s", r.code, exitFailed, r.err)
	}
}
