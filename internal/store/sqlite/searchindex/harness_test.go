package searchindex_test

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/store/sqlite/customers"
	"github.com/clientele-project/clientele/internal/store/sqlite/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

var ctx = context.Background()

// smallSizes make compactions take very many steps.
var smallSizes = searchindex.Sizes{Docs: 5, Bytes: 400, MinDocs: 2, RangeBlocks: 2, StepRows: 7, BulkPending: 20}

// database is an open file with its customers.
type database struct {
	*customers.Store
	db *sqldb.DB
}

// openTest opens a file with small sizes until the test ends.
func openTest(t *testing.T, file string, opts sqldb.Options) *database {
	t.Helper()
	return openSized(t, file, opts, smallSizes)
}

func openSized(t *testing.T, file string, opts sqldb.Options, sizes searchindex.Sizes) *database {
	t.Helper()
	db, err := sqldb.Open(ctx, file, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	store, err := customers.New(db, customers.Options{Index: sizes})
	if err != nil {
		t.Fatal(err)
	}
	return &database{store, db}
}

// checkBlocks checks what searches rely on: a customer is in one block, the one that
// covers its sort key, or else it is pending, and then at most in the block that
// covers the key was.
func checkBlocks(t *testing.T, d *database) {
	t.Helper()
	err := d.db.View(ctx, func(c *sqldb.Conn) error {
		type key struct{ owner, pk int64 }
		type pending struct {
			was  []byte
			null bool
		}
		waits, should := map[key]pending{}, map[key][]byte{}
		owner, err := c.Count("SELECT sweep_owner FROM state")
		if err != nil || owner != 0 {
			t.Errorf("a bulk compaction of owner %d is running, %v", owner, err)
		}
		if err := c.Each(func(v []driver.Value) error {
			was, _ := v[2].([]byte)
			waits[key{v[0].(int64), v[1].(int64)}] = pending{was, v[2] == nil}
			return nil
		}, "SELECT owner, pk, was FROM search_pending"); err != nil {
			return err
		}
		if err := c.Each(func(v []driver.Value) error {
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
		if err := c.Each(func(v []driver.Value) error {
			rows, _, err := search.ReadBlock(v[2].([]byte))
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
				at, ok := should[k]
				if !ok || bytes.Compare(at, from) < 0 || to != nil && bytes.Compare(at, to) >= 0 {
					t.Errorf("customer %d is in a block of %d from %q to %q, and should be at %q (%v), pending %+v", pk, b.owner, from, to, at, ok, waits[k])
				}
				delete(should, k)
			}
		}
		for k, at := range should {
			t.Errorf("customer %d is in no block of %d, and should be at %q, pending %+v", k.pk, k.owner, at, waits[k])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// changeAtRandom changes some customers in each of several transactions.
func changeAtRandom(t *testing.T, d *database, rng *rand.Rand, times, many int) {
	t.Helper()
	for range times {
		err := d.Update(ctx, func(tx customer.Tx) error {
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

// checkSearch compares the results of searches with a full scan.
func checkSearch(t *testing.T, d *database) {
	t.Helper()
	all := map[customer.Scope][]string{}
	for c, err := range d.All(ctx) {
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
			page, err := d.ListAll(ctx, customer.AdminQuery{Scope: scope, Query: query, Limit: 10_000})
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, c := range page.Customers {
				got = append(got, c.ID)
			}
			slices.Sort(got)
			if !slices.Equal(got, slices.Sorted(slices.Values(all[scope]))) {
				t.Errorf("ListAll(%+v, %q) = %d customers, want %d", scope, query, len(got), len(all[scope]))
			}
		}
	}
}

func countPending(t *testing.T, d *database) (n int) {
	t.Helper()
	if err := d.db.Readers.QueryRow("SELECT count(*) FROM search_pending").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
