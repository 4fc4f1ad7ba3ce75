package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/sample"
)

// imported is the output of `import --json`.
type imported struct {
	Rows, Created, Updated, Unchanged, Skipped, Rejected int
	Problems                                             []struct {
		Line            int
		Outcome, Reason string
	}
}

// importFile imports a file and returns the result.
func importFile(t *testing.T, database, file string, args ...string) imported {
	t.Helper()
	var got imported
	out := must(t, "", append([]string{"import", "--database", database, "--json", file}, args...)...)
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if sum := got.Created + got.Updated + got.Unchanged + got.Skipped + got.Rejected; sum != got.Rows {
		t.Errorf("%s has %d rows, but outcomes for %d: %+v", filepath.Base(file), got.Rows, sum, got)
	}
	return got
}

func TestImport_CRMExports(t *testing.T) {
	t.Parallel()
	data := shared(t, "data")
	for _, c := range []struct {
		file      string
		ownerless bool
		rows      int   // 0: not checked
		rejected  []int // lines
		skipped   []int
	}{
		{"hubspot-contacts.csv", false, 1200, nil, nil},
		{"salesforce-contacts.csv", false, 0, nil, nil},
		{"airtable-customers.csv", false, 0, nil, nil},
		{"google-contacts.csv", true, 0, nil, nil},
		{"contacts.vcf", true, 0, nil, nil},
		{"customers.json", false, 0, nil, nil},
		{"troubles.csv", false, 40, []int{10}, []int{8}},
	} {
		t.Run(c.file, func(t *testing.T) {
			database := filepath.Join(t.TempDir(), "clientele.db")
			var args []string
			if c.ownerless {
				args = []string{"--worker", worker}
			}
			first := importFile(t, database, filepath.Join(data, c.file), args...)
			if c.rows != 0 && first.Rows != c.rows {
				t.Errorf("%d rows, want %d", first.Rows, c.rows)
			}
			if first.Created == 0 || first.Created != first.Rows-len(c.rejected)-len(c.skipped) {
				t.Errorf("created %d of %d: %+v", first.Created, first.Rows, first.Problems)
			}
			lines := map[string][]int{}
			for _, p := range first.Problems {
				lines[p.Outcome] = append(lines[p.Outcome], p.Line)
				if p.Reason == "" {
					t.Errorf("line %d was %s without a reason", p.Line, p.Outcome)
				}
			}
			if !slices.Equal(lines["rejected"], c.rejected) || !slices.Equal(lines["skipped"], c.skipped) {
				t.Errorf("rejected lines %v and skipped %v, want %v and %v", lines["rejected"], lines["skipped"], c.rejected, c.skipped)
			}
			if again := importFile(t, database, filepath.Join(data, c.file), args...); again.Created+again.Updated != 0 {
				t.Errorf("importing it again is not without changes: %+v", again)
			}
		})
	}
}

func TestImport_ReadsOwnExport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var csv strings.Builder
	if err := sample.WriteCSV(&csv, 500, 3, func(i int) string { return []string{worker, "", "*"}[i%3] }); err != nil {
		t.Fatal(err)
	}
	first, second := filepath.Join(dir, "first.db"), filepath.Join(dir, "second.db")
	file := filepath.Join(dir, "customers.csv")
	write(t, file, csv.String())
	if got := importFile(t, first, file); got.Created != 500 {
		t.Fatalf("created %d of 500", got.Created)
	}
	out := must(t, "", "export", "--database", first)
	if n := strings.Count(out, "\n"); n != 500 {
		t.Errorf("exported %d lines, want 500", n)
	}
	write(t, file+".jsonl", out)
	importFile(t, second, file+".jsonl")
	if back := must(t, "", "export", "--database", second); back != out {
		t.Error("an export of what was imported from an export differs from it")
	}
}

// TestImport_RerunAfterKill kills imports at several moments.
func TestImport_RerunAfterKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "customers.csv")
	var csv strings.Builder
	if err := sample.WriteCSV(&csv, 8_000, 4, func(int) string { return worker }); err != nil {
		t.Fatal(err)
	}
	write(t, file, csv.String())
	whole := filepath.Join(dir, "whole.db")
	begun := time.Now()
	importFile(t, whole, file)
	took := time.Since(begun)
	want := must(t, "", "export", "--database", whole)

	cut := 0
	for _, part := range []time.Duration{2, 4, 6, 8} {
		database := filepath.Join(dir, "cut"+part.String()+".db")
		cmd := exec.Command(binary, "import", "--database", database, file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(took * part / 10)
		cmd.Process.Kill()
		if cmd.Wait() != nil {
			cut++
		}
		importFile(t, database, file)
		if got := must(t, "", "export", "--database", database); got != want {
			t.Errorf("killed after %d tenths and run again, the customers differ from those of one run", part)
		}
	}
	if cut == 0 {
		t.Error("every import had ended before it was killed")
	}
}

func TestCLI_ExitCodes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database := filepath.Join(dir, "clientele.db")
	write(t, filepath.Join(dir, "good.csv"), "customer_id,display_name\n1,Ada\n")
	write(t, filepath.Join(dir, "nothing.csv"), "")
	for _, c := range []struct {
		name string
		args []string
		code int
	}{
		{"help", []string{"help"}, 0},
		{"a good import", []string{"import", "--database", database, "--worker", "ada", filepath.Join(dir, "good.csv")}, 0},
		{"a file that is not there", []string{"import", "--database", database, filepath.Join(dir, "none.csv")}, 1},
		{"a file with nothing in it", []string{"import", "--database", database, filepath.Join(dir, "nothing.csv")}, 1},
		{"an export of no database", []string{"export", "--database", filepath.Join(dir, "none.db")}, 1},
		{"no command", nil, 2},
		{"an unknown command", []string{"brew"}, 2},
		{"an unknown flag", []string{"serve", "--brew"}, 2},
		{"no file to import", []string{"import", "--database", database}, 2},
		{"an address that is none", []string{"serve", "--addr", "nowhere"}, 2},
		{"a demo for others", []string{"demo", "--addr", "0.0.0.0:0"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := runProgram(t, "", c.args...)
			if got.code != c.code {
				t.Errorf("exit code %d, want %d: %s%s", got.code, c.code, got.stdout, got.stderr)
			}
			if c.code != 0 && (got.stdout != "" || got.stderr == "") {
				t.Errorf("an error belongs on standard error: %q, %q", got.stdout, got.stderr)
			}
		})
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
