package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// inTempDir changes to a new directory with files.
func inTempDir(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// mustRun runs the program and fails the test unless it exits with 0.
func mustRun(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	r := run(t, stdin, args...)
	if r.code != exitDone {
		t.Fatalf("clientele %s: exit code %d: %s", strings.Join(args, " "), r.code, r.err)
	}
	return r
}

const troubled = "id,name,phone,owner,Shoe\x1b[2Jsize\n1,Anna,555 704 0102,bob,40\n2,,,bob,41\n1,Anna,555 704 0102,bob,40\n3,Bert,call me,,42\n4\n"

func TestImport_Report(t *testing.T) {
	inTempDir(t, map[string]string{"crm.csv": troubled})
	r := mustRun(t, "", "import", "--database", "x.db", "crm.csv", "--rejects", "bad.csv")
	want := `Imported crm.csv (CSV, ASCII) into x.db.

     created  2
     updated  0
   unchanged  0
     skipped  1
    rejected  2
  unassigned  1

1 customer is unassigned: no worker sees them.
1 owner has no account yet, and can't see their 1 customer:
  bob (1)
Add them with clientele user add, or match them to people who have an account:
import again with --owner bob=IDENTITY, or open People in the console.
1 phone number has an unknown format and was kept as it is.
If it has no country code, import again with the country, such as --region US.
Ignored columns: "Shoe\x1b[2Jsize"

Rows not imported:
  line 3, rejected: no name
  line 4, skipped: duplicate: customer "1" is already on line 2 with the same content
  line 6, rejected: 1 column, but the header has 5
They are in bad.csv: correct them there and import that file.

Please check:
  line 5: "call me" isn't a phone number; kept unchanged
`
	if r.out != want {
		t.Errorf("import crm.csv: standard output\n%s\nwant\n%s", r.out, want)
	}
	if r.err != "" {
		t.Errorf("import crm.csv: standard error %q, want no progress bar without a terminal", r.err)
	}
	if info, err := os.Stat("bad.csv"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of bad.csv = %v, %v, want 0600", info.Mode(), err)
	}
	again := mustRun(t, "", "import", "--database", "x.db", "crm.csv", "--json")
	var report struct{ Created, Updated, Unchanged, Skipped, Rejected, Unassigned int }
	if err := json.Unmarshal([]byte(again.out), &report); err != nil {
		t.Fatalf("import --json: %v: %s", err, again.out)
	}
	if got := fmt.Sprint(report); got != "{0 0 2 1 2 1}" {
		t.Errorf("second import of crm.csv = %s: %s", got, again.out)
	}
}

func TestImport_FlagsAndStandardInput(t *testing.T) {
	inTempDir(t, nil)
	const text = "Full name;Tel\nAnna Lee;(555) 704-0102\n"
	for _, args := range [][]string{
		{"import", "-", "--database", "x.db", "--worker", "bob", "--region", "US", "--map", "name=full name"},
		{"import", "--database", "x.db", "--worker", "bob", "--region", "US", "-"},
	} {
		mustRun(t, text, args...)
	}
	t.Setenv("CLIENTELE_DATABASE", "x.db")
	t.Setenv("CLIENTELE_WORKER", "*")
	mustRun(t, text, "import", "-", "--region", "us")
	const want = `"display_name":"Anna Lee","company":"","job_title":"","channels":[{"type":"sms","value":"+15557040102"}],"links":[],"details":{"title":"","content":""},"avatar":"","workers":["*","bob"]}` + "\n"
	got := mustRun(t, "", "export")
	if !strings.HasSuffix(got.out, want) || strings.Count(got.out, "\n") != 1 {
		t.Errorf("export = %s\nwant one customer with %s", got.out, want)
	}
}

func TestImport_TellsFlagsThatDoNotFitTheFile(t *testing.T) {
	inTempDir(t, map[string]string{"names.csv": "name\nAnna\n", "names.json": `[{"name":"Anna"}]`})
	for args, want := range map[string]string{
		"names.csv --sheet Archive":  "--sheet was ignored",
		"names.json --header-line 2": "--header-line was ignored",
		"names.csv --header-line 1":  "",
	} {
		r := run(t, "", append([]string{"import", "--worker", "bob", "--database", "x.db"}, strings.Fields(args)...)...)
		if told := strings.Contains(r.out, want) && (want != "" || !strings.Contains(r.out, "was ignored")); !told || r.code != exitDone {
			t.Errorf("import %s: standard output %q, want %q", args, r.out, want)
		}
	}
}

func TestImport_UsageErrorsCreateNothing(t *testing.T) {
	for args, want := range map[string]string{
		"import":                     "FILE is missing",
		"import names.csv other.csv": `unexpected argument "other.csv"`,
		"import names.csv":           "Add --worker IDENTITY",
		"import names.csv --worker bob --map name":           "write FIELD=COLUMN",
		"import names.csv --worker bob --map name=y":         `no column "y"`,
		"import names.csv --worker bob --region XX":          `"XX" isn't a country`,
		"import names.csv --worker bob --rejects names.csv":  "--rejects names the file to import",
		"import names.csv --worker bob --database names.csv": "is the database itself",
		"export now": `unexpected argument "now"`,
	} {
		t.Run("clientele "+args, func(t *testing.T) {
			inTempDir(t, map[string]string{"names.csv": "name\nAnna\n"})
			r := run(t, "", strings.Fields(args)...)
			if r.code != exitUsage || !strings.Contains(r.err, want) || r.out != "" {
				t.Errorf("exit code %d, standard output %q, standard error %q; want code 2 and %q", r.code, r.out, r.err, want)
			}
			if left, _ := os.ReadDir("."); len(left) != 1 {
				t.Errorf("clientele %s created files: %v", args, left)
			}
			if b, _ := os.ReadFile("names.csv"); string(b) != "name\nAnna\n" {
				t.Errorf("clientele %s changed names.csv to %q", args, b)
			}
		})
	}
}

func TestImport_PlainErrors(t *testing.T) {
	for args, want := range map[string]string{
		"import missing.csv":                   "there is no file missing.csv",
		"import .":                             ". is a directory: name a file in it",
		"import empty.csv":                     "the file is empty",
		"import file.xlsx":                     "the workbook is damaged: open it in a spreadsheet program",
		"import page.html":                     "a web page or XML",
		"import a.csv --database missing/x.db": "does not exist",
		"import a.csv --dry-run --database missing/x.db": "does not exist",
		"import a.csv --dry-run --database page.html":    "is not a database of Clientele",
		"import a.csv --rejects missing/x.csv":           "create the file of --rejects",
		"export":                                         "there is no database",
		"export --database a.csv":                        "is not a database of Clientele",
	} {
		t.Run("clientele "+args, func(t *testing.T) {
			inTempDir(t, map[string]string{"empty.csv": "\n \n", "file.xlsx": "PK\x03\x04\x00", "page.html": "<!DOCTYPE html><p>", "a.csv": "name,owner\nAnna,bob\n"})
			r := run(t, "", strings.Fields(args)...)
			if r.code != exitFailed || !strings.Contains(r.err, want) || r.out != "" {
				t.Errorf("exit code %d, standard output %q, standard error %q; want code 1 and %q", r.code, r.out, r.err, want)
			}
		})
	}
}

func TestExport_ReplacesFileAtomically(t *testing.T) {
	inTempDir(t, map[string]string{"crm.csv": troubled, "out.jsonl": "an old export, longer than the new one" + strings.Repeat(".", 4000)})
	mustRun(t, "", "import", "--database", "x.db", "crm.csv")
	r := mustRun(t, "", "export", "--database", "x.db", "--output", "out.jsonl")
	if r.out != "" {
		t.Errorf("export --output: standard output %q, want none", r.out)
	}
	written, err := os.ReadFile("out.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if want := mustRun(t, "", "export", "--database", "x.db").out; string(written) != want {
		t.Errorf("export --output wrote %q, want %q", written, want)
	}
	mustRun(t, "", "import", "--database", "copy.db", "out.jsonl")
	if again := mustRun(t, "", "export", "--database", "copy.db").out; again != string(written) {
		t.Errorf("export after an import of the export = %q, want %q", again, written)
	}
	if r := run(t, "", "export", "--database", "x.db", "--output", "x.db"); r.code != exitUsage {
		t.Errorf("export --output x.db: exit code %d, want %d: %s", r.code, exitUsage, r.err)
	}
	if left, _ := filepath.Glob(".clientele-*"); len(left) != 0 {
		t.Errorf("export left the files %v", left)
	}
}

func TestImport_InterruptedWhileReading(t *testing.T) {
	inTempDir(t, nil)
	for name, begin := range map[string]string{"before the first row": "", "in the middle": rowsOfCSV(5000)} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		go w.WriteString(begin)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		code, said := make(chan int, 1), new(lines)
		go func() {
			code <- Run(ctx, []string{"import", "--database", "x.db", "-"}, r, io.Discard, said)
		}()
		if got := within(t, waitLimit, "the end of the import", code); got != exitFailed {
			t.Errorf("import interrupted %s: exit code %d, want %d: %s", name, got, exitFailed, said)
		}
		cancel()
		w.Close()
		r.Close()
	}
}

func TestImport_InterruptedBeforeAPipeHasAWriter(t *testing.T) {
	inTempDir(t, nil)
	for _, name := range []string{"unused", "pipe"} {
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Skipf("SKIPPED, no FIFO can be made: %v", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	code, said := make(chan int, 1), new(lines)
	go func() { code <- Run(ctx, []string{"import", "--database", "x.db", "unused"}, nil, io.Discard, said) }()
	if got := within(t, waitLimit, "the end of the import", code); got != exitFailed {
		t.Errorf("import unused, interrupted: exit code %d, want %d: %s", got, exitFailed, said)
	}

	go func() { // a writer that comes late
		if f, err := os.OpenFile("pipe", os.O_WRONLY, 0); err == nil {
			io.WriteString(f, rowsOfCSV(10))
			f.Close()
		}
	}()
	if r := mustRun(t, "", "import", "--database", "x.db", "pipe"); !strings.Contains(r.out, "created  5") {
		t.Errorf("import pipe = %s, want 5 created", r.out)
	}
}

func TestImport_ProgressBar(t *testing.T) {
	var screen bytes.Buffer
	bar := newProgressBar(&screen, 200)
	bar.draw(100, 10)
	bar.clear()
	if screen.Len() != 0 {
		t.Errorf("draw without a terminal wrote %q, want nothing", &screen)
	}
	bar = &progressBar{w: &screen, size: 200, start: time.Now().Add(-10 * time.Second)}
	bar.draw(100, 12_345)
	bar.draw(101, 12_346) // too soon
	bar.clear()
	bar.clear()
	if want := "\r\x1b[K[###############               ]  50%  12,345 rows, 1,234 a second\r\x1b[K"; screen.String() != want {
		t.Errorf("draw wrote %q, want %q", &screen, want)
	}
	screen.Reset()
	bar = &progressBar{w: &screen, start: time.Now().Add(-10 * time.Second)}
	bar.draw(100, 55)
	if want := "\r\x1b[K55 rows, 5 a second"; screen.String() != want {
		t.Errorf("draw with an unknown size wrote %q, want %q", &screen, want)
	}
}

// rowsOfCSV returns a file without ids that has every person twice.
func rowsOfCSV(n int) string {
	var b strings.Builder
	b.WriteString("name,phone,email,owner\n")
	for i := range n {
		person := i / 2
		fmt.Fprintf(&b, "Person %d,+1555%07d,p%d@example.com,worker%d\n", person, person, person, i%7)
	}
	return b.String()
}

func TestImport_ReadsTheSheetOfAWorkbook(t *testing.T) {
	file := excelize.NewFile()
	defer file.Close()
	for sheet, name := range map[string]string{"Sheet1": "Anna", "Archive": "Zoe"} {
		if _, err := file.NewSheet(sheet); err != nil {
			t.Fatal(err)
		}
		for cell, value := range map[string]any{"A1": "Name", "B1": "Phone", "A2": name, "B2": 15557040101} {
			if err := file.SetCellValue(sheet, cell, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	inTempDir(t, nil)
	if err := file.SaveAs("crm.xlsx"); err != nil {
		t.Fatal(err)
	}
	r := mustRun(t, "", "import", "--database", "x.db", "--worker", "bob", "--region", "US", "--sheet", "archive", "crm.xlsx")
	if !strings.Contains(r.out, "Imported crm.xlsx (Excel, UTF-8)") || !strings.Contains(r.out, `Sheet "Archive" of 2 was read.`) {
		t.Errorf("standard output %q, want the format and the sheet", r.out)
	}
	if out := mustRun(t, "", "export", "--database", "x.db").out; !strings.Contains(out, "Zoe") || strings.Contains(out, "Anna") {
		t.Errorf("the customers are %s, want those of the sheet", out)
	}
	if r := run(t, "", "import", "--database", "x.db", "--worker", "bob", "--sheet", "Nope", "crm.xlsx"); r.code != exitUsage || !strings.Contains(r.err, `sheets: "Sheet1", "Archive". Choose one with --sheet`) {
		t.Errorf("exit code %d, standard error %q; want code 2 and the sheets", r.code, r.err)
	}
	if left, _ := filepath.Glob("workbook-*"); len(left) > 0 {
		t.Errorf("import leaves %v", left)
	}
}
