package admin_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/importer"
)

func TestService_SetOptions_ReadsTheFileAnotherWay(t *testing.T) {
	ts := newTestService(t)
	i := ts.stage("name,phone\nJos\xe9,1\nwho,number,owner\nAnna,2,bob\n")
	set := func(opts admin.ImportOptions) admin.Import {
		t.Helper()
		opts.Worker = "bob"
		if _, err := ts.SetOptions(t.Context(), i.ID, opts); err != nil {
			t.Fatalf("SetOptions(%+v) = %v", opts, err)
		}
		return ts.waitFor(i.ID, admin.Ready, admin.NeedsInput)
	}
	i = set(admin.ImportOptions{Encoding: "MacRoman", Map: []importer.Mapping{{Field: "notes", Column: "phone"}}})
	if first := i.Beginning; i.State != admin.Ready || first.Encoding != "MacRoman" || first.HeaderLine != 1 || first.Rows[0].Customer.Name != "JosÈ" || first.Rows[0].Customer.Details.Content != "1" {
		t.Errorf("Import() read as MacRoman = %+v", i)
	}
	i = set(admin.ImportOptions{HeaderLine: 3, Map: i.Options.Map})
	if i.Columns[0].Name != "who" || len(i.Options.Map) != 0 || len(i.Beginning.Above) != 2 {
		t.Errorf("Import() with the header on line 3 = %+v, want its columns and no mapping of phone", i)
	}
	for need, opts := range map[importer.Need]admin.ImportOptions{
		importer.NeedHeader: {HeaderLine: 9}, importer.NeedEncoding: {Encoding: "UTF-16"},
	} {
		if i := set(opts); i.State != admin.NeedsInput || i.Need != need || i.Problem == "" {
			t.Errorf("Import() with %+v = %+v, want need %q", opts, i, need)
		}
	}
	if i := set(admin.ImportOptions{}); i.State != admin.Ready {
		t.Errorf("Import() with the default options = %+v, want ready", i)
	}
}

func TestService_Problems(t *testing.T) {
	ts := newTestService(t)
	i := ts.waitFor(ts.stage("name,avatar,owner\nAnna,x,bob\n,,bob\n").ID, admin.Ready)
	read := func() string {
		t.Helper()
		f, name, err := ts.Problems(i.ID)
		if err != nil {
			t.Fatalf("Problems() = %v", err)
		}
		defer f.Close()
		text, err := io.ReadAll(f)
		if err != nil || name != "crm-report.csv" {
			t.Errorf("Problems() = %q, reading: %v, want crm-report.csv", name, err)
		}
		return string(text)
	}
	const want = "\uFEFFline,item,outcome,reason\n2,,noted,avatar left out: not a web address\n3,,rejected,"
	if got := read(); !strings.HasPrefix(got, want) {
		t.Errorf("Problems() after the check = %q, want prefix %q", got, want)
	}
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	ts.waitFor(i.ID, admin.Done)
	if got := read(); !strings.HasPrefix(got, want) {
		t.Errorf("Problems() after the import = %q, want prefix %q", got, want)
	}
	i = ts.waitFor(ts.stage("name,owner\nAnna,bob\n").ID, admin.Ready)
	if _, _, err := ts.Problems(i.ID); !errors.Is(err, admin.ErrNoImport) {
		t.Errorf("Problems() of a file without any = %v, want ErrNoImport", err)
	}
	if err := ts.Cancel(t.Context(), i.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(ts.dir + "/problems-" + i.ID); !os.IsNotExist(err) {
		t.Errorf("the list of problems of a canceled import: %v, want none", err)
	}
}
