package admin_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
)

// blockingStore blocks transactions until open is closed.
type blockingStore struct {
	customer.Store
	open chan struct{}
	fail func(ctx context.Context, n int) error // of the n-th transaction
	n    int
}

func (g *blockingStore) Update(ctx context.Context, fn func(customer.Tx) error) error {
	select {
	case <-g.open:
	case <-ctx.Done():
		return ctx.Err()
	}
	if g.n++; g.fail != nil {
		if err := g.fail(ctx, g.n); err != nil {
			return err
		}
	}
	return g.Store.Update(ctx, fn)
}

// newBlockedService starts a service whose imports write through a blockingStore.
func newBlockedService(t *testing.T) (*testService, *blockingStore) {
	t.Helper()
	g := &blockingStore{open: make(chan struct{})}
	ts := newTestService(t, func(o *admin.Options) {
		bulk := o.Bulk
		o.Bulk = func(ctx context.Context) (customer.Store, func(context.Context) error, func() error, error) {
			store, finish, closeStore, err := bulk(ctx)
			g.Store = store
			return g, finish, closeStore, err
		}
	})
	return ts, g
}

// manyRows is enough for two transactions, on a machine of any speed.
const manyRows = 11_000

func TestService_OneTaskAtATime(t *testing.T) {
	ts, g := newBlockedService(t)
	i := ts.stage(csvRows(100))
	ts.waitFor(i.ID, admin.Ready)
	second := ts.stage(csvRows(5))
	ts.waitFor(second.ID, admin.Ready)
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"Upload()":     func() error { _, err := ts.Upload(t.Context(), "zoe", "x", strings.NewReader("x")); return err },
		"Run()":        func() error { _, err := ts.Run(t.Context(), "zoe", second.ID); return err },
		"SetOptions()": func() error { _, err := ts.SetOptions(t.Context(), second.ID, admin.ImportOptions{}); return err },
		"Reassign()":   func() error { _, err := ts.Reassign(t.Context(), "zoe", "a", "b"); return err },
	} {
		var busy *admin.BusyError
		if err := call(); !errors.As(err, &busy) || !errors.Is(err, admin.ErrBusy) || busy.By != "ann" || busy.What != "crm.csv" {
			t.Errorf("%s = %v, want a BusyError of ann", name, err)
		}
	}
	if _, err := ts.Run(t.Context(), "zoe", i.ID); !errors.Is(err, admin.ErrNotReady) {
		t.Errorf("second Run() of a running import = %v, want ErrNotReady", err)
	}
	if _, err := ts.SetOptions(t.Context(), i.ID, admin.ImportOptions{}); !errors.Is(err, admin.ErrNotReady) {
		t.Errorf("SetOptions() for a running import = %v, want ErrNotReady", err)
	}
	close(g.open)
	ts.waitFor(i.ID, admin.Done)
	if _, err := ts.Run(t.Context(), "zoe", second.ID); err != nil {
		t.Error(err)
	}
	ts.waitFor(second.ID, admin.Done)
}

func TestService_Cancel_KeepsWhatWasWritten(t *testing.T) {
	ts, g := newBlockedService(t)
	text := csvRows(manyRows)
	i := ts.stage(text)
	ts.waitFor(i.ID, admin.Ready)
	reached := make(chan struct{})
	g.fail = func(ctx context.Context, n int) error {
		if n == 2 {
			close(reached)
			<-ctx.Done()
		}
		return nil
	}
	close(g.open)
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	select {
	case <-reached:
	case <-time.After(90 * time.Second):
		t.Fatal("the import makes no second transaction")
	}
	if err := ts.Cancel(t.Context(), i.ID); err != nil {
		t.Fatal(err)
	}
	i = ts.waitFor(i.ID, admin.Canceled) // Cancel waits two seconds at most
	if i.Report == nil || i.Report.Created == 0 || i.Report.Created == manyRows || i.HasFile {
		t.Fatalf("canceled import = %+v, report %+v", i, i.Report)
	}
	if got := len(ts.all()); got != i.Report.Created {
		t.Errorf("Run, then Cancel: %d customers stored, want the %d reported", got, i.Report.Created)
	}
	lines := ts.audit.lines()
	if last := lines[len(lines)-1]; !strings.Contains(last, "state=canceled") {
		t.Errorf("audit = %s, want cancelled", last)
	}
	g.fail = nil
	if again := ts.importText(text, admin.ImportOptions{}); again.Report.Created+again.Report.Unchanged != manyRows || again.Report.Unchanged != i.Report.Created {
		t.Errorf("Report of a second import = %+v, want %d unchanged", again.Report, i.Report.Created)
	}
}

func TestService_Run_CanBeRepeatedAfterFailure(t *testing.T) {
	ts, g := newBlockedService(t)
	i := ts.stage(csvRows(manyRows))
	ts.waitFor(i.ID, admin.Ready)
	g.fail = func(_ context.Context, n int) error {
		if n == 2 {
			return fmt.Errorf("%w: %w", customer.ErrUnavailable, errBroken)
		}
		return nil
	}
	close(g.open)
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	i = ts.waitFor(i.ID, admin.Failed)
	if i.Report.Created == 0 || !i.HasFile || !strings.Contains(i.Problem, "is unavailable") || strings.Contains(i.Problem, "broken") {
		t.Fatalf("failed import = %+v", i)
	}
	first := i.Report.Created
	g.fail = nil
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	if i = ts.waitFor(i.ID, admin.Done); i.Report.Unchanged != first || i.Report.Created != manyRows-first || i.Problem != "" {
		t.Errorf("Report of the second Run = %+v, want %d unchanged", i.Report, first)
	}
}

func TestService_Run_RefusedWithoutAudit(t *testing.T) {
	ts := newTestService(t)
	i := ts.stage(csvRows(10))
	ts.waitFor(i.ID, admin.Ready)
	ts.audit.fail(errBroken)
	if _, err := ts.Run(t.Context(), "ann", i.ID); err == nil {
		t.Errorf("Run() with a broken audit = %v, want the error of the audit", err)
	}
	if i, _ := ts.Import(i.ID); i.State != admin.Ready || len(ts.all()) > 0 {
		t.Errorf("Import() = %+v, want Ready and no customers", i)
	}
	ts.audit.fail(nil)
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Error(err)
	}
	ts.waitFor(i.ID, admin.Done)
}

func TestService_SetOptions_CancelsThePreviousCheck(t *testing.T) {
	ts := newTestService(t)
	i := ts.stage(strings.ReplaceAll(csvRows(manyRows), "owner", "sold by"))
	var wait sync.WaitGroup
	for n := range 4 {
		wait.Go(func() {
			if _, err := ts.SetOptions(t.Context(), i.ID, admin.ImportOptions{Worker: fmt.Sprint("w", n)}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if _, err := ts.SetOptions(t.Context(), i.ID, admin.ImportOptions{Worker: "last"}); err != nil {
		t.Fatal(err)
	}
	i = ts.waitFor(i.ID, admin.Ready)
	if i.Options.Worker != "last" || i.Preview.Created != manyRows || i.Problem != "" {
		t.Errorf("Import() = %+v, want the last choice", i)
	}
}

func TestService_Close(t *testing.T) {
	before := runtime.NumGoroutine()
	ts, _ := newBlockedService(t)
	i := ts.stage(csvRows(1000))
	ts.waitFor(i.ID, admin.Ready)
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	ts.stageWhileBusy(t)
	ts.Close()
	if i, _ = ts.Import(i.ID); i.State != admin.Canceled {
		t.Errorf("state after Close = %s, want Canceled", i.State)
	}
	if left, err := os.ReadDir(ts.dir); !os.IsNotExist(err) {
		t.Errorf("files left after Close: %v, %v", left, err)
	}
	if _, err := ts.Upload(t.Context(), "ann", "x.csv", strings.NewReader(csvRows(1))); !errors.Is(err, admin.ErrClosed) {
		t.Errorf("Upload() after Close = %v, want ErrClosed", err)
	}
	ts.Close()
	ts.eventually("its goroutines have ended", func() bool { return runtime.NumGoroutine() <= before+4 })
}

// stageWhileBusy checks that an upload is refused while an import runs.
func (ts *testService) stageWhileBusy(t *testing.T) {
	t.Helper()
	if _, err := ts.Upload(t.Context(), "ann", "x.csv", strings.NewReader(csvRows(1))); !errors.Is(err, admin.ErrBusy) {
		t.Errorf("Upload() during an import = %v, want ErrBusy", err)
	}
}

func TestNew_RemovesFilesOfACrashedProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "uploads")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"upload-x", "rejects-x", "check-1", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ts := newTestService(t, func(o *admin.Options) { o.Dir = dir })
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "other" {
		t.Errorf("files left: %v, want only other", left)
	}
	i := ts.stage(csvRows(3))
	ts.waitFor(i.ID, admin.Ready)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode of the directory = %v, %v", info.Mode(), err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "[ur]*"))
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode of %s = %v, %v", f, info.Mode(), err)
		}
	}
	if len(files) != 2 {
		t.Errorf("files = %v, want 2", files)
	}
}

func TestService_Run_ReportsADiskThatFills(t *testing.T) {
	ts, g := newBlockedService(t)
	g.fail = func(_ context.Context, n int) error {
		if n == 1 {
			return fmt.Errorf("%w: %w", customer.ErrUnavailable, syscall.ENOSPC)
		}
		return nil
	}
	close(g.open)
	i := ts.stage(csvRows(10))
	ts.waitFor(i.ID, admin.Ready)
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	if failed := ts.waitFor(i.ID, admin.Failed); !strings.Contains(failed.Problem, "disk is full") {
		t.Errorf("Problem = %q, want a full disk", failed.Problem)
	}
}
