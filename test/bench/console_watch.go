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
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// watched holds the durations of concurrent reads and changes.
type watched struct {
	reads   []readTimes
	changes []time.Duration
	err     error
}

// watch reads and changes customers until ctx ends. The function that it returns waits
// for the end and returns the durations.
func watch(ctx context.Context, d database, store *sqlite.Customers) func() watched {
	var w watched
	var mu sync.Mutex
	var group sync.WaitGroup
	every := func(pause time.Duration, do func(rng *rand.Rand) (time.Duration, error), keep func(took time.Duration)) {
		rng := rand.New(rand.NewPCG(seed, uint64(pause)))
		group.Go(func() {
			for ctx.Err() == nil {
				took, err := do(rng)
				mu.Lock()
				keep(took)
				w.err = errors.Join(w.err, err)
				mu.Unlock()
				time.Sleep(pause)
			}
		})
	}
	// Not with ctx: requests that are running when it ends count too.
	bg := context.WithoutCancel(ctx)
	timedRead := func(do func(worker, id string) error) func(rng *rand.Rand) (time.Duration, error) {
		return func(rng *rand.Rand) (time.Duration, error) {
			worker := d.worker(rng)
			id := d.customerOf(worker, rng)
			begun := time.Now()
			err := do(worker, id)
			return time.Since(begun), err
		}
	}
	kinds := []struct {
		name string
		do   func(worker, id string) error
	}{
		{"list", func(worker, _ string) error {
			_, err := store.List(bg, customer.ListQuery{Worker: worker, Limit: pageSize})
			return err
		}},
		{"search", func(worker, _ string) error {
			_, err := store.Search(bg, customer.SearchQuery{Worker: worker, Query: "jose", Limit: pageSize})
			return err
		}},
		{"details", func(worker, id string) error {
			// One of the first worker's customers is unassigned by now.
			if _, err := store.Customer(bg, worker, id); !errors.Is(err, customer.ErrNotFound) {
				return err
			}
			return nil
		}},
		{"search of the pool", func(string, string) error {
			_, err := store.Search(bg, customer.SearchQuery{Worker: pool, Query: "jose garcia", Limit: pageSize})
			return err
		}},
	}
	w.reads = make([]readTimes, len(kinds))
	for i, k := range kinds {
		w.reads[i].name = k.name
		pause := readEvery
		if i == 3 {
			pause *= 10
		}
		every(pause, timedRead(k.do), func(took time.Duration) { w.reads[i].took = append(w.reads[i].took, took) })
	}
	n := 0
	every(changeEvery, func(*rand.Rand) (time.Duration, error) {
		n++
		c := customer.Customer{ID: "bench", Name: fmt.Sprint("Bench ", n), Workers: []string{"bench@example.com"}}
		begun := time.Now()
		err := store.Update(bg, func(tx customer.Tx) error { return tx.Put(bg, c) })
		return time.Since(begun), err
	}, func(took time.Duration) { w.changes = append(w.changes, took) })
	return func() watched {
		group.Wait()
		for i := range w.reads {
			slices.Sort(w.reads[i].took)
		}
		slices.Sort(w.changes)
		return w
	}
}
