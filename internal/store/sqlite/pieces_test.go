package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
)

// tinyPieces make everything that is done in pieces be done in very many.
var tinyPieces = blockSizes{docs: 5, bytes: 400, few: 2, perArc: 2, perStep: 7, dense: 20}

// checkBlocks holds an owner's blocks to what searches rely on: a customer is in one
// block, the one that covers its place, or else it is pending, and then at most in
// the block that covers the place called was.
func checkBlocks(t *testing.T, d *DB) {
	t.Helper()
	err := d.customers.view(ctx, func(c *conn) error {
		type key struct{ owner, pk int64 }
		type pending struct {
			was  []byte
			null bool
		}
		waits, should := map[key]pending{}, map[key][]byte{}
		swept, err := count(c, "SELECT sweep_owner FROM state")
		if err != nil || swept != 0 {
			t.Errorf("a sweep of %d goes on, %v", swept, err)
		}
		if err := c.each(func(v []driver.Value) error {
			was, _ := v[2].([]byte)
			waits[key{v[0].(int64), v[1].(int64)}] = pending{was, v[2] == nil}
			return nil
		}, "SELECT owner, pk, was FROM search_pending"); err != nil {
			return err
		}
		if err := c.each(func(v []driver.Value) error {
			k := key{v[0].(int64), v[1].(int64)}
			if p, ok := waits[k]; !ok {
				should[k] = v[2].([]byte)
			} else if len(p.was) > 0 {
				should[k] = p.was
			}
			return nil
		}, "SELECT owner, pk, place FROM assignment"); err != nil {
			return err
		}
		for k, p := range waits {
			if _, ok := should[k]; !ok && len(p.was) > 0 {
				should[k] = p.was // gone, and still in a block
			}
		}
		type block struct {
			owner int64
			first []byte
			rows  []int64
		}
		var blocks []block
		if err := c.each(func(v []driver.Value) error {
			rows, _, err := customer.ReadBlock(v[2].([]byte))
			blocks = append(blocks, block{v[0].(int64), v[1].([]byte), rows})
			return err
		}, "SELECT owner, first, docs FROM search_block ORDER BY owner, first"); err != nil {
			return err
		}
		for i, b := range blocks {
			from, to := b.first, []byte(nil)
			if i == 0 || blocks[i-1].owner != b.owner {
				from = []byte{}
			}
			if i+1 < len(blocks) && blocks[i+1].owner == b.owner {
				to = blocks[i+1].first
			}
			for _, pk := range b.rows {
				k := key{b.owner, pk}
				place, ok := should[k]
				if !ok || !between(place, from, to) {
					t.Errorf("customer %d is in a block of %d from %q to %q, and should be at %q (%v), pending %+v", pk, b.owner, from, to, place, ok, waits[k])
				}
				delete(should, k)
			}
		}
		for k, place := range should {
			t.Errorf("customer %d is in no block of %d, and should be at %q, pending %+v", k.pk, k.owner, place, waits[k])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// scribble changes customers at random, so many in each of several transactions.
func scribble(t *testing.T, d *DB, rng *rand.Rand, times, many int) {
	t.Helper()
	for range times {
		err := d.Customers().Update(ctx, func(tx customer.Tx) error {
			for range 1 + rng.IntN(many) {
				id := fmt.Sprint(rng.IntN(150))
				c := customer.Customer{ID: id, Name: fmt.Sprintf("%c%d anna", 'a'+rng.IntN(20), rng.IntN(30)), Company: fmt.Sprint("company ", rng.IntN(5))}
				for _, w := range []string{"ann", "bob"} {
					if rng.IntN(3) > 0 {
						c.Workers = append(c.Workers, w)
					}
				}
				var err error
				switch rng.IntN(8) {
				case 0:
					err = tx.Delete(ctx, id)
				case 1:
					_, err = tx.Reassign(ctx, "ann", "bob", rng.IntN(5))
				case 2:
					_, err = tx.Reassign(ctx, "bob", "", rng.IntN(3))
				default:
					err = tx.Put(ctx, c)
				}
				if err != nil && !errors.Is(err, customer.ErrNotFound) {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
			return
		}
	}
}

// checkSearch compares what searches find with what is there.
func checkSearch(t *testing.T, d *DB) {
	t.Helper()
	all := map[customer.Scope][]string{}
	for c, err := range d.Customers().All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		scopes := []customer.Scope{{}}
		for _, w := range c.Workers {
			scopes = append(scopes, customer.Scope{Worker: w})
		}
		if len(c.Workers) == 0 {
			scopes = append(scopes, customer.Scope{Unassigned: true})
		}
		for _, s := range scopes {
			all[s] = append(all[s], c.ID)
		}
	}
	for _, scope := range []customer.Scope{{}, {Worker: "ann"}, {Worker: "bob"}, {Unassigned: true}} {
		for _, query := range []string{"", "anna"} {
			page, err := d.Customers().ListAll(ctx, customer.AdminQuery{Scope: scope, Query: query, Limit: 10_000})
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, c := range page.Customers {
				got = append(got, c.ID)
			}
			slices.Sort(got)
			if !slices.Equal(got, slices.Sorted(slices.Values(all[scope]))) {
				t.Errorf("%+v, query %q: %d found, want %d", scope, query, len(got), len(all[scope]))
			}
		}
	}
}

func pendingIn(t *testing.T, d *DB) (n int) {
	t.Helper()
	if err := d.readers.QueryRow("SELECT count(*) FROM search_pending").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCompactingInPiecesWhileOthersWrite(t *testing.T) {
	bulk, serving := openBoth(t, Options{Bulk: true}, Options{})
	bulk.customers.blocks, serving.customers.blocks = tinyPieces, tinyPieces
	bulk.giveWay = time.Millisecond
	rng := rand.New(rand.NewPCG(21, 22))
	for round := range 6 {
		scribble(t, bulk, rng, 10, 100) // very many pending
		var others sync.WaitGroup
		others.Go(func() { scribble(t, serving, rand.New(rand.NewPCG(23, uint64(round))), 60, 4) })
		if err := bulk.Customers().Compact(ctx); err != nil {
			t.Fatal(err)
		}
		others.Wait()
		if err := serving.Customers().compactAll(ctx, 1<<30); err != nil { // ends a sweep, if any
			t.Fatal(err)
		}
		checkBlocks(t, serving)
		checkSearch(t, serving)
		if err := serving.Customers().Compact(ctx); err != nil {
			t.Fatal(err)
		}
		checkBlocks(t, serving)
		checkSearch(t, serving)
		if n := pendingIn(t, serving); n != 0 {
			t.Errorf("round %d: %d are still pending", round, n)
		}
	}
}

func TestTwoCompactAtOnce(t *testing.T) {
	a, b := openBoth(t, Options{Bulk: true}, Options{Bulk: true})
	a.customers.blocks, b.customers.blocks = tinyPieces, tinyPieces
	a.giveWay, b.giveWay = time.Millisecond, time.Millisecond
	scribble(t, a, rand.New(rand.NewPCG(1, 1)), 8, 100)
	var both sync.WaitGroup
	for _, d := range []*DB{a, b} {
		both.Go(func() {
			if err := d.Customers().Compact(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if err := a.Customers().Compact(ctx); err != nil {
		t.Fatal(err)
	}
	checkBlocks(t, a)
	checkSearch(t, b)
	if n := pendingIn(t, a); n != 0 {
		t.Errorf("%d are still pending", n)
	}
}

func TestACompactionThatIsBrokenOffIsMadeUpFor(t *testing.T) {
	for stopAfter := range 15 {
		a, b := openBoth(t, Options{Bulk: true}, Options{})
		a.customers.blocks, b.customers.blocks = tinyPieces, tinyPieces
		a.giveWay, b.giveWay = 0, 0
		rng := rand.New(rand.NewPCG(31, uint64(stopAfter)))
		scribble(t, a, rng, 5, 100)
		stopping := &countingContext{Context: ctx, left: 3 + 10*stopAfter}
		if err := a.Customers().Compact(stopping); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		scribble(t, b, rng, 30, 4)
		checkSearch(t, b)
		if err := b.Customers().Maintain(ctx); err != nil {
			t.Fatal(err)
		}
		checkBlocks(t, b)
		checkSearch(t, b)
	}
}

// countingContext ends after it was asked some times.
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

func TestEverybodyRenamedIsCompacted(t *testing.T) {
	d := openTest(t, Options{Bulk: true})
	d.customers.blocks, d.giveWay = tinyPieces, 0
	for _, order := range []string{"%03d", "z%03d"} {
		err := d.Customers().Update(ctx, func(tx customer.Tx) error {
			for i := range 100 {
				n := i
				if order != "%03d" {
					n = 100 - i // everybody goes elsewhere in the list
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
		if err := d.Customers().Compact(ctx); err != nil {
			t.Fatal(err)
		}
		checkBlocks(t, d)
		checkSearch(t, d)
		if n := pendingIn(t, d); n != 0 {
			t.Errorf("%d are still pending", n)
		}
	}
}
