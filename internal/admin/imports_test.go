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

const mixedCSV = "id,name,phone,owner,Shoe size\n1,Anna,+15557040102,bob,40\n2,,,bob,41\n1,Anna,555 704 0102,bob,40\n3,Bert,call me,,42\n4\n"

func TestService_UploadSetOptionsRun(t *testing.T) {
	ts := newTestService(t)
	ts.put(customer.Customer{ID: "1", Name: "Before", Workers: []string{"bob"}})
	before := ts.dump()
	i := ts.stage(mixedCSV)
	if i.State != admin.Checking || i.File != "crm.csv" || i.By != "ann" || i.Size != int64(len(mixedCSV)) || !i.HasFile {
		t.Errorf("Upload() = %+v", i)
	}
	i = ts.waitFor(i.ID, admin.Ready)
	p := i.Preview
	if p == nil || !p.DryRun || p.Rows != 5 || p.Created != 1 || p.Updated != 1 || p.Skipped != 1 || p.Rejected != 2 {
		t.Fatalf("Preview = %+v", p)
	}
	if ts.dump() != before {
		t.Error("the check changed the customers")
	}
	wantColumns := []importer.Column{
		{Position: 1, Name: "id", Field: "customer_id", Samples: []string{"1", "2", "3"}},
		{Position: 2, Name: "name", Field: "display_name", Samples: []string{"Anna", "Bert"}},
		{Position: 3, Name: "phone", Field: "phone", Samples: []string{"+15557040102", "555 704 0102", "call me"}},
		{Position: 4, Name: "owner", Field: "owner", Samples: []string{"bob"}},
		{Position: 5, Name: "Shoe size", Field: "", Samples: []string{"40", "41", "42"}},
	}
	if diff := cmp.Diff(wantColumns, i.Columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if _, err := ts.SetOptions(t.Context(), i.ID, admin.ImportOptions{Map: []importer.Mapping{{Field: "notes", Column: "shoe size"}}, Region: "US"}); err != nil {
		t.Fatal(err)
	}
	i = ts.waitFor(i.ID, admin.Ready)
	if i.Columns[4].Field != "notes" || len(i.Preview.UnusedColumns) != 0 {
		t.Errorf("after SetOptions(notes=shoe size): columns %+v, preview %+v", i.Columns, i.Preview)
	}
	running, err := ts.Run(t.Context(), "zoe", i.ID)
	if err != nil || running.State != admin.Running && running.State != admin.Done {
		t.Fatalf("Run() = %+v, %v", running, err)
	}
	i = ts.waitFor(i.ID, admin.Done)
	if r := i.Report; r.DryRun || r.Created != 1 || r.Updated != 1 || r.Rejected != 2 || i.HasFile || i.Ended.IsZero() || i.Progress.Rows != 5 {
		t.Errorf("Import() after Run = %+v, report %+v", i, r)
	}
	if c := ts.get("1"); c.Name != "Anna" || c.Details.Content != "40" {
		t.Errorf("customer 1 = %+v", c)
	}
	name, content := ts.rejects(i.ID)
	if want := "rejected_line,rejected_reason,id,name,phone,owner,Shoe size\r\n3,\"no name\",2,,,bob,41\r\n"; name != "crm-rejected.csv" || !strings.HasPrefix(content, want) {
		t.Errorf("Rejects() = %s:\n%s\nwant prefix %s", name, content, want)
	}
	want := []string{`zoe import "crm.csv" "state=begun" 0`, `zoe import "crm.csv" "created=1&updated=1&skipped=1&rejected=2" 5`}
	if diff := cmp.Diff(want, ts.audit.lines()); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	if left, _ := filepath.Glob(filepath.Join(ts.dir, "upload-*")); len(left) > 0 {
		t.Errorf("upload left after Run: %v", left)
	}
	if _, err := ts.Run(t.Context(), "zoe", i.ID); !errors.Is(err, admin.ErrNotReady) {
		t.Errorf("second Run() = %v, want ErrNotReady", err)
	}
}

func TestService_Upload_AsksForMissingOptions(t *testing.T) {
	ts := newTestService(t)
	for text, c := range map[string]struct {
		need    importer.Need
		options admin.ImportOptions
	}{
		"name,email\nAnna,a@example.com\n":                    {importer.NeedOwner, admin.ImportOptions{Worker: " bob "}},
		"A,B\nAnna,bob\n":                                     {importer.NeedName, admin.ImportOptions{Map: []importer.Mapping{{Field: "name", Column: "a"}, {Field: "owner", Column: "B"}}}},
		"[{\"name\":\"Anna\"}]":                               {importer.NeedOwner, admin.ImportOptions{Worker: "*"}},
		"BEGIN:VCARD\nFN:Anna\nTEL:+15557040102\nEND:VCARD\n": {importer.NeedOwner, admin.ImportOptions{Worker: "bob"}},
	} {
		i := ts.stage(text)
		if i.State != admin.NeedsInput || i.Need != c.need || i.Problem == "" || strings.Contains(i.Problem, "--") || len(i.Columns) == 0 {
			t.Errorf("Upload(%q) = %+v, want need %q", text, i, c.need)
		}
		if _, err := ts.Run(t.Context(), "ann", i.ID); !errors.Is(err, admin.ErrNotReady) {
			t.Errorf("Run(import of %q) = %v, want ErrNotReady", text, err)
		}
		if i, err := ts.SetOptions(t.Context(), i.ID, admin.ImportOptions{Region: "Mars", Worker: "bob"}); err != nil || i.State != admin.NeedsInput || i.Problem == "" {
			t.Errorf("SetOptions(import of %q, region Mars) = %+v, %v, want NeedsInput with a problem", text, i, err)
		}
		if _, err := ts.SetOptions(t.Context(), i.ID, c.options); err != nil {
			t.Errorf("SetOptions(import of %q, %+v) = %v, want success", text, c.options, err)
		}
		if i := ts.waitFor(i.ID, admin.Ready); i.Preview.Created != 1 || i.Need != "" || i.Problem != "" {
			t.Errorf("Import(%q) = %+v, want 1 created", text, i)
		}
		if err := ts.Cancel(t.Context(), i.ID); err != nil {
			t.Error(err)
		}
	}
}

func TestService_Upload_RefusesUnusableFiles(t *testing.T) {
	ts := newTestService(t)
	for name, c := range map[string]struct {
		body io.Reader
		want func(error) bool
	}{
		"nothing":         {strings.NewReader(""), isUsage},
		"a spreadsheet":   {strings.NewReader("PK\x03\x04xxxxxxxx"), isUsage},
		"a web page":      {strings.NewReader("<!doctype html><p>x"), isUsage},
		"a broken upload": {io.MultiReader(strings.NewReader(mixedCSV), iotest.ErrReader(io.ErrUnexpectedEOF)), func(err error) bool { return errors.Is(err, admin.ErrUpload) }},
		"half a gigabyte": {io.LimitReader(zeros{}, 513<<20), func(err error) bool { return errors.Is(err, admin.ErrTooBig) }},
	} {
		if name == "half a gigabyte" && testing.Short() {
			continue
		}
		if i, err := ts.Upload(t.Context(), "ann", "x", c.body); !c.want(err) {
			t.Errorf("Upload(%s) = %+v, %v, want another error", name, i, err)
		}
	}
	if left, _ := os.ReadDir(ts.dir); len(left) > 0 || len(ts.Imports()) > 0 {
		t.Errorf("after refused uploads: files %v, imports %v", left, ts.Imports())
	}
}

func isUsage(err error) bool {
	var usage *importer.UsageError
	return errors.As(err, &usage) && usage.Reason != ""
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestService_Run_ReportsAFullDisk(t *testing.T) {
	if err := admin.DiskError(&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}); !errors.Is(err, admin.ErrDiskFull) {
		t.Errorf("DiskError(ENOSPC) = %v, want ErrDiskFull", err)
	}
	full := newTestService(t, func(o *admin.Options) {
		o.Bulk = func(context.Context) (customer.Store, func(context.Context) error, func() error, error) {
			return nil, nil, nil, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
		}
	})
	i := full.stage(csvRows(10))
	full.waitFor(i.ID, admin.Ready)
	if _, err := full.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	if i = full.waitFor(i.ID, admin.Failed); !strings.Contains(i.Problem, "disk is full") || !i.HasFile {
		t.Errorf("Import() = %+v, want a disk problem and the file kept", i)
	}
	if _, err := full.Run(t.Context(), "ann", i.ID); err != nil {
		t.Errorf("second Run() = %v", err)
	}
	full.waitFor(i.ID, admin.Failed)
}

func TestService_Upload_CleansFileNames(t *testing.T) {
	ts := newTestService(t)
	for name, want := range map[string]string{
		`C:\Users\ann\crm.csv`: "crm.csv", "../../etc/passwd": "passwd", "a\x00b\u202Ec.csv": "abc.csv", "": "upload", "\xff\n": "upload",
		strings.Repeat("ü", 300) + ".csv": strings.Repeat("ü", 100) + "…" + strings.Repeat("ü", 15) + ".csv",
	} {
		i, err := ts.Upload(t.Context(), "ann", name, strings.NewReader(csvRows(1)))
		if err != nil || i.File != want {
			t.Errorf("Upload(%q) names the file %q, want %q: %v", name, i.File, want, err)
		}
		ts.waitFor(i.ID, admin.Ready)
		if err := ts.Cancel(t.Context(), i.ID); err != nil {
			t.Error(err)
		}
	}
}

func TestService_Upload_LimitsWaitingFiles(t *testing.T) {
	ts := newTestService(t)
	var first string
	for n := range 5 {
		i := ts.stage(csvRows(1))
		if n == 0 {
			first = i.ID
		}
		ts.waitFor(i.ID, admin.Ready)
	}
	if _, err := ts.Upload(t.Context(), "ann", "x.csv", strings.NewReader(csvRows(1))); !errors.Is(err, admin.ErrTooMany) {
		t.Errorf("Upload(sixth file) = %v, want ErrTooMany", err)
	}
	if err := ts.Cancel(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	i := ts.stage(csvRows(1))
	ts.waitFor(i.ID, admin.Ready)
	if list := ts.Imports(); len(list) != 6 || list[0].ID != i.ID || !slices.ContainsFunc(list, func(i admin.Import) bool { return i.ID == first && i.State == admin.Canceled && !i.HasFile }) {
		t.Errorf("Imports() = %+v", list)
	}
	for _, call := range []func(string) error{
		func(id string) error { _, err := ts.Import(id); return err },
		func(id string) error { _, err := ts.SetOptions(t.Context(), id, admin.ImportOptions{}); return err },
		func(id string) error { _, err := ts.Run(t.Context(), "ann", id); return err },
		func(id string) error { return ts.Cancel(t.Context(), id) },
		func(id string) error { _, _, err := ts.Rejects(id); return err },
	} {
		if err := call("unknown"); !errors.Is(err, admin.ErrNoImport) {
			t.Errorf("call for an unknown import = %v, want ErrNoImport", err)
		}
	}
}

func TestService_SetOptions_FileVanished(t *testing.T) {
	ts := newTestService(t)
	i := ts.stage(csvRows(3))
	ts.waitFor(i.ID, admin.Ready)
	files, err := filepath.Glob(filepath.Join(ts.dir, "upload-*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	i, err = ts.SetOptions(t.Context(), i.ID, admin.ImportOptions{Region: "US"})
	if err == nil || i.State != admin.Failed || i.Problem == "" {
		t.Errorf("SetOptions() = %+v, %v, want Failed", i, err)
	}
	if _, err := ts.Run(t.Context(), "ann", i.ID); !errors.Is(err, admin.ErrNotReady) {
		t.Errorf("Run() = %v, want ErrNotReady", err)
	}
}

func TestService_Upload_LimitsConcurrentUploads(t *testing.T) {
	ts := newTestService(t)
	var uploads []*io.PipeWriter
	ended := make(chan error)
	for range 5 {
		r, w := io.Pipe()
		uploads = append(uploads, w)
		go func() { _, err := ts.Upload(t.Context(), "ann", "slow.csv", r); ended <- err }()
		io.WriteString(w, "id,name,owner\n") // returns once Upload reads it
	}
	if _, err := ts.Upload(t.Context(), "ann", "sixth.csv", strings.NewReader(csvRows(1))); !errors.Is(err, admin.ErrTooMany) {
		t.Errorf("Upload(sixth file) = %v, want ErrTooMany", err)
	}
	for _, w := range uploads {
		w.CloseWithError(errBroken)
		if err := <-ended; !errors.Is(err, admin.ErrUpload) {
			t.Errorf("Upload(broken upload) = %v, want ErrUpload", err)
		}
	}
	ts.waitFor(ts.stage(csvRows(1)).ID, admin.Ready)
}
