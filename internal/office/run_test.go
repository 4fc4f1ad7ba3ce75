package office_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/office"
)

// gate lets a store's transactions begin only when it is open.
type gate struct {
	customer.Store
	open chan struct{}
	fail func(ctx context.Context, n int) error // of the n-th transaction
	n    int
}

func (g *gate) Update(ctx context.Context, fn func(customer.Tx) error) error {
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

// gated makes imports of a house go through a gate.
func gated(t *testing.T) (*house, *gate) {
	t.Helper()
	g := &gate{open: make(chan struct{})}
	var h *house
	h = newHouse(t, func(o *office.Options) {
		bulk := o.Bulk
		o.Bulk = func(ctx context.Context) (customer.Store, func(context.Context) error, func() error, error) {
			store, finish, shut, err := bulk(ctx)
			g.Store = store
			return g, finish, shut, err
		}
	})
	return h, g
}

// many is enough rows for two transactions, on a machine of any speed.
const many = 15_000

func TestOneWorksAtATimeAndTheOthersAreToldWho(t *testing.T) {
	h, g := gated(t)
	i := h.stage(rowsOfCSV(100))
	h.until(i.ID, office.Ready)
	second := h.stage(rowsOfCSV(5))
	h.until(second.ID, office.Ready)
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	for what, ask := range map[string]func() error{
		"an upload":      func() error { _, err := h.Stage(t.Context(), "zoe", "x", strings.NewReader("x")); return err },
		"another import": func() error { _, err := h.Run(t.Context(), "zoe", second.ID); return err },
		"a choice":       func() error { _, err := h.Choose(t.Context(), second.ID, office.Choices{}); return err },
		"a reassignment": func() error { _, err := h.Reassign(t.Context(), "zoe", "a", "b"); return err },
	} {
		var busy *office.BusyError
		if err := ask(); !errors.As(err, &busy) || !errors.Is(err, office.ErrBusy) || busy.By != "ann" || busy.What != "crm.csv" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := h.Run(t.Context(), "zoe", i.ID); !errors.Is(err, office.ErrNotReady) {
		t.Errorf("the same import twice: %v", err)
	}
	if _, err := h.Choose(t.Context(), i.ID, office.Choices{}); !errors.Is(err, office.ErrNotReady) {
		t.Errorf("a choice for it: %v", err)
	}
	close(g.open)
	h.until(i.ID, office.Done)
	if _, err := h.Run(t.Context(), "zoe", second.ID); err != nil {
		t.Error(err)
	}
	h.until(second.ID, office.Done)
}

func TestACancelledImportKeepsWhatItWroteAndIsCompletedByAnother(t *testing.T) {
	h, g := gated(t)
	text := rowsOfCSV(many)
	i := h.stage(text)
	h.until(i.ID, office.Ready)
	reached := make(chan struct{})
	g.fail = func(ctx context.Context, n int) error {
		if n == 2 {
			close(reached)
			<-ctx.Done()
		}
		return nil
	}
	close(g.open)
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	select {
	case <-reached:
	case <-time.After(90 * time.Second):
		t.Fatal("there is no second transaction")
	}
	if err := h.Cancel(t.Context(), i.ID); err != nil {
		t.Fatal(err)
	}
	i, _ = h.Import(i.ID)
	if i.State != office.Cancelled || i.Report == nil || i.Report.Created == 0 || i.Report.Created == many || i.Kept {
		t.Fatalf("it is %+v, %+v", i, i.Report)
	}
	if got := len(h.all()); got != i.Report.Created {
		t.Errorf("%d customers are there, and %d were told", got, i.Report.Created)
	}
	told := h.diary.told()
	if last := told[len(told)-1]; !strings.Contains(last, "; cancelled") {
		t.Errorf("the audit says %s", last)
	}
	g.fail = nil
	if again := h.bring(text, office.Choices{}); again.Report.Created+again.Report.Unchanged != many || again.Report.Unchanged != i.Report.Created {
		t.Errorf("once more came to %+v", again.Report)
	}
}

func TestAnImportThatFailsIsToldAndCanBeRunAgain(t *testing.T) {
	h, g := gated(t)
	i := h.stage(rowsOfCSV(many))
	h.until(i.ID, office.Ready)
	g.fail = func(_ context.Context, n int) error {
		if n == 2 {
			return fmt.Errorf("%w: %w", customer.ErrUnavailable, errBroken)
		}
		return nil
	}
	close(g.open)
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	i = h.until(i.ID, office.Failed)
	if i.Report.Created == 0 || !i.Kept || !strings.Contains(i.Problem, "cannot be reached") || strings.Contains(i.Problem, "broken") {
		t.Fatalf("it is %+v", i)
	}
	first := i.Report.Created
	g.fail = nil
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	if i = h.until(i.ID, office.Done); i.Report.Unchanged != first || i.Report.Created != many-first || i.Problem != "" {
		t.Errorf("once more came to %+v", i.Report)
	}
}

func TestNothingIsBegunThatCannotBeKeptInTheAudit(t *testing.T) {
	h := newHouse(t)
	i := h.stage(rowsOfCSV(10))
	h.until(i.ID, office.Ready)
	h.diary.fail(errBroken)
	if _, err := h.Run(t.Context(), "ann", i.ID); !errors.Is(err, office.ErrNotKept) {
		t.Errorf("got %v", err)
	}
	if i, _ := h.Import(i.ID); i.State != office.Ready || len(h.all()) > 0 {
		t.Errorf("it is %+v", i)
	}
	h.diary.fail(nil)
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Error(err)
	}
	h.until(i.ID, office.Done)
}

func TestAChoiceEndsTheCheckOfTheOneBefore(t *testing.T) {
	h := newHouse(t)
	i := h.stage(strings.ReplaceAll(rowsOfCSV(many), "owner", "sold by"))
	var wait sync.WaitGroup
	for n := range 4 { // two administrators, impatient
		wait.Go(func() {
			if _, err := h.Choose(t.Context(), i.ID, office.Choices{Worker: fmt.Sprint("w", n)}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if _, err := h.Choose(t.Context(), i.ID, office.Choices{Worker: "last"}); err != nil {
		t.Fatal(err)
	}
	i = h.until(i.ID, office.Ready)
	if i.Choices.Worker != "last" || i.Preview.Created != many || i.Problem != "" {
		t.Errorf("it is %+v", i)
	}
}

func TestClosingEndsWhatGoesOnAndLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	h, _ := gated(t)
	i := h.stage(rowsOfCSV(1000))
	h.until(i.ID, office.Ready)
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	h.stageBusy(t)
	h.Close()
	if i, _ = h.Import(i.ID); i.State != office.Cancelled {
		t.Errorf("the import is %s", i.State)
	}
	if left, err := os.ReadDir(h.dir); !os.IsNotExist(err) {
		t.Errorf("left are %v, %v", left, err)
	}
	if _, err := h.Stage(t.Context(), "ann", "x.csv", strings.NewReader(rowsOfCSV(1))); !errors.Is(err, office.ErrClosed) {
		t.Errorf("an upload after the end: %v", err)
	}
	h.Close()
	h.eventually("its goroutines have ended", func() bool { return runtime.NumGoroutine() <= before+4 })
}

// stageBusy is refused while an import is under way.
func (h *house) stageBusy(t *testing.T) {
	t.Helper()
	if _, err := h.Stage(t.Context(), "ann", "x.csv", strings.NewReader(rowsOfCSV(1))); !errors.Is(err, office.ErrBusy) {
		t.Errorf("an upload beside an import: %v", err)
	}
}

func TestFilesOfAProcessThatCrashedAreRemovedAtTheStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "uploads")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"upload-x", "rejects-x", "check-1", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := newHouse(t, func(o *office.Options) { o.Dir = dir })
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "other" {
		t.Errorf("left are %v", left)
	}
	i := h.stage(rowsOfCSV(3))
	h.until(i.ID, office.Ready)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory is %v, %v", info.Mode(), err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "[ur]*"))
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v, %v", f, info.Mode(), err)
		}
	}
	if len(files) != 2 {
		t.Errorf("there are %v", files)
	}
}
