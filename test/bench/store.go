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
	"github.com/clientele-project/clientele/internal/store"
)

// pageSize is the app's page size.
const pageSize = 30

// A figure is how long an operation took in the store.
type figure struct {
	name         string
	median, p99  time.Duration
	runs         int
	what         string // the slowest query, for searches
	rowsReturned float64
}

// Parts of the names of figures.
const (
	slowestSearch = "slowest search, p99, "
	fewCustomers  = "a worker with 500"
	poolsWorker   = "the pool's worker"
)

// slowestSearch returns the figure of the slowest search of a worker.
func (m measured) slowestSearch(worker string) figure {
	i := slices.IndexFunc(m.store, func(f figure) bool { return f.name == slowestSearch+worker })
	return m.store[i]
}

// measureStore times operations of the store, one at a time, without HTTP.
func measureStore(ctx context.Context, o options, d database) (figures []figure, err error) {
	db, err := store.Open(ctx, d.name, store.Options{})
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
	// As when people work, all have opened their list and searched in it. What is asked for twice
	// stays in memory.
	for i := range 2 * d.workers() {
		worker := d.owner(2 * i)
		if _, err := list(worker, ""); err != nil {
			return nil, err
		}
		if _, err := search(worker, queries[0].text); err != nil {
			return nil, err
		}
	}
	for _, who := range []struct {
		name string
		draw func() string
	}{{fewCustomers, func() string { return d.worker(rng) }}, {poolsWorker, func() string { return pool }}} {
		for _, k := range []struct {
			name string
			do   func(worker string) (int, error)
		}{
			{"list", func(worker string) (int, error) { return list(worker, "") }},
			{"anchored list", func(worker string) (int, error) { return list(worker, d.customerOf(worker, rng)) }},
			{"details", func(worker string) (int, error) {
				_, err := store.Customer(ctx, worker, d.customerOf(worker, rng))
				return 1, err
			}},
			{"search", func(worker string) (int, error) { return search(worker, queries[rng.IntN(len(queries))].text) }},
		} {
			f, err := timeOperation(ctx, o.each, func() (int, error) { return k.do(who.draw()) })
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", k.name, who.name, err)
			}
			f.name = k.name + ", " + who.name
			figures = append(figures, f)
		}
		var slowest figure
		for _, q := range queries {
			f, err := timeOperation(ctx, o.each/4, func() (int, error) { return search(who.draw(), q.text) })
			if err != nil {
				return nil, fmt.Errorf("search for %s: %w", q.name, err)
			}
			if f.p99 > slowest.p99 {
				slowest = f
				slowest.name, slowest.what = slowestSearch+who.name, q.name
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
	slices.Sort(took)
	return figure{median: quantile(took, 0.5), p99: quantile(took, 0.99), runs: len(took), rowsReturned: float64(rows) / float64(len(took))}, nil
}
