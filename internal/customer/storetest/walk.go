package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
)

// walkTests hold the promise of the protocol: a walk ends, never repeats a page,
// and meets every customer that was there throughout under an unchanged name
// exactly once, whatever is added, renamed or deleted meanwhile.
var walkTests = []namedTest{
	{"by cursor through a list that others change", func(f *fixture) {
		Walks(f.T, f.Store, func(worker string, limit int) Walk {
			var after customer.Cursor
			return func() ([]string, bool, error) {
				page, err := f.List(ctx, customer.ListQuery{Worker: worker, After: after, Limit: limit})
				if err != nil {
					return nil, false, err
				}
				if page.More {
					after = page.Rows[len(page.Rows)-1].Cursor
				}
				return ids(page.Rows), page.More, nil
			}
		})
	}},
	{"by cursor through the register that others change", func(f *fixture) {
		Walks(f.T, f.Store, walkRegister(f, ""))
	}},
	{"by cursor through a search of the register that others change", func(f *fixture) {
		Walks(f.T, f.Store, walkRegister(f, "keeps"))
	}},
	{"by cursor through a search that others change", func(f *fixture) {
		Walks(f.T, f.Store, func(worker string, limit int) Walk {
			var after customer.Cursor
			return func() ([]string, bool, error) {
				page, err := f.Search(ctx, customer.SearchQuery{Worker: worker, Query: "keeps", After: after, Limit: limit})
				if err != nil {
					return nil, false, err
				}
				if page.More {
					after = page.Rows[len(page.Rows)-1].Cursor
				}
				return ids(page.Rows), page.More, nil
			}
		})
	}},
}

// walkRegister makes walks through all customers, whoever's they are.
func walkRegister(f *fixture, query string) func(worker string, limit int) Walk {
	return func(_ string, limit int) Walk {
		var after customer.Cursor
		return func() ([]string, bool, error) {
			page, err := f.ListAll(ctx, customer.AdminQuery{Query: query, After: after, Limit: limit})
			if err != nil {
				return nil, false, err
			}
			if page.More {
				after = page.Cursors[len(page.Cursors)-1]
			}
			return idsOf(page.Customers), page.More, nil
		}
	}
}

// Walk answers the next page of a walk, by IDs, and whether it says that more
// follows.
type Walk func() (page []string, more bool, err error)

// How many customers keep their names in Walks, and how many do not.
const (
	keepers   = 300
	changers  = 200
	walksEach = 12
)

// Walks walks a worker's pages, through what begin makes of a worker and a page
// size, while another goroutine adds, renames, reassigns and deletes customers.
// Every walk must meet each of those that stay exactly once, in order, and end.
// Their names have the word "keeps" in them, so that searches can be walked too.
func Walks(t *testing.T, store customer.Store, begin func(worker string, limit int) Walk) {
	const worker = "ann"
	var want []string
	put := func(c customer.Customer) error {
		return store.Update(ctx, func(tx customer.Tx) error { return tx.Put(ctx, c) })
	}
	err := store.Update(ctx, func(tx customer.Tx) error {
		for i := range keepers {
			c := person(fmt.Sprintf("keeps-%03d", i), fmt.Sprintf("%03d keeps", i), worker)
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
	var changer sync.WaitGroup
	changer.Go(func() {
		rng := rand.New(rand.NewPCG(5, 6))
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			c := person(fmt.Sprintf("changes-%d", rng.IntN(changers)), fmt.Sprintf("%03d %d keeps changing", rng.IntN(keepers), n), worker)
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
				t.Errorf("change: %v", err)
				return
			}
		}
	})
	defer changer.Wait()
	defer close(stop)
	rng := rand.New(rand.NewPCG(7, 8))
	for range walksEach {
		limit := 1 + rng.IntN(20)
		next := begin(worker, limit)
		var stayed []string
		more := true
		for pages := 0; more; pages++ {
			var page []string
			var err error
			if page, more, err = next(); err != nil {
				t.Fatalf("page %d: %v", pages, err)
			}
			if pages > 20*keepers {
				t.Fatal("the walk does not end")
			}
			for _, id := range page {
				if strings.HasPrefix(id, "keeps-") {
					stayed = append(stayed, id)
				}
			}
		}
		for i := range max(len(stayed), len(want)) {
			if i >= len(stayed) || i >= len(want) || stayed[i] != want[i] {
				t.Fatalf("in pages of %d: walked %d of %d that stayed; the first wrong one is number %d: got %q, want %q",
					limit, len(stayed), len(want), i, stayed[i:min(i+3, len(stayed))], want[i:min(i+3, len(want))])
			}
		}
	}
}
