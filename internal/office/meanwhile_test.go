package office_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/office"
)

func TestAnImportDeletesNobodyOfWhomItsCheckDidNotTell(t *testing.T) {
	h := newHouse(t)
	h.bring(rowsOfCSV(40), office.Choices{})
	i := h.stage(rowsOfCSV(38))
	if _, err := h.Choose(t.Context(), i.ID, office.Choices{Prune: true}); err != nil {
		t.Fatal(err)
	}
	if p := h.until(i.ID, office.Ready).Preview; p.Pruned != 2 {
		t.Fatalf("the check would prune %d, want 2", p.Pruned)
	}
	// One is deleted and one added: as many as before, but others.
	if _, err := h.Delete(t.Context(), "zoe", "39"); err != nil {
		t.Fatal(err)
	}
	if err := h.Save(t.Context(), "zoe", customer.Customer{ID: "new", Name: "Just added"}, ""); err != nil {
		t.Fatal(err)
	}
	before := h.dump()
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	again := h.until(i.ID, office.Ready)
	if h.dump() != before {
		t.Error("something was written")
	}
	if again.Report != nil || again.Preview.Pruned != 2 || again.Preview.FirstPruned[1].ID != "new" || !strings.Contains(again.Problem, "since the check") {
		t.Errorf("told %q, %+v", again.Problem, again.Preview.FirstPruned)
	}
	if told := h.diary.told(); !strings.Contains(told[len(told)-1], "nothing imported") {
		t.Errorf("the audit says %s", told[len(told)-1])
	}
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	if done := h.until(i.ID, office.Done); done.Problem != "" || done.Report.Pruned != 2 || len(h.all()) != 38 {
		t.Errorf("in the end: %q, %d pruned, %d left", done.Problem, done.Report.Pruned, len(h.all()))
	}
}

func TestADiskThatFillsDuringAnImportIsTold(t *testing.T) {
	h, g := gated(t)
	g.fail = func(_ context.Context, n int) error {
		if n == 1 {
			return fmt.Errorf("%w: %w", customer.ErrUnavailable, syscall.ENOSPC)
		}
		return nil
	}
	close(g.open)
	i := h.stage(rowsOfCSV(10))
	h.until(i.ID, office.Ready)
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	if failed := h.until(i.ID, office.Failed); !strings.Contains(failed.Problem, "disk is full") {
		t.Errorf("told %q", failed.Problem)
	}
}

func TestNoMoreFilesComeAtOnceThanMayWait(t *testing.T) {
	h := newHouse(t)
	var slow []*io.PipeWriter
	ended := make(chan error)
	for range 5 {
		r, w := io.Pipe()
		slow = append(slow, w)
		go func() { _, err := h.Stage(t.Context(), "ann", "slow.csv", r); ended <- err }()
		io.WriteString(w, "id,name,owner\n") // taken: it is on its way
	}
	if _, err := h.Stage(t.Context(), "ann", "sixth.csv", strings.NewReader(rowsOfCSV(1))); !errors.Is(err, office.ErrTooMany) {
		t.Errorf("a sixth file: %v", err)
	}
	for _, w := range slow {
		w.CloseWithError(errBroken)
		if err := <-ended; !errors.Is(err, office.ErrUpload) {
			t.Errorf("a broken upload: %v", err)
		}
	}
	h.until(h.stage(rowsOfCSV(1)).ID, office.Ready)
}

func TestTheAuditTellsWhenSavingGivesACustomerToOthers(t *testing.T) {
	h := newHouse(t)
	c := customer.Customer{ID: "1", Name: "Ada", Workers: []string{"bob"}}
	h.put(c)
	for _, change := range []func(){
		func() { c.Company = "Acme" },
		func() { c.Workers = []string{"zoe"} },
		func() { c.Workers = nil },
	} {
		was := office.Revision(c)
		change()
		if err := h.Save(t.Context(), "ann", c, was); err != nil {
			t.Fatal(err)
		}
	}
	want := `ann customer-changed "1" "" 0|ann customer-changed "1" "assigned to zoe" 0|ann customer-changed "1" "assigned to nobody" 0`
	if told := strings.Join(h.diary.told(), "|"); told != want {
		t.Errorf("told %s", told)
	}
}

func TestWhoCancelsDoesNotWaitForTheWorkAfterwards(t *testing.T) {
	finishing, goOn := make(chan struct{}), make(chan struct{})
	h := newHouse(t, func(o *office.Options) {
		bulk := o.Bulk
		o.Bulk = func(ctx context.Context) (customer.Store, func(context.Context) error, func() error, error) {
			store, _, shut, err := bulk(ctx)
			return store, func(context.Context) error { close(finishing); <-goOn; return nil }, shut, err
		}
	})
	i := h.stage(rowsOfCSV(10))
	h.until(i.ID, office.Ready)
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	<-finishing
	if err := h.Cancel(t.Context(), i.ID); err != nil { // for as long as it takes, it would wait for ever
		t.Fatal(err)
	}
	if now, err := h.Import(i.ID); err != nil || now.State != office.Importing {
		t.Errorf("while it is finished, it is %s: %v", now.State, err)
	}
	close(goOn)
	if done := h.until(i.ID, office.Done, office.Cancelled); done.Kept || done.Report.Created != 10 {
		t.Errorf("in the end it is %s, %+v", done.State, done.Report)
	}
}
