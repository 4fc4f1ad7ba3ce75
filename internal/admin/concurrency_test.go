package admin_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
)

// TestService_Run_LeavesTheStoreResponsive imports 10,000 customers while another
// goroutine writes a customer and reads a page.
func TestService_Run_LeavesTheStoreResponsive(t *testing.T) {
	const rows = 10_000
	ts := newTestService(t)
	ts.put(customer.Customer{ID: "x", Name: "X", Workers: []string{"bob"}})
	i := ts.stage(csvRows(rows))
	ts.waitFor(i.ID, admin.Ready)
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var writing, reading time.Duration
	n := 0
	for ; ; n++ {
		if now, _ := ts.Import(i.ID); now.State != admin.Running {
			break
		}
		began := time.Now()
		ts.put(customer.Customer{ID: "x", Name: "X", Workers: []string{"bob"}, Company: began.String()})
		writing = max(writing, time.Since(began))
		began = time.Now()
		if _, err := ts.db.Customers().List(ctx, customer.ListQuery{Worker: "w1@example.com", Limit: 30}); err != nil {
			t.Fatal(err)
		}
		reading = max(reading, time.Since(began))
		time.Sleep(5 * time.Millisecond)
	}
	i = ts.waitFor(i.ID, admin.Done)
	t.Logf("%d rounds: writing took at most %s, reading %s; %+v", n, writing, reading, i.Progress)
	if i.Report.Created != rows || n < 3 {
		t.Errorf("Report after %d rounds = %+v, want %d created", n, i.Report, rows)
	}
}

func TestService_Cancel_DoesNotWaitForCompaction(t *testing.T) {
	compacting, proceed := make(chan struct{}), make(chan struct{})
	ts := newTestService(t, func(o *admin.Options) {
		bulk := o.Bulk
		o.Bulk = func(ctx context.Context) (customer.Store, func(context.Context) error, func() error, error) {
			store, _, closeStore, err := bulk(ctx)
			return store, func(context.Context) error { close(compacting); <-proceed; return nil }, closeStore, err
		}
	})
	i := ts.stage(csvRows(10))
	ts.waitFor(i.ID, admin.Ready)
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	<-compacting
	if err := ts.Cancel(t.Context(), i.ID); err != nil {
		t.Fatal(err)
	}
	if now, err := ts.Import(i.ID); err != nil || now.State != admin.Running {
		t.Errorf("state during compaction = %s, %v, want Importing", now.State, err)
	}
	close(proceed)
	if done := ts.waitFor(i.ID, admin.Done, admin.Canceled); done.HasFile || done.Report.Created != 10 {
		t.Errorf("final state = %s, %+v", done.State, done.Report)
	}
}

func TestService_Upload_WaitsForAnotherCheck(t *testing.T) {
	checking, proceed := make(chan struct{}), make(chan struct{})
	var calls atomic.Int32
	ts := newTestService(t, func(o *admin.Options) {
		hasAccount := o.HasAccount
		o.HasAccount = func(ctx context.Context, identities ...string) (func(string) bool, error) {
			if calls.Add(1) == 2 { // the first is for the beginning of the file
				close(checking)
				<-proceed
			}
			return hasAccount(ctx, identities...)
		}
	})
	first := ts.stage(csvRows(2))
	<-checking
	second := ts.stage(csvRows(3))
	var busy *admin.BusyError
	if _, err := ts.Reassign(t.Context(), "zoe", "a", "b"); !errors.As(err, &busy) || !busy.Checking || busy.By != "ann" {
		t.Errorf("Reassign() during a check = %v, want a BusyError of a check of ann", err)
	}
	close(proceed)
	ts.waitFor(first.ID, admin.Ready)
	ts.waitFor(second.ID, admin.Ready)
	if _, err := ts.SetOptions(t.Context(), first.ID, admin.ImportOptions{Region: "DE"}); err != nil {
		t.Errorf("SetOptions() = %v", err)
	}
	ts.waitFor(first.ID, admin.Ready)
}
