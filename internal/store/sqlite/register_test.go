package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
)

// beforeRegister makes a database what it would be had the program before the
// register written it.
const beforeRegister = `
	DELETE FROM assignment WHERE owner < 0;
	DELETE FROM search_block WHERE owner < 0;
	DELETE FROM search_pending WHERE owner < 0;
	DELETE FROM owner WHERE id < 0;
	ALTER TABLE owner DROP COLUMN customers;
	DROP TABLE shared; DROP TABLE apart; DROP TABLE removal; DROP TABLE removal_contact;
	ALTER TABLE state DROP COLUMN duplicates;
	ALTER TABLE state DROP COLUMN removed;
	ALTER TABLE state DROP COLUMN shared_from;
	ALTER TABLE state DROP COLUMN register_from;
	ALTER TABLE state DROP COLUMN unassigned_from;
	ALTER TABLE state DROP COLUMN sweep_owner;
	ALTER TABLE state DROP COLUMN sweep_begin;
	ALTER TABLE state DROP COLUMN sweep_to;
	PRAGMA user_version = 6;`

// older is the content of the file that olderDB opens, once it is made.
var older []byte

// makeOlder makes what the program before the register left: customers in blocks,
// some pending, some deleted, some who share an address.
func makeOlder(t *testing.T) {
	t.Helper()
	d, err := Open(ctx, emptyFile(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	scribble(t, d, rand.New(rand.NewPCG(41, 42)), 20, 60)
	if err := d.Customers().Compact(ctx); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"x", "y", "z"} {
		c := customer.Customer{ID: id, Name: id + " anna", Channels: []customer.Channel{{Type: customer.Email, Value: "xyz@example.com"}}}
		c.Details.Content = `"workers":["not really"]`
		if err := putOne(d, c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.writer.Exec(beforeRegister); err != nil {
		t.Fatal(err)
	}
	if err = d.Close(); err == nil {
		older, err = os.ReadFile(d.file)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// olderDB opens a file as the program before the register left it.
func olderDB(t *testing.T) *DB {
	t.Helper()
	if older == nil {
		makeOlder(t)
	}
	file := filepath.Join(t.TempDir(), "older.db")
	if err := os.WriteFile(file, older, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := Open(ctx, file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	d.customers.blocks, d.giveWay = tinyPieces, 0
	return d
}

// checkTotals compares what is counted with what is there.
func checkTotals(t *testing.T, d *DB) {
	t.Helper()
	totals, err := d.Customers().Totals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var all, nobodys int
	holding := map[string]int{}
	for c, err := range d.Customers().All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		all++
		if len(c.Workers) == 0 {
			nobodys++
		}
		for _, w := range c.Workers {
			holding[w]++
		}
	}
	if totals.Customers != all || totals.Unassigned != nobodys {
		t.Errorf("totals %+v, want %d and %d", totals, all, nobodys)
	}
	for w, want := range holding {
		if n, err := d.Customers().Holding(ctx, w); n != want || err != nil {
			t.Errorf("%s holds %d, want %d; %v", w, n, want, err)
		}
	}
}

func TestAnOlderDatabaseIsBroughtOver(t *testing.T) {
	d := olderDB(t)
	checkTotals(t, d)
	page, err := d.Customers().Everybody(ctx, customer.RegisterQuery{Scope: customer.Scope{Unassigned: true}, Limit: 1000})
	if err != nil || !strings.Contains(fmt.Sprint(page.Customers), "not really") {
		t.Errorf("those who are nobody's: %+v, %v", page.Customers, err)
	}
	if err := d.Customers().Maintain(ctx); err != nil {
		t.Fatal(err)
	}
	checkBlocks(t, d)
	checkSearch(t, d)
	if totals, err := d.Customers().Totals(ctx); err != nil || totals.Duplicates != 1 {
		t.Errorf("totals = %+v, %v", totals, err)
	}
	groups, err := d.Customers().Duplicates(ctx, customer.DuplicateQuery{Limit: 9})
	if err != nil || len(groups.Groups) != 1 || len(groups.Groups[0].Customers) != 3 {
		t.Errorf("groups = %+v, %v", groups, err)
	}
}

func TestAnOlderDatabaseIsBroughtOverWhileItIsUsed(t *testing.T) {
	halves := 0
	for stopAfter := range 20 {
		d := olderDB(t)
		rng := rand.New(rand.NewPCG(43, uint64(stopAfter)))
		scribble(t, d, rng, 5, 4)
		// Broken off, used, and begun again.
		stopping := &countingContext{Context: ctx, left: 2 * stopAfter}
		if err := d.Customers().Maintain(stopping); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		var half bool
		if err := d.readers.QueryRow("SELECT register_from > x'' OR unassigned_from > x'' FROM state").Scan(&half); err == nil && half {
			halves++
		}
		scribble(t, d, rng, 20, 6)
		checkTotals(t, d)
		if err := d.Customers().Maintain(ctx); err != nil {
			t.Fatal(err)
		}
		checkTotals(t, d)
		checkBlocks(t, d)
		checkSearch(t, d)
		if t.Failed() {
			t.Fatalf("broken off after %d looks", 2*stopAfter)
		}
	}
	if halves < 3 {
		t.Errorf("only %d databases were brought over by half", halves)
	}
}

func TestDuplicatesOfABulkImportAreFoundWhenItHasEnded(t *testing.T) {
	bulk, serving := openBoth(t, Options{Bulk: true}, Options{})
	const people = 3 * touchedInBulk
	at := func(i int) []customer.Channel {
		return []customer.Channel{{Type: customer.Email, Value: fmt.Sprintf("%d@example.com", i/3)}, {Type: customer.SMS, Value: fmt.Sprintf("+1555593%04d", i/100)}}
	}
	err := bulk.Customers().Update(ctx, func(tx customer.Tx) error {
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
	// Somebody else changes a group meanwhile, and the import is killed.
	if err := putOne(serving, customer.Customer{ID: "0", Name: "Anna"}); err != nil {
		t.Fatal(err)
	}
	if err := serving.Customers().Maintain(ctx); err != nil {
		t.Fatal(err)
	}
	count := func(want int) {
		t.Helper()
		totals, err := serving.Customers().Totals(ctx)
		if err != nil || totals.Duplicates != want {
			t.Errorf("%d groups are counted, want %d; %v", totals.Duplicates, want, err)
		}
		page, err := serving.Customers().Duplicates(ctx, customer.DuplicateQuery{Limit: people})
		if err != nil || len(page.Groups) != want {
			t.Errorf("%d groups, want %d; %v", len(page.Groups), want, err)
		}
	}
	count(people / 3)
	// An import that changes little leaves nothing to the end.
	if err := putOne(bulk, customer.Customer{ID: "1", Name: "Anna"}); err != nil {
		t.Fatal(err)
	}
	count(people/3 - 1)
	if n := pendingIn(t, serving); n > pendingFew {
		t.Errorf("%d are pending", n)
	}
}
