package importer_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store"
)

// checked returns the report and the rejects of checking text.
func checked(t testing.TB, store importer.CustomerReader, text string, opts importer.Options) (importer.Report, string) {
	t.Helper()
	file, err := importer.Open(t.Context(), strings.NewReader(text), opts)
	if err != nil {
		t.Fatal(err)
	}
	var rejects bytes.Buffer
	report, err := file.DryRun(context.Background(), store, &rejects)
	if err != nil {
		t.Fatal(err)
	}
	return report, rejects.String()
}

func TestDryRun_ReturnsTheReportOfTheImportAndWritesNothing(t *testing.T) {
	old := "id,name,phone,email,owner\n"
	for i := range 600 {
		old += fmt.Sprintf("%s,Person %d,,p%d@example.com,dave\n", []string{"", fmt.Sprint(i), fmt.Sprintf("old-%d", i)}[i%3], i, i)
	}
	for name, c := range map[string]struct {
		before, text string
		opts         importer.Options
	}{
		"mixed rows into an empty store":  {"", mixedCSV(2500), importer.Options{}},
		"mixed rows into a used one":      {old, mixedCSV(2500), importer.Options{}},
		"the same file again":             {mixedCSV(2500), mixedCSV(2500), importer.Options{}},
		"pruning":                         {old, mixedCSV(400), importer.Options{Prune: true, PruneAnyway: true}},
		"pruning that is refused":         {old, mixedCSV(400), importer.Options{Prune: true}},
		"a crowd at one address":          {switchboard(120), switchboard(250), importer.Options{}},
		"a name that changes, and back":   {"name,email,owner\nAnna,a@example.com,bob\n", "name,email,owner\nAnne,a@example.com,bob\nAnna,a@example.com,bob\n", importer.Options{}},
		"an address that goes to another": {"id,name,email,owner\n1,Anna,a@example.com,bob\n", "id,name,email,owner\n1,Anna,new@example.com,bob\n,Carl,a@example.com,bob\n,Anna,new@example.com,bob\n", importer.Options{}},
		"more than fits in memory":        {"", bulky(4200), importer.Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c.opts.TempDir = dir
			store := openStore(t, store.Options{})
			if c.before != "" {
				run(t, store, c.before, importer.Options{})
			}
			before := dump(t, store)
			got, gotRejects := checked(t, store, c.text, c.opts)
			if after := dump(t, store); after != before {
				t.Error("Check changed the store")
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("DryRun left files %v", left)
			}
			file, err := importer.Open(t.Context(), strings.NewReader(c.text), c.opts)
			if err != nil {
				t.Fatal(err)
			}
			var rejects bytes.Buffer
			want, err := file.Import(context.Background(), store, &rejects)
			if err != nil {
				t.Fatal(err)
			}
			want.DryRun = true
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-Import +Check):\n%s", diff)
			}
			if gotRejects != rejects.String() {
				t.Errorf("the rejects differ:\n%s\n%s", gotRejects, rejects.String())
			}
		})
	}
}

// switchboard returns a file of n customers without ids at one address.
func switchboard(n int) string {
	var b strings.Builder
	b.WriteString("id,name,phone,email,owner\nx,First,,,bob\n")
	for i := range n {
		fmt.Fprintf(&b, ",Person %d,+15557040102,info@example.com,bob\n", i)
	}
	return b.String()
}

// bulky returns a file of n customers with and without ids, some of them twice.
func bulky(n int) string {
	var b strings.Builder
	b.WriteString("id,name,email,owner,notes\n")
	for i := range n {
		id := ""
		if i%2 == 0 {
			id = fmt.Sprint("i", i)
		}
		fmt.Fprintf(&b, "%s,Person %d,p%d@example.com,bob,%s\n", id, i%(n/2), i%(n/2), strings.Repeat("n", 3000))
	}
	return b.String()
}

func TestDryRun_DeletesItsFileWhenInterrupted(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	file, err := importer.Open(t.Context(), strings.NewReader(bulky(4800)), importer.Options{TempDir: dir, Progress: func(p importer.Progress) {
		if p.Rows > 3300 { // in its file
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if report, err := file.DryRun(ctx, openStore(t, store.Options{}), nil); err == nil || !report.DryRun {
		t.Errorf("DryRun = %+v, %v, want an error", report, err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("DryRun left files %v", left)
	}
}

func TestDryRun_ReturnsTheErrorOfItsFile(t *testing.T) {
	file, err := importer.Open(t.Context(), strings.NewReader(bulky(4200)), importer.Options{TempDir: t.TempDir() + "/missing"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.DryRun(context.Background(), openStore(t, store.Options{}), nil); err == nil || !strings.Contains(err.Error(), "create the temporary file of the dry run") {
		t.Errorf("DryRun: %v, want the error of its file", err)
	}
}
