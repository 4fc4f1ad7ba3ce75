package admin_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

const troubled = "id,name,phone,owner,Shoe size\n1,Anna,+15557040102,bob,40\n2,,+15557040103,bob,41\n1,Anna,555 704 0102,bob,40\n3,Bert,call me,,42\n4\n"

func TestAnUploadIsCheckedChosenAndImported(t *testing.T) {
	h := newHouse(t)
	h.put(customer.Customer{ID: "1", Name: "Before", Workers: []string{"bob"}})
	before := h.dump()
	i := h.stage(troubled)
	if i.State != admin.Checking || i.File != "crm.csv" || i.By != "ann" || i.Size != int64(len(troubled)) || !i.Kept {
		t.Errorf("it begins as %+v", i)
	}
	i = h.until(i.ID, admin.Ready)
	p := i.Preview
	if p == nil || !p.DryRun || p.Rows != 5 || p.Created != 1 || p.Updated != 1 || p.Skipped != 1 || p.Rejected != 2 {
		t.Fatalf("the preview says %+v", p)
	}
	if h.dump() != before {
		t.Error("the check wrote something")
	}
	wantColumns := []importer.Column{
		{Name: "id", Field: "customer_id", Samples: []string{"1", "2", "3"}},
		{Name: "name", Field: "display_name", Samples: []string{"Anna", "Bert"}},
		{Name: "phone", Field: "phone", Samples: []string{"+15557040102", "+15557040103", "555 704 0102"}},
		{Name: "owner", Field: "owner", Samples: []string{"bob"}},
		{Name: "Shoe size", Field: "", Samples: []string{"40", "41", "42"}},
	}
	if diff := cmp.Diff(wantColumns, i.Columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if _, err := h.Choose(t.Context(), i.ID, admin.ImportOptions{Map: []importer.Mapping{{Field: "notes", Column: "shoe size"}}, Region: "US"}); err != nil {
		t.Fatal(err)
	}
	i = h.until(i.ID, admin.Ready)
	if i.Columns[4].Field != "notes" || len(i.Preview.Unused) != 0 {
		t.Errorf("after a choice: %+v, %+v", i.Columns, i.Preview)
	}
	running, err := h.Run(t.Context(), "zoe", i.ID)
	if err != nil || running.State != admin.Importing && running.State != admin.Done {
		t.Fatalf("%+v: %v", running, err)
	}
	i = h.until(i.ID, admin.Done)
	if r := i.Report; r.DryRun || r.Created != 1 || r.Updated != 1 || r.Rejected != 2 || i.Kept || i.Ended.IsZero() || i.Progress.Rows != 5 {
		t.Errorf("it came to %+v %+v", i, r)
	}
	if c := h.get("1"); c.Name != "Anna" || c.Details.Content != "40" {
		t.Errorf("the customer is %+v", c)
	}
	name, content := h.rejects(i.ID)
	if want := "rejected_line,rejected_reason,id,name,phone,owner,Shoe size\r\n3,\"it has no name\",2,,+15557040103,bob,41\r\n"; name != "crm-rejected.csv" || !strings.HasPrefix(content, want) {
		t.Errorf("the rejects are %s:\n%s", name, content)
	}
	want := []string{`zoe import "crm.csv" "begun" 0`, `zoe import "crm.csv" "1 created, 1 updated, 0 unchanged, 1 skipped, 2 rejected" 5`}
	if diff := cmp.Diff(want, h.diary.told()); diff != "" {
		t.Errorf("the audit (-want +got):\n%s", diff)
	}
	if left, _ := filepath.Glob(filepath.Join(h.dir, "upload-*")); len(left) > 0 {
		t.Errorf("the file is still there: %v", left)
	}
	if _, err := h.Run(t.Context(), "zoe", i.ID); !errors.Is(err, admin.ErrNotReady) {
		t.Errorf("once more: %v", err)
	}
}

func TestAFileThatLacksSomethingIsToBeChosenFor(t *testing.T) {
	h := newHouse(t)
	for text, c := range map[string]struct {
		need   importer.Need
		choice admin.ImportOptions
	}{
		"name,email\nAnna,a@example.com\n":                    {importer.NeedOwner, admin.ImportOptions{Worker: " bob "}},
		"A,B\nAnna,bob\n":                                     {importer.NeedName, admin.ImportOptions{Map: []importer.Mapping{{Field: "name", Column: "a"}, {Field: "owner", Column: "B"}}}},
		"[{\"name\":\"Anna\"}]":                               {importer.NeedOwner, admin.ImportOptions{Worker: "*"}},
		"BEGIN:VCARD\nFN:Anna\nTEL:+15557040102\nEND:VCARD\n": {importer.NeedOwner, admin.ImportOptions{Worker: "bob"}},
	} {
		i := h.stage(text)
		if i.State != admin.Choosing || i.Need != c.need || i.Problem == "" || strings.Contains(i.Problem, "--") || len(i.Columns) == 0 {
			t.Errorf("%q is %+v", text, i)
		}
		if _, err := h.Run(t.Context(), "ann", i.ID); !errors.Is(err, admin.ErrNotReady) {
			t.Errorf("%q was run: %v", text, err)
		}
		if i, err := h.Choose(t.Context(), i.ID, admin.ImportOptions{Region: "Mars", Worker: "bob"}); err != nil || i.State != admin.Choosing || i.Problem == "" {
			t.Errorf("%q with a wrong choice: %+v, %v", text, i, err)
		}
		if _, err := h.Choose(t.Context(), i.ID, c.choice); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if i := h.until(i.ID, admin.Ready); i.Preview.Created != 1 || i.Need != "" || i.Problem != "" {
			t.Errorf("%q: %+v", text, i)
		}
		if err := h.Cancel(t.Context(), i.ID); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatIsNoExportIsRefusedAndNotKept(t *testing.T) {
	h := newHouse(t)
	for name, c := range map[string]struct {
		body io.Reader
		want func(error) bool
	}{
		"nothing":         {strings.NewReader(""), isUsage},
		"a spreadsheet":   {strings.NewReader("PK\x03\x04xxxxxxxx"), isUsage},
		"a web page":      {strings.NewReader("<!doctype html><p>x"), isUsage},
		"a broken upload": {io.MultiReader(strings.NewReader(troubled), iotest.ErrReader(io.ErrUnexpectedEOF)), func(err error) bool { return errors.Is(err, admin.ErrUpload) }},
		"half a gigabyte": {io.LimitReader(zeros{}, 513<<20), func(err error) bool { return errors.Is(err, admin.ErrTooBig) }},
	} {
		if name == "half a gigabyte" && testing.Short() {
			continue
		}
		if i, err := h.Stage(t.Context(), "ann", "x", c.body); !c.want(err) {
			t.Errorf("%s: %+v, %v", name, i, err)
		}
	}
	if left, _ := os.ReadDir(h.dir); len(left) > 0 || len(h.Imports()) > 0 {
		t.Errorf("kept are %v, %v", left, h.Imports())
	}
}

func isUsage(err error) bool {
	var usage *importer.UsageError
	return errors.As(err, &usage) && usage.Reason != ""
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestAFullDiskIsTold(t *testing.T) {
	if err := admin.OnDisk(&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}); !errors.Is(err, admin.ErrDiskFull) {
		t.Errorf("no room: %v", err)
	}
	full := newHouse(t, func(o *admin.Options) {
		o.Bulk = func(context.Context) (customer.Store, func(context.Context) error, func() error, error) {
			return nil, nil, nil, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
		}
	})
	i := full.stage(rowsOfCSV(10))
	full.until(i.ID, admin.Ready)
	if _, err := full.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	if i = full.until(i.ID, admin.Failed); !strings.Contains(i.Problem, "disk is full") || !i.Kept {
		t.Errorf("it failed with %+v", i)
	}
	if _, err := full.Run(t.Context(), "ann", i.ID); err != nil {
		t.Errorf("it cannot be tried again: %v", err)
	}
	full.until(i.ID, admin.Failed)
}

func TestNamesOfFilesAreHarmless(t *testing.T) {
	h := newHouse(t)
	for name, want := range map[string]string{
		`C:\Users\ann\crm.csv`: "crm.csv", "../../etc/passwd": "passwd", "a\x00b\u202Ec.csv": "abc.csv", "": "upload", "\xff\n": "upload",
		strings.Repeat("ü", 300) + ".csv": strings.Repeat("ü", 100) + "…" + strings.Repeat("ü", 15) + ".csv",
	} {
		i, err := h.Stage(t.Context(), "ann", name, strings.NewReader(rowsOfCSV(1)))
		if err != nil || i.File != want {
			t.Errorf("%q is called %q, want %q: %v", name, i.File, want, err)
		}
		h.until(i.ID, admin.Ready)
		if err := h.Cancel(t.Context(), i.ID); err != nil {
			t.Error(err)
		}
	}
}

func TestOnlySoManyFilesWait(t *testing.T) {
	h := newHouse(t)
	var first string
	for n := range 5 {
		i := h.stage(rowsOfCSV(1))
		if n == 0 {
			first = i.ID
		}
		h.until(i.ID, admin.Ready)
	}
	if _, err := h.Stage(t.Context(), "ann", "x.csv", strings.NewReader(rowsOfCSV(1))); !errors.Is(err, admin.ErrTooMany) {
		t.Errorf("a sixth: %v", err)
	}
	if err := h.Cancel(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	i := h.stage(rowsOfCSV(1))
	h.until(i.ID, admin.Ready)
	if list := h.Imports(); len(list) != 6 || list[0].ID != i.ID || !slices.ContainsFunc(list, func(i admin.Import) bool { return i.ID == first && i.State == admin.Cancelled && !i.Kept }) {
		t.Errorf("known are %+v", list)
	}
	for _, ask := range []func(string) error{
		func(id string) error { _, err := h.Import(id); return err },
		func(id string) error { _, err := h.Choose(t.Context(), id, admin.ImportOptions{}); return err },
		func(id string) error { _, err := h.Run(t.Context(), "ann", id); return err },
		func(id string) error { return h.Cancel(t.Context(), id) },
		func(id string) error { _, _, err := h.Rejects(id); return err },
	} {
		if err := ask("unknown"); !errors.Is(err, admin.ErrNoImport) {
			t.Errorf("an unknown import: %v", err)
		}
	}
}

func TestAFileThatVanishedIsToldAtAChoice(t *testing.T) {
	h := newHouse(t)
	i := h.stage(rowsOfCSV(3))
	h.until(i.ID, admin.Ready)
	files, err := filepath.Glob(filepath.Join(h.dir, "upload-*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	i, err = h.Choose(t.Context(), i.ID, admin.ImportOptions{Region: "US"})
	if err == nil || i.State != admin.Failed || i.Problem == "" {
		t.Errorf("it is %+v: %v", i, err)
	}
	if _, err := h.Run(t.Context(), "ann", i.ID); !errors.Is(err, admin.ErrNotReady) {
		t.Errorf("it was run: %v", err)
	}
}
