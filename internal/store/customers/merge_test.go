package customers_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

func TestSearch_CompactWhileOthersWrite(t *testing.T) {
	file := sqlitetest.File(t)
	bulk, serving := openTest(t, file, sqlite.Options{Bulk: true, WriterPause: time.Millisecond}), openTest(t, file, sqlite.Options{})
	rng := rand.New(rand.NewPCG(21, 22))
	for n := range 6 {
		changeAtRandom(t, bulk, rng, 10, 100) // very many entries
		var others sync.WaitGroup
		others.Go(func() { changeAtRandom(t, serving, rand.New(rand.NewPCG(23, uint64(n))), 60, 4) })
		if err := bulk.Compact(ctx); err != nil {
			t.Fatal(err)
		}
		others.Wait()
		checkBlocks(t, serving)
		checkSearch(t, serving)
		if err := serving.Compact(ctx); err != nil {
			t.Fatal(err)
		}
		checkBlocks(t, serving)
		checkSearch(t, serving)
		if n := countEntries(t, serving); n != 0 {
			t.Errorf("Compact() left %d entries in the journals, want 0", n)
		}
	}
}

func TestSearch_CompactTwiceAtOnce(t *testing.T) {
	file, opts := sqlitetest.File(t), sqlite.Options{Bulk: true, WriterPause: time.Millisecond}
	a, b := openTest(t, file, opts), openTest(t, file, opts)
	changeAtRandom(t, a, rand.New(rand.NewPCG(1, 1)), 8, 100)
	var both sync.WaitGroup
	for _, d := range []*database{a, b} {
		both.Go(func() {
			if err := d.Compact(ctx); err != nil {
				t.Errorf("Compact() = %v", err)
			}
		})
	}
	both.Wait()
	if err := a.Compact(ctx); err != nil {
		t.Fatal(err)
	}
	checkBlocks(t, a)
	checkSearch(t, b)
	if n := countEntries(t, a); n != 0 {
		t.Errorf("Compact() left %d entries in the journals, want 0", n)
	}
}

func TestSearch_MaintainCompletesAnInterruptedCompact(t *testing.T) {
	for stopAfter := range 15 {
		file := sqlitetest.File(t)
		a, b := openTest(t, file, sqlite.Options{Bulk: true, WriterPause: -1}), openTest(t, file, sqlite.Options{WriterPause: -1})
		rng := rand.New(rand.NewPCG(31, uint64(stopAfter)))
		changeAtRandom(t, a, rng, 5, 100)
		stopping := &countingContext{Context: ctx, left: 3 + 10*stopAfter}
		if err := a.Compact(stopping); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		changeAtRandom(t, b, rng, 30, 4)
		checkSearch(t, b)
		if err := b.Maintain(ctx); err != nil {
			t.Fatal(err)
		}
		checkBlocks(t, b)
		checkSearch(t, b)
	}
}

// countingContext ends after some calls of Err.
type countingContext struct {
	context.Context
	left int
}

func (c *countingContext) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestSearch_CompactAfterAllAreRenamed(t *testing.T) {
	d := openTest(t, sqlitetest.File(t), sqlite.Options{Bulk: true, WriterPause: -1})
	for _, order := range []string{"%03d", "z%03d"} {
		err := d.Update(ctx, func(tx customer.Tx) error {
			for i := range 100 {
				n := i
				if order != "%03d" {
					n = 100 - i // all move within the list
				}
				if err := tx.Put(ctx, customer.Customer{ID: fmt.Sprint(i), Name: fmt.Sprintf(order, n) + " anna", Workers: []string{"ann"}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Compact(ctx); err != nil {
			t.Fatal(err)
		}
		checkBlocks(t, d)
		checkSearch(t, d)
		if n := countEntries(t, d); n != 0 {
			t.Errorf("Compact() left %d entries in the journals, want 0", n)
		}
	}
}

func TestSearch_MergeIsDueAfterManyChanges(t *testing.T) {
	d := openSized(t, sqlitetest.File(t), sqlite.Options{WriterPause: -1}, searchindex.Sizes{})
	put := func(many int) (due bool) {
		t.Helper()
		err := d.Update(ctx, func(tx customer.Tx) error {
			for i := range many {
				if err := tx.Put(ctx, customer.Customer{ID: fmt.Sprint(many, "-", i), Name: "Anna", Workers: []string{"ann"}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-d.MergeDue():
			return true
		default:
			return false
		}
	}
	if !put(600) { // in the lists of ann and of all
		t.Error("MergeDue() received nothing after 1200 entries")
	}
	if err := d.Merge(ctx); err != nil {
		t.Fatal(err)
	}
	if n := countEntries(t, d); n != 0 {
		t.Errorf("Merge() left %d entries in the journals, want 0", n)
	}
	if put(50) {
		t.Error("MergeDue() received something after 100 entries")
	}
	checkSearch(t, d)
}

// A damaged run keeps the journal of its owner from being merged, and no other.
func TestMerge_OfADamagedRun(t *testing.T) {
	d := openSized(t, sqlitetest.File(t), sqlite.Options{WriterPause: -1}, searchindex.Sizes{}) // several owners in a transaction
	for _, worker := range []string{"ann", "bob"} {
		if err := putOne(d.Store, customer.Customer{ID: worker, Name: "Zoë", Workers: []string{worker}}); err != nil {
			t.Fatal(err)
		}
	}
	const anns = "owner = (SELECT id FROM owner WHERE key = 'ann')"
	if _, err := d.db.Writer.Exec("UPDATE search_journal SET entries = x'01' WHERE " + anns); err != nil {
		t.Fatal(err)
	}
	if err := d.Compact(ctx); err == nil {
		t.Error("Compact() with a damaged run = nil, want an error")
	}
	var left, of int
	if err := d.db.Readers.QueryRow("SELECT count(*), count(*) FILTER (WHERE "+anns+") FROM search_journal").Scan(&left, &of); err != nil || left != 1 || of != 1 {
		t.Errorf("after Compact() %d runs are left, %d of them ann's, %v, want ann's alone", left, of, err)
	}
}
