// Package storetest is the behavior suite that every customer.Store must pass. It tests
// each sentence of the contract in package customer.
package storetest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// Store is the interface under test.
type Store interface {
	customer.Store
	customer.AdminReader
}

// Open returns an empty store that uses the given clock. It closes with the test.
type Open func(t *testing.T, now func() time.Time) Store

// Run runs the suite, each test on a store of its own.
func Run(t *testing.T, open Open) {
	for _, group := range []struct {
		name  string
		tests []namedTest
	}{
		{"list", listTests}, {"cursor", cursorTests}, {"anchor", anchorTests},
		{"update", updateTests}, {"details", detailsTests}, {"search", searchTests},
		{"paging", pagingTests},
		{"admin reader", adminReaderTests}, {"duplicates", duplicateTests}, {"deletion", deletionTests},
		{"reassign", reassignTests}, {"model", modelTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, test := range group.tests {
				t.Run(test.name, func(t *testing.T) {
					c := &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
					test.run(&fixture{T: t, Store: open(t, c.Now), clock: c})
				})
			}
		})
	}
}

type namedTest struct {
	name string
	run  func(f *fixture)
}

// clock is a clock that tests advance.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const day = 24 * time.Hour

// fixture is a store under test.
type fixture struct {
	*testing.T
	Store
	clock *clock
}

var ctx = context.Background()

// newCustomer returns a customer with these owners.
func newCustomer(id, name string, workers ...string) customer.Customer {
	slices.Sort(workers)
	return customer.Customer{ID: id, Name: name, Workers: workers}
}

// update runs fn in an Update that must succeed.
func (f *fixture) update(fn func(tx customer.Tx) error) {
	f.Helper()
	if err := f.Update(ctx, fn); err != nil {
		f.Fatalf("Update: %v", err)
	}
}

func (f *fixture) put(customers ...customer.Customer) {
	f.Helper()
	f.update(func(tx customer.Tx) error {
		for _, c := range customers {
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *fixture) delete(ids ...string) {
	f.Helper()
	f.update(func(tx customer.Tx) error {
		for _, id := range ids {
			if err := tx.Delete(ctx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *fixture) list(q customer.ListQuery) customer.Page {
	f.Helper()
	page, err := f.List(ctx, q)
	if err != nil {
		f.Fatalf("List(%+v): %v", q, err)
	}
	return page
}

func (f *fixture) search(q customer.SearchQuery) customer.Page {
	f.Helper()
	page, err := f.Search(ctx, q)
	if err != nil {
		f.Fatalf("Search(%+v): %v", q, err)
	}
	return page
}

// compact compacts a store that has a Compact method.
func (f *fixture) compact() {
	f.Helper()
	if s, ok := f.Store.(interface{ Compact(context.Context) error }); ok {
		if err := s.Compact(ctx); err != nil {
			f.Fatalf("Compact: %v", err)
		}
	}
}

// cursorOf returns the cursor of a customer in the worker's list.
func (f *fixture) cursorOf(worker, id string) customer.Cursor {
	f.Helper()
	for _, row := range f.list(customer.ListQuery{Worker: worker, Limit: 1000}).Rows {
		if row.ID == id {
			return row.Cursor
		}
	}
	f.Fatalf("List(%s) has no customer %s", worker, id)
	return customer.Cursor{}
}

// wantRows compares the IDs of a page's rows with want, separated by blanks.
func (f *fixture) wantRows(page customer.Page, want string) {
	f.Helper()
	if diff := cmp.Diff(strings.Fields(want), rowIDs(page.Rows), nilIsEmpty); diff != "" {
		f.Errorf("rows (-want +got):\n%s", diff)
	}
}

var nilIsEmpty = cmp.Transformer("", func(s []string) []string { return append([]string{}, s...) })

func rowIDs(rows []customer.Row) []string {
	all := []string{}
	for _, r := range rows {
		all = append(all, r.ID)
	}
	return all
}

// compareListOrder compares customers in list order.
func compareListOrder(a, b customer.Customer) int {
	if c := strings.Compare(text.SortKey(a.Name), text.SortKey(b.Name)); c != 0 {
		return c
	}
	if c := strings.Compare(a.Name, b.Name); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}
