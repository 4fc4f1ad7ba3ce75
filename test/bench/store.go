package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// pageSize is the app's page size.
const pageSize = 30

// A figure is how long an operation took in the store.
type figure struct {
	name         string
	median, p99  time.Duration
	mean         time.Duration
	runs         int
	what         string // the slowest query, for searches
	rowsReturned float64
}

// measureStore times operations of the store, one at a time, without HTTP.
func measureStore(ctx context.Context, o options, d database) ([]figure, error) {
	db, err := sqlite.Open(ctx, d.file, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	store := db.Customers()
	rng := rand.New(rand.NewPCG(seed, uint64(d.n)))

	list := func(worker, anchor string) (int, error) {
		page, err := store.List(ctx, customer.ListQuery{Worker: worker, Anchor: anchor, Limit: pageSize})
		return len(page.Rows), err
	}
	search := func(worker, q string) (int, error) {
		page, err := store.Search(ctx, customer.SearchQuery{Worker: worker, Query: q, Limit: pageSize})
		return len(page.Rows), err
	}
	kinds := []struct {
		name string
		do   func() (int, error)
	}{
		{"list, a worker with 500", func() (int, error) { return list(d.worker(rng), "") }},
		{"list, the pool's worker", func() (int, error) { return list(pool, "") }},
		{"anchored list, a worker with 500", func() (int, error) {
			w := d.worker(rng)
			return list(w, d.customerOf(w, rng))
		}},
		{"anchored list, the pool's worker", func() (int, error) { return list(pool, d.customerOf(pool, rng)) }},
		{"details, a worker with 500", func() (int, error) {
			w := d.worker(rng)
			_, err := store.Customer(ctx, w, d.customerOf(w, rng))
			return 1, err
		}},
		{"details, the pool's worker", func() (int, error) {
			_, err := store.Customer(ctx, pool, d.customerOf(pool, rng))
			return 1, err
		}},
		{"search, a worker with 500", func() (int, error) {
			return search(d.worker(rng), queries[rng.IntN(len(queries))].text)
		}},
		{"search, the pool's worker", func() (int, error) { return search(pool, queries[rng.IntN(len(queries))].text) }},
	}
	var figures []figure
	for _, k := range kinds {
		f, err := timeOperation(ctx, o.each, k.do)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
		f.name = k.name
		figures = append(figures, f)
	}
	for _, who := range []struct{ name, worker string }{{"a worker with 500", d.owner(0)}, {"the pool's worker", pool}} {
		slowest := figure{name: "slowest search, " + who.name}
		for _, q := range queries {
			f, err := timeOperation(ctx, o.each/8, func() (int, error) { return search(who.worker, q.text) })
			if err != nil {
				return nil, fmt.Errorf("search for %s: %w", q.name, err)
			}
			if f.median > slowest.median {
				f.name, f.what = slowest.name, q.name
				slowest = f
			}
		}
		figures = append(figures, slowest)
	}
	return figures, nil
}

// timeOperation repeats an operation for a while, after an uncounted warm-up.
func timeOperation(ctx context.Context, long time.Duration, do func() (int, error)) (figure, error) {
	for warm := time.Now(); time.Since(warm) < long/10; {
		if _, err := do(); err != nil {
			return figure{}, err
		}
	}
	runtime.GC()
	var took []time.Duration
	rows := 0
	begun := time.Now()
	for len(took) < 5 || time.Since(begun) < long {
		if err := ctx.Err(); err != nil {
			return figure{}, errors.New("interrupted")
		}
		start := time.Now()
		n, err := do()
		if err != nil {
			return figure{}, err
		}
		took = append(took, time.Since(start))
		rows += n
	}
	var sum time.Duration
	for _, t := range took {
		sum += t
	}
	slices.Sort(took)
	return figure{
		median: took[len(took)/2], p99: took[len(took)*99/100], mean: sum / time.Duration(len(took)), runs: len(took),
		rowsReturned: float64(rows) / float64(len(took)),
	}, nil
}
