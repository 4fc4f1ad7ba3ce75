package customers_test

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/customers"
	"github.com/clientele-project/clientele/internal/store/sqldb"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// smallSizes make merging take very many steps.
var smallSizes = searchindex.Sizes{Docs: 5, Bytes: 400, MinDocs: 2, FewBlocks: 2, StepRows: 7}

// database is an open file with its customers.
type database struct {
	*customers.Store
	db *sqlite.DB
}

// openTest opens a file with small sizes until the test ends.
func openTest(t *testing.T, file string, opts sqlite.Options) *database {
	t.Helper()
	return openSized(t, file, opts, smallSizes)
}

func openSized(t *testing.T, file string, opts sqlite.Options, sizes searchindex.Sizes) *database {
	t.Helper()
	db, err := sqlite.Open(ctx, file, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	store, err := customers.New(db.DB, customers.Options{Index: sizes})
	if err != nil {
		t.Fatal(err)
	}
	return &database{store, db}
}

// checkBlocks checks what searches rely on: a customer of a list is in the block that covers
// its place, or in the journal; and what is in a block is in that part of the list, or in
// that part of the journal.
func checkBlocks(t *testing.T, d *database) {
	t.Helper()
	const covering = "ifnull((SELECT max(first) FROM search_block b WHERE b.owner = x.owner AND b.first <= x.place), x'')"
	type place struct {
		owner, pk int64
		block     string
	}
	err := d.db.View(ctx, func(c *sqldb.Conn) error {
		places := func(table string) (all map[place]bool, err error) {
			all = map[place]bool{}
			err = c.Each(func(v []driver.Value) error {
				all[place{v[0].(int64), v[1].(int64), string(v[2].([]byte))}] = true
				return nil
			}, "SELECT owner, pk, "+covering+" FROM "+table+" x")
			return all, err
		}
		listed, err := places("assignment")
		if err != nil {
			return err
		}
		changed := map[place]bool{}
		err = c.Each(func(v []driver.Value) error {
			for entries := v[1].([]byte); len(entries) > 0; {
				length := int(binary.BigEndian.Uint32(entries))
				at := place{owner: v[0].(int64), pk: int64(binary.BigEndian.Uint64(entries[4:]))}
				doc := max(int(binary.BigEndian.Uint32(entries[12:]))-1, 0)
				row, err := c.One("SELECT max(first) FROM search_block WHERE owner = ? AND first <= ?", at.owner, entries[16:16+length])
				if err != nil {
					return err
				}
				if first, ok := row[0].([]byte); ok {
					at.block = string(first)
				}
				changed[at] = true
				entries = entries[16+length+doc:]
			}
			return nil
		}, "SELECT owner, entries FROM search_journal")
		if err != nil {
			return err
		}
		inBlocks := map[place]bool{}
		err = c.Each(func(v []driver.Value) error {
			rows, _, err := search.ReadBlock(v[2].([]byte))
			for _, pk := range rows {
				at := place{v[0].(int64), pk, string(v[1].([]byte))}
				inBlocks[at] = true
				if !listed[at] && !changed[at] {
					t.Errorf("customer %d is in block %q of owner %d, where it is not listed", pk, at.block, at.owner)
				}
			}
			return err
		}, "SELECT owner, first, docs FROM search_block")
		for at := range listed {
			if !inBlocks[at] && !changed[at] {
				t.Errorf("customer %d of owner %d is not in block %q", at.pk, at.owner, at.block)
			}
		}
		return err
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

func countEntries(t *testing.T, d *database) (n int) {
	t.Helper()
	if err := d.db.Readers.QueryRow("SELECT ifnull(sum(n), 0) FROM search_journal").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
