package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
)

// pagingTests check the guarantee of the protocol while customers are added, renamed and
// deleted: paging ends, never repeats a page, and returns every customer that was there
// throughout under an unchanged name exactly once.
var pagingTests = []namedTest{
	{"List while customers change", func(f *fixture) {
		RunPaging(f.T, f.Store, func(worker string, limit int) PageFunc {
			var after customer.Cursor
			return func() ([]string, bool, error) {
				page, err := f.List(ctx, customer.ListQuery{Worker: worker, After: after, Limit: limit})
				if err != nil {
					return nil, false, err
				}
				if page.More {
					after = page.Rows[len(page.Rows)-1].Cursor
				}
				return rowIDs(page.Rows), page.More, nil
			}
		})
	}},
	{"ListAll while customers change", func(f *fixture) {
		RunPaging(f.T, f.Store, adminPages(f, ""))
	}},
	{"ListAll with a query while customers change", func(f *fixture) {
		RunPaging(f.T, f.Store, adminPages(f, "keeps"))
	}},
	{"Search while customers change", func(f *fixture) {
		RunPaging(f.T, f.Store, func(worker string, limit int) PageFunc {
			var after customer.Cursor
			return func() ([]string, bool, error) {
				page, err := f.Search(ctx, customer.SearchQuery{Worker: worker, Query: "keeps", After: after, Limit: limit})
				if err != nil {
					return nil, false, err
				}
				if page.More {
					after = page.Rows[len(page.Rows)-1].Cursor
				}
				return rowIDs(page.Rows), page.More, nil
			}
		})
	}},
}

// adminPages returns the pages of ListAll.
func adminPages(f *fixture, query string) func(worker string, limit int) PageFunc {
	return func(_ string, limit int) PageFunc {
		var after customer.Cursor
		return func() ([]string, bool, error) {
			page, err := f.ListAll(ctx, customer.AdminQuery{Query: query, After: after, Limit: limit})
			if err != nil {
				return nil, false, err
			}
			if page.More {
				after = page.Cursors[len(page.Cursors)-1]
			}
			return customerIDs(page.Customers), page.More, nil
		}
	}
}

// PageFunc returns the IDs of the next page, and whether more follow.
type PageFunc func() (page []string, more bool, err error)

// How many customers RunPaging pages through, and changes meanwhile.
const (
	stableCustomers   = 300
	changingCustomers = 200
)

// RunPaging reads all pages of a worker, returned by begin for a worker and a page size, while
// another goroutine adds, renames, reassigns and deletes customers. Paging must end and
// return each unchanged customer exactly once, in order. Their names contain "keeps", so
// that searches can be tested too.
func RunPaging(t *testing.T, store customer.Store, begin func(worker string, limit int) PageFunc) {
	const worker = "ann"
	var want []string
	put := func(c customer.Customer) error {
		return store.Update(ctx, func(tx customer.Tx) error { return tx.Put(ctx, c) })
	}
	err := store.Update(ctx, func(tx customer.Tx) error {
		for i := range stableCustomers {
			c := newCustomer(fmt.Sprintf("keeps-%03d", i), fmt.Sprintf("%03d keeps", i), worker)
			if i%7 == 0 {
				c.Workers = []string{customer.Everyone}
			}
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
			want = append(want, c.ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var changes sync.WaitGroup
	changes.Go(func() {
		rng := rand.New(rand.NewPCG(5, 6))
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			c := newCustomer(fmt.Sprintf("changes-%d", rng.IntN(changingCustomers)), fmt.Sprintf("%03d %d keeps changing", rng.IntN(stableCustomers), n), worker)
			switch rng.IntN(6) {
			case 0:
				c.Workers = []string{"bob"}
			case 1:
				c.Workers = []string{worker, customer.Everyone}
			}
			err := put(c)
			if rng.IntN(4) == 0 {
				err = store.Update(ctx, func(tx customer.Tx) error { return tx.Delete(ctx, c.ID) })
			}
			if err != nil {
				t.Errorf("Update of a changing customer: %v", err)
				return
			}
		}
	})
	defer changes.Wait()
	defer close(stop)
	for _, limit := range []int{3, 8, 17} {
		next := begin(worker, limit)
		var unchanged []string
		more := true
		for pages := 0; more; pages++ {
			var page []string
			var err error
			if page, more, err = next(); err != nil {
				t.Fatalf("page %d: %v", pages, err)
			}
			if pages > 20*stableCustomers {
				t.Fatal("paging does not end")
			}
			for _, id := range page {
				if strings.HasPrefix(id, "keeps-") {
					unchanged = append(unchanged, id)
				}
			}
		}
		for i := range max(len(unchanged), len(want)) {
			if i >= len(unchanged) || i >= len(want) || unchanged[i] != want[i] {
				t.Fatalf("pages of %d: %d unchanged customers, want %d; the first difference is at %d: got %q, want %q",
					limit, len(unchanged), len(want), i, unchanged[i:min(i+3, len(unchanged))], want[i:min(i+3, len(want))])
			}
		}
	}
}
