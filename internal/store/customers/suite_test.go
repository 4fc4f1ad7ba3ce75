package customers_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/customer/storetest"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/customers"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

var ctx = context.Background()

// openStore opens the customers in file until the test ends.
func openStore(t testing.TB, file string, opts sqlite.Options, more customers.Options) (*customers.Store, *sqlite.DB) {
	t.Helper()
	store, db := newStore(t, file, opts, more)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return store, db
}

// newStore opens the customers in file; the caller closes the database.
func newStore(t testing.TB, file string, opts sqlite.Options, more customers.Options) (*customers.Store, *sqlite.DB) {
	t.Helper()
	db, err := sqlite.Open(ctx, file, opts)
	if err != nil {
		t.Fatal(err)
	}
	store, err := customers.New(db.DB, more)
	if err != nil {
		t.Fatal(err)
	}
	return store, db
}

func putOne(s *customers.Store, c customer.Customer) error {
	return s.Update(ctx, func(tx customer.Tx) error { return tx.Put(ctx, c) })
}

// runSuite runs the suite on new stores with these options.
func runSuite(t *testing.T, opts sqlite.Options, sizes searchindex.Sizes) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
		store, _ := openStore(t, sqlitetest.File(t), opts, customers.Options{Now: now, Index: sizes})
		return store
	})
}

func TestStore(t *testing.T) { runSuite(t, sqlite.Options{}, searchindex.Sizes{}) }

func TestStore_Bulk(t *testing.T) {
	runSuite(t, sqlite.Options{Bulk: true, WriterPause: -1}, searchindex.Sizes{})
}

// Small blocks, ranges and steps take the suite through the code for large owners:
// blocks that split and merge, parallel scans, and compaction in many steps.
func TestStore_SmallBlocks(t *testing.T) {
	runSuite(t, sqlite.Options{WriterPause: -1}, searchindex.Sizes{Docs: 5, Bytes: 400, MinDocs: 2, FewBlocks: 2, StepRows: 7})
}

// repeating asks for each page three times, so that the last one comes from the cache.
type repeating struct{ *customers.Store }

func (r repeating) List(ctx context.Context, q customer.ListQuery) (page customer.Page, err error) {
	for range 3 {
		page, err = r.Store.List(ctx, q)
	}
	return page, err
}

func TestStore_CachedLists(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
		store, _ := openStore(t, sqlitetest.File(t), sqlite.Options{WriterPause: -1}, customers.Options{Now: now})
		return repeating{store}
	})
}

func TestStore_ListsTooLongForTheCache(t *testing.T) {
	store, _ := openStore(t, sqlitetest.File(t), sqlite.Options{}, customers.Options{})
	err := store.Update(ctx, func(tx customer.Tx) error {
		for i := range 1001 {
			if err := tx.Put(ctx, customer.Customer{ID: fmt.Sprint(i), Name: "Ann", Workers: []string{"bob"}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := store.List(ctx, customer.ListQuery{Worker: "bob", Limit: 2000}) // from the database
	if err != nil || len(whole.Rows) != 1001 || whole.More {
		t.Fatalf("List() of all = %d customers, more %v, %v, want 1001", len(whole.Rows), whole.More, err)
	}
	for range 3 {
		for _, test := range []struct {
			anchor           string
			from, limit, end int
		}{{"", 0, 30, 30}, {"", 0, 1000, 1000}, {"", 0, 1001, 1001}, {whole.Rows[29].ID, 30, 30, 60}, {whole.Rows[990].ID, 991, 30, 1001}} {
			page, err := store.List(ctx, customer.ListQuery{Worker: "bob", Anchor: test.anchor, Limit: test.limit})
			if diff := cmp.Diff(whole.Rows[test.from:test.end], page.Rows); err != nil || diff != "" || page.More != (test.end < 1001) {
				t.Errorf("List(%+v) more %v, %v (-want +got):\n%s", test, page.More, err, diff)
			}
		}
	}
}

// Another process, or another customers.Store of the same file, changes lists that are cached.
func TestStore_CachedListsOfAnotherProcess(t *testing.T) {
	file := sqlitetest.File(t)
	a, _ := openStore(t, file, sqlite.Options{}, customers.Options{})
	b, _ := openStore(t, file, sqlite.Options{}, customers.Options{})
	for n := range 5 {
		if err := putOne(b, customer.Customer{ID: fmt.Sprint(n), Name: "Ann", Workers: []string{"bob"}}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			page, err := a.List(ctx, customer.ListQuery{Worker: "bob", Limit: 10})
			if err != nil || len(page.Rows) != n+1 {
				t.Errorf("List() = %d customers, %v, want %d", len(page.Rows), err, n+1)
			}
		}
	}
}
