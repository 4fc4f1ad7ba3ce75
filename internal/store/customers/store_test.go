package customers_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/customers"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

func TestStore_OfTwoProcesses(t *testing.T) {
	file := sqlitetest.File(t)
	a, _ := openStore(t, file, sqlite.Options{}, customers.Options{})
	b, _ := openStore(t, file, sqlite.Options{Bulk: true}, customers.Options{})
	var wg sync.WaitGroup
	for i, s := range []*customers.Store{a, b} {
		wg.Go(func() {
			for n := range 60 {
				c := customer.Customer{ID: fmt.Sprintf("%d-%d", i, n), Name: "Anna", Workers: []string{fmt.Sprintf("worker %d", n%7)}}
				if err := putOne(s, c); err != nil {
					t.Errorf("Put(%s) = %v", c.ID, err)
				}
				if _, err := s.Customer(ctx, c.Workers[0], c.ID); err != nil {
					t.Errorf("Customer(%s) = %v", c.ID, err)
				}
			}
			if err := s.Compact(ctx); err != nil {
				t.Errorf("Compact() = %v", err)
			}
		})
	}
	wg.Wait()
	for _, s := range []*customers.Store{a, b} {
		total := 0
		for n := range 7 {
			worker := fmt.Sprintf("worker %d", n)
			list, err := s.List(ctx, customer.ListQuery{Worker: worker, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			search, err := s.Search(ctx, customer.SearchQuery{Worker: worker, Query: "anna", Limit: 100})
			if err != nil || len(search.Rows) != len(list.Rows) {
				t.Errorf("List(%s) = %d rows, Search = %d rows, %v, want as many", worker, len(list.Rows), len(search.Rows), err)
			}
			total += len(list.Rows)
		}
		if total != 120 {
			t.Errorf("List() = %d rows altogether, want 120", total)
		}
	}
}

func TestStore_AProcessKilledInATransactionLeavesNothingOfIt(t *testing.T) {
	s, db := openStore(t, sqlitetest.File(t), sqlite.Options{WriterCacheKiB: 1 << 10}, customers.Options{})
	if err := putOne(s, customer.Customer{ID: "1", Name: "Before", Workers: []string{"ann"}}); err != nil {
		t.Fatal(err)
	}
	// What a killed process leaves: the file and its log as they are in a transaction.
	crashed := filepath.Join(t.TempDir(), "crashed.db")
	err := s.Update(ctx, func(tx customer.Tx) error {
		for i := range 400 { // more than the cache holds
			c := customer.Customer{ID: fmt.Sprint(i), Name: fmt.Sprint("During ", i), Workers: []string{"ann", fmt.Sprint(i)}}
			c.Details.Content = fmt.Sprintf("%09000d", i)
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
		}
		for _, suffix := range []string{"", "-wal"} {
			content, err := os.ReadFile(db.File() + suffix)
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
		t.Fatalf("size of the log = %d, %v, want some of the transaction in it", info.Size(), err)
	}
	after, _ := openStore(t, crashed, sqlite.Options{}, customers.Options{})
	for name, read := range map[string]func() (customer.Page, error){
		"List": func() (customer.Page, error) {
			return after.List(ctx, customer.ListQuery{Worker: "ann", Limit: 10})
		},
		"Search": func() (customer.Page, error) {
			return after.Search(ctx, customer.SearchQuery{Worker: "ann", Query: "before", Limit: 10})
		},
	} {
		page, err := read()
		if err != nil || len(page.Rows) != 1 || page.Rows[0].Name != "Before" {
			t.Errorf("%s() = %+v, %v, want the customer from before", name, page, err)
		}
	}
	if page, err := after.Search(ctx, customer.SearchQuery{Worker: "ann", Query: "during", Limit: 10}); err != nil || len(page.Rows) != 0 {
		t.Errorf("Search(during) = %+v, %v, want none", page, err)
	}
}

func TestStore_MaintainCompletesAnInterruptedImport(t *testing.T) {
	now := time.Now()
	clock := func() time.Time { return now }
	file := sqlitetest.File(t)
	a, _ := openStore(t, file, sqlite.Options{Bulk: true}, customers.Options{Now: clock})
	b, db := openStore(t, file, sqlite.Options{}, customers.Options{Now: clock})
	err := a.Update(ctx, func(tx customer.Tx) error {
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
	count := func(sql string) (n int) {
		t.Helper()
		if err := db.Readers.QueryRow(sql).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const entries = "SELECT ifnull(sum(n), 0) FROM search_journal"
	if n := count(entries); n != 2*500 { // entries for the worker and for all customers
		t.Errorf("bulk import left %d entries in the journals, want 1000", n)
	}
	if err := b.Maintain(ctx); err != nil {
		t.Fatal(err)
	}
	if n := count(entries); n != 0 {
		t.Errorf("Maintain() left %d entries in the journals, want 0", n)
	}
	page, err := b.Search(ctx, customer.SearchQuery{Worker: "ann", Query: "anna", Limit: 1000})
	if err != nil || len(page.Rows) != 499 {
		t.Errorf("Search() = %d rows, %v, want 499", len(page.Rows), err)
	}
	// The tombstone is purged when it is old enough.
	const traces = "SELECT (SELECT count(*) FROM customer WHERE deleted_at IS NOT NULL) + (SELECT count(*) FROM former)"
	if n := count(traces); n != 2 {
		t.Errorf("Maintain() left %d traces of the deleted customer, want 2", n)
	}
	now = now.Add(31 * 24 * time.Hour)
	if err := b.Maintain(ctx); err != nil || count(traces) != 0 {
		t.Errorf("Maintain() after 31 days = %v, left %d traces, want 0", err, count(traces))
	}
}

func TestStore_DuplicatesOfABulkImportAreFoundWhenItHasEnded(t *testing.T) {
	file := sqlitetest.File(t)
	bulk, _ := openStore(t, file, sqlite.Options{Bulk: true}, customers.Options{})
	serving, db := openStore(t, file, sqlite.Options{}, customers.Options{})
	const people = 1500 // their contacts are more than a bulk transaction looks at itself
	at := func(i int) []customer.Channel {
		return []customer.Channel{{Type: customer.Email, Value: fmt.Sprintf("%d@example.com", i/3)}, {Type: customer.SMS, Value: fmt.Sprintf("+1555593%04d", i/100)}}
	}
	err := bulk.Update(ctx, func(tx customer.Tx) error {
		for i := range people {
			if err := tx.Put(ctx, customer.Customer{ID: fmt.Sprint(i), Name: "Anna", Channels: at(i)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Another process changes a group, and the import is killed.
	if err := putOne(serving, customer.Customer{ID: "0", Name: "Anna"}); err != nil {
		t.Fatal(err)
	}
	if err := serving.Maintain(ctx); err != nil {
		t.Fatal(err)
	}
	checkGroups := func(want int) {
		t.Helper()
		totals, err := serving.Totals(ctx)
		if err != nil || totals.Duplicates != want {
			t.Errorf("Totals().Duplicates = %d, %v, want %d", totals.Duplicates, err, want)
		}
		page, err := serving.Duplicates(ctx, customer.DuplicateQuery{Limit: people})
		if err != nil || len(page.Groups) != want {
			t.Errorf("Duplicates() = %d groups, %v, want %d", len(page.Groups), err, want)
		}
	}
	checkGroups(people / 3)
	// An import that changes little leaves nothing to the end.
	if err := putOne(bulk, customer.Customer{ID: "1", Name: "Anna"}); err != nil {
		t.Fatal(err)
	}
	checkGroups(people/3 - 1)
	var entries int
	if err := db.Readers.QueryRow("SELECT ifnull(sum(n), 0) FROM search_journal").Scan(&entries); err != nil || entries > 64 {
		t.Errorf("small import left %d entries in the journals, %v, want at most 64", entries, err)
	}
}

func TestStore_IsUnavailableWhenClosed(t *testing.T) {
	s, db := newStore(t, sqlitetest.File(t), sqlite.Options{}, customers.Options{})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, listErr := s.List(ctx, customer.ListQuery{Worker: "ann", Limit: 1})
	_, searchErr := s.Search(ctx, customer.SearchQuery{Worker: "ann", Query: "a", Limit: 1})
	_, detailsErr := s.Customer(ctx, "ann", "1")
	for name, err := range map[string]error{
		"List": listErr, "Search": searchErr, "Customer": detailsErr,
		"Update": s.Update(ctx, func(customer.Tx) error { return nil }),
	} {
		if !errors.Is(err, customer.ErrUnavailable) {
			t.Errorf("%s() = %v, want ErrUnavailable", name, err)
		}
	}
	if db.Ping(ctx) == nil {
		t.Error("Ping() succeeded")
	}
}

func TestStore_IsUnavailableWhenDamaged(t *testing.T) {
	s, db := openStore(t, sqlitetest.File(t), sqlite.Options{}, customers.Options{})
	fill(t, s, 300, 300)
	if _, err := db.Writer.Exec("UPDATE search_block SET docs = x'00'; UPDATE customer SET body = '{' WHERE id = '1'"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Search(ctx, customer.SearchQuery{Worker: poolWorker, Query: "maria", Limit: 1}); !errors.Is(err, customer.ErrUnavailable) {
		t.Errorf("Search() = %v, want ErrUnavailable", err)
	}
	if _, err := s.Customer(ctx, poolWorker, "1"); !errors.Is(err, customer.ErrUnavailable) {
		t.Errorf("Customer() = %v, want ErrUnavailable", err)
	}
}

// An earlier version stored one contact of a number that has several forms.
func TestStore_MaintainFindsDuplicatesInOtherForms(t *testing.T) {
	s, db := openStore(t, sqlitetest.File(t), sqlite.Options{}, customers.Options{})
	for id, number := range map[string]string{"a": "+5215512345678", "b": "+525512345678", "c": "+525512345679"} {
		if err := putOne(s, customer.Customer{ID: id, Name: "Lupe", Channels: []customer.Channel{{Type: customer.SMS, Value: number}}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Writer.Exec("DELETE FROM contact; DELETE FROM shared; UPDATE state SET duplicates = 0, one_form = 1"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Maintain(ctx); err != nil {
			t.Fatal(err)
		}
		found, err := s.Duplicates(ctx, customer.DuplicateQuery{Limit: 9})
		if err != nil || len(found.Groups) != 1 || len(found.Groups[0].Customers) != 2 || found.Groups[0].Shared != "+5215512345678" {
			t.Errorf("Duplicates() = %+v, %v, want a and b", found, err)
		}
	}
}

// A list in memory knows the rows of customers: they count only while they are the customer's.
func TestCustomer_RowsThatListsKnow(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s, _ := openStore(t, sqlitetest.File(t), sqlite.Options{}, customers.Options{Now: func() time.Time { return now }})
	put := func(id, name, worker string) {
		t.Helper()
		if err := putOne(s, customer.Customer{ID: id, Name: name, Workers: []string{worker}}); err != nil {
			t.Fatal(err)
		}
	}
	check := func(id, want string) {
		t.Helper()
		c, err := s.Customer(ctx, "ann", id)
		if want == "" && err != customer.ErrNotFound || want != "" && (err != nil || c.Name != want) {
			t.Errorf("Customer(ann, %s) = %q, %v, want %q", id, c.Name, err, want)
		}
	}
	put("a", "Alma", "ann")
	put("b", "Bo", "ann")
	for range 3 { // the second time, the list is kept
		if _, err := s.List(ctx, customer.ListQuery{Worker: "ann", Limit: 10}); err != nil {
			t.Fatal(err)
		}
	}
	check("a", "Alma")
	check("b", "Bo")
	put("b", "Bo", "bob")
	check("b", "")
	if err := s.Update(ctx, func(tx customer.Tx) error { return tx.Delete(ctx, "a") }); err != nil {
		t.Fatal(err)
	}
	check("a", "")
	now = now.AddDate(1, 0, 0)
	if _, err := s.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	put("c", "Cy", "ann")
	put("a", "Alma again", "ann") // in another row
	check("a", "Alma again")
}
