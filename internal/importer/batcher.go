package importer

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/importer/source"
)

const (
	// batchRows and batchBytes bound what is converted at a time.
	batchRows  = 2000
	batchBytes = 1 << 20
)

// batch is consecutive rows of the file. They are mapped once ready is closed.
type batch struct {
	rows   []source.Row
	mapped []mappedRow
	ready  chan struct{}
}

// batcher reads and maps rows ahead of the writer, in goroutines of its own.
type batcher struct {
	// batches come in the order of the file; the channel is closed at its end.
	batches chan *batch
	// err is why reading ended, valid once batches is closed.
	err     error
	running sync.WaitGroup
}

// newBatcher starts with the rows of f that were read already.
func newBatcher(ctx context.Context, f *File) *batcher {
	b := &batcher{batches: make(chan *batch, 2)}
	work := make(chan *batch)
	b.running.Go(func() {
		defer close(b.batches)
		defer close(work)
		b.err = b.read(ctx, f, work)
	})
	for range max(1, runtime.GOMAXPROCS(0)-1) {
		b.running.Go(func() {
			for next := range work {
				next.mapped = make([]mappedRow, len(next.rows))
				for i, row := range next.rows {
					next.mapped[i] = f.mapper.convert(row)
					f.opts.matchOwners(&next.mapped[i])
				}
				close(next.ready)
			}
		})
	}
	return b
}

// read makes batches until the file or the context ends.
func (b *batcher) read(ctx context.Context, f *File, work chan<- *batch) error {
	for rows := f.first; len(rows) > 0; rows = readRows(f.source) {
		next := &batch{rows: rows, ready: make(chan struct{})}
		for _, to := range []chan<- *batch{work, b.batches} {
			select {
			case to <- next:
			case <-ctx.Done():
				return nil
			}
		}
	}
	if err := f.source.Err(); err != nil {
		return fmt.Errorf("reading the file failed: %w", err)
	}
	return nil
}

// readRows reads the rows of one batch; none at the end.
func readRows(r source.Reader) []source.Row {
	var rows []source.Row
	for size := 0; len(rows) < batchRows && size < batchBytes; {
		row, ok := r.Next()
		if !ok {
			break
		}
		rows = append(rows, row)
		size += len(row.Raw)
	}
	return rows
}

// next returns the rows of the next batch. It returns none when there is no batch
// before the timeout or the end of ctx; more reports whether any may follow.
func (b *batcher) next(ctx context.Context, timeout <-chan time.Time) (rows []mappedRow, more bool) {
	if len(b.batches) > 0 {
		timeout = nil // else select would take either
	}
	select {
	case next, ok := <-b.batches:
		if !ok {
			return nil, false
		}
		select {
		case <-next.ready:
			return next.mapped, true
		case <-ctx.Done():
			return nil, false
		}
	case <-timeout:
		return nil, true
	case <-ctx.Done():
		return nil, false
	}
}
