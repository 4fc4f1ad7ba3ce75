package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
)

// A repeated operation runs again and again, with pauses, while something else goes on.
type repeated struct {
	name  string
	pause time.Duration
	do    func(rng *rand.Rand) error
	took  []time.Duration // sorted in the end
}

// during does some work, and others meanwhile. Those end when the work does, or fail.
func during(work func() error, others []*repeated) error {
	errs := make([]error, len(others))
	stop := make(chan struct{})
	var group sync.WaitGroup
	for i, r := range others {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		group.Go(func() {
			for stopped := false; !stopped && errs[i] == nil; {
				begun := time.Now()
				errs[i] = r.do(rng)
				r.took = append(r.took, time.Since(begun))
				select {
				case <-stop:
					stopped = true
				case <-time.After(r.pause):
				}
			}
		})
	}
	err := work()
	close(stop)
	group.Wait()
	for _, r := range others {
		slices.Sort(r.took)
	}
	return errors.Join(append(errs, err)...)
}

// watchers are reads of workers, and last the changes of an administrator.
func watchers(ctx context.Context, d database, store *store.Customers) []*repeated {
	changes := 0
	return []*repeated{
		{name: "list", pause: readEvery, do: func(rng *rand.Rand) error {
			_, err := store.List(ctx, customer.ListQuery{Worker: d.worker(rng), Limit: pageSize})
			return err
		}},
		{name: "search", pause: readEvery, do: func(rng *rand.Rand) error {
			_, err := store.Search(ctx, customer.SearchQuery{Worker: d.worker(rng), Query: "jose", Limit: pageSize})
			return err
		}},
		{name: "details", pause: readEvery, do: func(rng *rand.Rand) error {
			worker := d.worker(rng)
			// Some of the first worker's customers are unassigned by now.
			if _, err := store.Customer(ctx, worker, d.customerOf(worker, rng)); !errors.Is(err, customer.ErrNotFound) {
				return err
			}
			return nil
		}},
		{name: "search of the pool", pause: 10 * readEvery, do: func(*rand.Rand) error {
			_, err := store.Search(ctx, customer.SearchQuery{Worker: pool, Query: "jose garcia", Limit: pageSize})
			return err
		}},
		{name: "a change", pause: changeEvery, do: func(*rand.Rand) error {
			changes++
			c := customer.Customer{ID: "bench", Name: fmt.Sprint("Bench ", changes), Workers: []string{"bench@example.com"}}
			return store.Update(ctx, func(tx customer.Tx) error { return tx.Put(ctx, c) })
		}},
	}
}

// merging merges changes into the search index when that is due, as `serve` does.
func merging(ctx context.Context, store *store.Customers) *repeated {
	return &repeated{pause: readEvery, do: func(*rand.Rand) error {
		select {
		case <-store.MergeDue():
			return store.Merge(ctx)
		default:
			return nil
		}
	}}
}
