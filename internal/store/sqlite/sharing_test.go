package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
)

// openBoth opens one file twice, as two processes would.
func openBoth(t *testing.T, first, second Options) (a, b *DB) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shared.db")
	for _, d := range []struct {
		db   **DB
		opts Options
	}{{&a, first}, {&b, second}} {
		var err error
		if *d.db, err = Open(ctx, file, d.opts); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { (*d.db).Close() })
	}
	return a, b
}

func putOne(d *DB, c customer.Customer) error {
	return d.Customers().Update(ctx, func(tx customer.Tx) error { return tx.Put(ctx, c) })
}

func TestTwoProcessesShareAFile(t *testing.T) {
	a, b := openBoth(t, Options{}, Options{Bulk: true})
	var wg sync.WaitGroup
	for i, d := range []*DB{a, b} {
		wg.Go(func() {
			for n := range 60 {
				c := customer.Customer{ID: fmt.Sprintf("%d-%d", i, n), Name: "Anna", Workers: []string{fmt.Sprintf("worker %d", n%7)}}
				if err := putOne(d, c); err != nil {
					t.Errorf("Put: %v", err)
				}
				if _, err := d.Customers().Customer(ctx, c.Workers[0], c.ID); err != nil {
					t.Errorf("Customer: %v", err)
				}
			}
			if err := d.Customers().Compact(ctx); err != nil {
				t.Errorf("Compact: %v", err)
			}
		})
	}
	wg.Wait()
	for _, d := range []*DB{a, b} {
		total := 0
		for n := range 7 {
			worker := fmt.Sprintf("worker %d", n)
			list, err := d.Customers().List(ctx, customer.ListQuery{Worker: worker, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			search, err := d.Customers().Search(ctx, customer.SearchQuery{Worker: worker, Query: "anna", Limit: 100})
			if err != nil || len(search.Rows) != len(list.Rows) {
				t.Errorf("%s: %d listed, %d found, %v", worker, len(list.Rows), len(search.Rows), err)
			}
			total += len(list.Rows)
		}
		if total != 120 {
			t.Errorf("%d customers are listed, want 120", total)
		}
	}
}

func TestAProcessThatEndsAmidATransactionLeavesNothingOfIt(t *testing.T) {
	a, _ := openBoth(t, Options{WriterCacheKiB: 1 << 10}, Options{})
	if err := putOne(a, customer.Customer{ID: "1", Name: "Before", Workers: []string{"ann"}}); err != nil {
		t.Fatal(err)
	}
	// What a killed process leaves: the file and its log as they are amid a transaction.
	crashed := filepath.Join(t.TempDir(), "crashed.db")
	err := a.Customers().Update(ctx, func(tx customer.Tx) error {
		for i := range 400 { // more than the cache holds back
			c := customer.Customer{ID: fmt.Sprint(i), Name: fmt.Sprint("During ", i), Workers: []string{"ann", fmt.Sprint(i)}}
			c.Details.Content = fmt.Sprintf("%09000d", i)
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
		}
		for _, suffix := range []string{"", "-wal"} {
			content, err := os.ReadFile(a.file + suffix)
			if err != nil {
				return err
			}
			if err := os.WriteFile(crashed+suffix, content, 0o600); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(crashed + "-wal"); err != nil || info.Size() < 1<<20 {
		t.Fatalf("the log holds nothing of the transaction: %v, %v", info.Size(), err)
	}
	d, err := Open(ctx, crashed, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, answer := range []func() (customer.Page, error){
		func() (customer.Page, error) {
			return d.Customers().List(ctx, customer.ListQuery{Worker: "ann", Limit: 10})
		},
		func() (customer.Page, error) {
			return d.Customers().Search(ctx, customer.SearchQuery{Worker: "ann", Query: "before", Limit: 10})
		},
	} {
		page, err := answer()
		if err != nil || len(page.Rows) != 1 || page.Rows[0].Name != "Before" {
			t.Errorf("page = %+v, %v", page, err)
		}
	}
	if page, err := d.Customers().Search(ctx, customer.SearchQuery{Worker: "ann", Query: "during", Limit: 10}); err != nil || len(page.Rows) != 0 {
		t.Errorf("found %+v, %v", page, err)
	}
}

func TestAnInterruptedImportIsMadeUpForByMaintain(t *testing.T) {
	now := time.Now()
	clock := func() time.Time { return now }
	a, b := openBoth(t, Options{Bulk: true, Now: clock}, Options{Now: clock})
	err := a.Customers().Update(ctx, func(tx customer.Tx) error {
		for i := range 500 {
			if err := tx.Put(ctx, customer.Customer{ID: fmt.Sprint(i), Name: fmt.Sprint("Anna ", i), Workers: []string{"ann"}}); err != nil {
				return err
			}
		}
		return tx.Delete(ctx, "77")
	})
	if err != nil {
		t.Fatal(err)
	}
	pending := func() (n int) {
		if err := b.readers.QueryRow("SELECT count(*) FROM search_pending").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if pending() != 2*499 { // with the worker and in the register
		t.Errorf("%d pending after a bulk import, want 998", pending())
	}
	if err := b.Customers().Maintain(ctx); err != nil {
		t.Fatal(err)
	}
	if pending() != 0 {
		t.Errorf("%d pending after Maintain", pending())
	}
	page, err := b.Customers().Search(ctx, customer.SearchQuery{Worker: "ann", Query: "anna", Limit: 1000})
	if err != nil || len(page.Rows) != 499 {
		t.Errorf("%d found, %v", len(page.Rows), err)
	}
	// And the tombstone goes when its time has come.
	tombstones := func() (n int) {
		if err := b.readers.QueryRow("SELECT (SELECT count(*) FROM customer WHERE deleted_at IS NOT NULL) + (SELECT count(*) FROM former)").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if tombstones() != 2 {
		t.Errorf("%d traces of the deleted, want 2", tombstones())
	}
	now = now.Add(31 * 24 * time.Hour)
	if err := b.Customers().Maintain(ctx); err != nil || tombstones() != 0 {
		t.Errorf("%d traces are left: %v", tombstones(), err)
	}
}

func TestWithoutBulkFewDocumentsArePending(t *testing.T) {
	d := openTest(t, Options{})
	for round := range 30 {
		err := d.Customers().Update(ctx, func(tx customer.Tx) error {
			for i := range 200 {
				id := fmt.Sprint((round*137 + i) % 3000)
				if err := tx.Put(ctx, customer.Customer{ID: id, Name: fmt.Sprint(round, " Anna ", id), Workers: []string{"ann"}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var pending, blocks int
		if err := d.readers.QueryRow("SELECT (SELECT count(*) FROM search_pending), (SELECT count(*) FROM search_block)").Scan(&pending, &blocks); err != nil {
			t.Fatal(err)
		}
		if pending > pendingFew && pending > blocks*usualBlocks.docs/4+1 {
			t.Errorf("round %d: %d pending beside %d blocks", round, pending, blocks)
		}
	}
}

func TestAClosedStoreIsUnavailable(t *testing.T) {
	d, err := Open(ctx, emptyFile(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := d.Customers()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	_, listErr := s.List(ctx, customer.ListQuery{Worker: "ann", Limit: 1})
	_, searchErr := s.Search(ctx, customer.SearchQuery{Worker: "ann", Query: "a", Limit: 1})
	_, detailsErr := s.Customer(ctx, "ann", "1")
	for what, err := range map[string]error{
		"List": listErr, "Search": searchErr, "Customer": detailsErr,
		"Update": s.Update(ctx, func(customer.Tx) error { return nil }),
	} {
		if !errors.Is(err, customer.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if d.Ping(ctx) == nil {
		t.Error("Ping works")
	}
}

func TestADamagedFileIsUnavailable(t *testing.T) {
	d := openTest(t, Options{})
	fill(t, d, 300, 300)
	if _, err := d.writer.Exec("UPDATE search_block SET docs = x'00'; UPDATE customer SET body = '{' WHERE id = '1'"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Customers().Search(ctx, customer.SearchQuery{Worker: pool500k, Query: "maria", Limit: 1}); !errors.Is(err, customer.ErrUnavailable) {
		t.Errorf("Search: %v", err)
	}
	if _, err := d.Customers().Customer(ctx, pool500k, "1"); !errors.Is(err, customer.ErrUnavailable) {
		t.Errorf("Customer: %v", err)
	}
}
