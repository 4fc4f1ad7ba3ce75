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
	"github.com/clientele-project/clientele/internal/store"
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

// measureEdits edits customers while the search index is merged in the background, and
// while the newest edit is searched for.
func measureEdits(ctx context.Context, o options, d database, logIndex *os.File, store *store.Customers) ([]*editRun, error) {
	log := &logMeter{index: logIndex}
	n := min(o.times(edited), d.n/4)
	numbers := rand.New(rand.NewPCG(seed, 3)).Perm(d.n / 2)
	var runs []*editRun
	for i, together := range []int{1, 100} {
		var newest atomic.Int64 // the number that was edited last
		searches := &repeated{pause: 10 * readEvery, do: func(*rand.Rand) error { return findEdited(ctx, store, int(newest.Load())) }}
		if err := edit(ctx, store, numbers[i*n:i*n+1], &newest); err != nil {
			return nil, err
		}
		if err := log.read(); err != nil {
			return nil, err
		}
		written, begun := log.written, time.Now()
		run := &editRun{together: together, edits: n}
		err := during(func() (err error) {
			for batch := range slices.Chunk(numbers[i*n:(i+1)*n], together) {
				if err = errors.Join(edit(ctx, store, batch, &newest), log.read()); err != nil {
					break
				}
			}
			run.took = time.Since(begun)
			return err
		}, []*repeated{searches, merging(ctx, store)})
		if err = errors.Join(err, log.read()); err != nil {
			return nil, fmt.Errorf("%d in a transaction: %w", together, err)
		}
		run.log, run.searches = log.written-written, searches.took
		runs = append(runs, run)
	}
	return runs, nil
}

// edit gives the pool's customers with these numbers new notes, in one transaction.
func edit(ctx context.Context, store *store.Customers, numbers []int, newest *atomic.Int64) error {
	err := store.Update(ctx, func(tx customer.Tx) error {
		for _, number := range numbers {
			c, err := tx.Get(ctx, strconv.Itoa(2*number+2))
			if err != nil {
				return err
			}
			c.Details.Content = editedNotes(number)
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	newest.Store(int64(numbers[len(numbers)-1]))
	return err
}

// editedNotes returns notes that no other customer's are the beginning of.
func editedNotes(number int) string { return fmt.Sprintf("edited%dx", number) }

// findEdited searches the pool for a customer that was edited. It must find just that one.
func findEdited(ctx context.Context, store *store.Customers, number int) error {
	page, err := store.Search(ctx, customer.SearchQuery{Worker: pool, Query: editedNotes(number), Limit: pageSize})
	if err == nil && (len(page.Rows) != 1 || page.Rows[0].ID != strconv.Itoa(2*number+2)) {
		err = fmt.Errorf("search for %q = %+v, want customer %d", editedNotes(number), page.Rows, 2*number+2)
	}
	return err
}

// A logMeter counts what is written to a write-ahead log.
type logMeter struct {
	index   *os.File // of the log; its header says how many pages the log holds
	pages   uint32
	written int64
}

// read adds what was written since the last read. It must be called so often that the log
// does not start again from its first page twice in between.
func (m *logMeter) read() error {
	var header [20]byte
	if _, err := m.index.ReadAt(header[:], 0); err != nil {
		return err
	}
	pageBytes := int64(binary.NativeEndian.Uint16(header[14:]))
	pages := binary.NativeEndian.Uint32(header[16:])
	if pages < m.pages {
		m.pages = 0 // the log started again
	}
	m.written += int64(pages-m.pages) * (pageBytes + 24) // a page has a header of 24 bytes
	m.pages = pages
	return nil
}
