package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// edited is how many random customers of the pool are edited.
const edited = 10_000

// An editRun is what edits of the pool's customers cost, so many in a transaction.
type editRun struct {
	together, edits int
	took            time.Duration
	log             int64           // bytes written to the write-ahead log
	searches        []time.Duration // of the pool meanwhile, sorted
}

// measureEdits edits customers while the index is merged in the background as `serve` does
// it, and while each newest edit is searched for. A search must find exactly that customer.
func measureEdits(ctx context.Context, o options, d database, file string, store *sqlite.Customers) ([]*editRun, error) {
	wal, err := os.Open(file + "-shm")
	if err != nil {
		return nil, err
	}
	defer wal.Close()
	n := min(o.times(edited), d.n/4)
	ids := rand.New(rand.NewPCG(seed, 3)).Perm(d.n / 2)[:2*n]
	var runs []*editRun
	for i, together := range []int{1, 100} {
		run := &editRun{together: together, edits: n}
		if err := run.measure(ctx, store, &walMeter{file: wal}, ids[i*n:(i+1)*n]); err != nil {
			return nil, fmt.Errorf("%d in a transaction: %w", together, err)
		}
		runs = append(runs, run)
	}
	return runs, nil
}

func (r *editRun) measure(ctx context.Context, store *sqlite.Customers, meter *walMeter, ids []int) error {
	if err := meter.read(); err != nil {
		return err
	}
	meter.written = 0
	var newest atomic.Pointer[customer.Customer]
	ctx, stop := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := r.search(ctx, store, &newest); err != nil {
			stop(err)
		}
	}()
	merged := make(chan struct{})
	go func() {
		defer close(merged)
		for {
			select {
			case <-ctx.Done():
				return
			case <-store.MergeDue():
				if err := store.Merge(ctx); err != nil && ctx.Err() == nil {
					stop(err)
				}
			}
		}
	}()
	begun := time.Now()
	var err error
	for batch := range slices.Chunk(ids, r.together) {
		if err = errors.Join(edit(ctx, store, batch, &newest), meter.read()); err != nil {
			break
		}
	}
	r.took = time.Since(begun)
	stop(nil)
	<-done
	<-merged
	slices.Sort(r.searches)
	r.log = meter.written
	if cause := context.Cause(ctx); cause != context.Canceled {
		err = cause
	}
	return err
}

// edit gives the pool's customers with these numbers new notes, in one transaction.
func edit(ctx context.Context, store *sqlite.Customers, numbers []int, newest *atomic.Pointer[customer.Customer]) error {
	var last customer.Customer
	err := store.Update(ctx, func(tx customer.Tx) error {
		for _, number := range numbers {
			c, err := tx.Get(ctx, strconv.Itoa(2*number+2))
			if err != nil {
				return err
			}
			c.Details.Content = fmt.Sprintf("edited%d", number)
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
			last = c
		}
		return nil
	})
	newest.Store(&last)
	return err
}

// search searches the pool for the customer that was edited last, again and again.
func (r *editRun) search(ctx context.Context, store *sqlite.Customers, newest *atomic.Pointer[customer.Customer]) error {
	for ; ctx.Err() == nil; time.Sleep(readEvery) {
		c := newest.Load()
		if c == nil {
			continue
		}
		begun := time.Now()
		page, err := store.Search(context.WithoutCancel(ctx), customer.SearchQuery{Worker: pool, Query: c.Details.Content, Limit: pageSize})
		if err != nil {
			return err
		}
		r.searches = append(r.searches, time.Since(begun))
		if !slices.ContainsFunc(page.Rows, func(row customer.Row) bool { return row.ID == c.ID }) {
			return fmt.Errorf("a search for %q does not find customer %s", c.Details.Content, c.ID)
		}
	}
	return nil
}

// A walMeter counts what is written to a write-ahead log.
type walMeter struct {
	file    *os.File // the index of the log, whose header says how many pages the log holds
	pages   uint32
	written int64
}

// read adds what was written since the last read. It must be called so often that the log
// does not begin anew twice in between.
func (m *walMeter) read() error {
	var header [20]byte
	if _, err := m.file.ReadAt(header[:], 0); err != nil {
		return err
	}
	pageBytes := int64(binary.NativeEndian.Uint16(header[14:]))
	pages := binary.NativeEndian.Uint32(header[16:])
	if pages < m.pages {
		m.pages = 0 // the log began anew
	}
	m.written += int64(pages-m.pages) * (pageBytes + 24)
	m.pages = pages
	return nil
}
