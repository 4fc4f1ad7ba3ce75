package importer

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

const (
	// batchRows and batchBytes bound what is converted at a time.
	batchRows  = 2000
	batchBytes = 1 << 20
)

// batch is a run of items, and their records once ready is closed.
type batch struct {
	items   []item
	records []record
	ready   chan struct{}
}

// feed reads and converts ahead of the writer.
type feed struct {
	// batches come in the order of the file; it is closed at its end.
	batches chan *batch
	// err is why reading ended, good once batches is closed.
	err     error
	running sync.WaitGroup
}

func (f *feed) wait() { f.running.Wait() }

// next answers the records of the following batch; none, and whether any may follow,
// when there is no batch before enough or the end of ctx.
func (f *feed) next(ctx context.Context, enough <-chan time.Time) (records []record, more bool) {
	select {
	case b, ok := <-f.batches:
		if !ok {
			return nil, false
		}
		select {
		case <-b.ready:
			return b.records, true
		case <-ctx.Done():
			return nil, false
		}
	case <-enough:
		return nil, true
	case <-ctx.Done():
		return nil, false
	}
}

// newFeed begins with the items that were read already.
func newFeed(ctx context.Context, file source, first []item) *feed {
	f := &feed{batches: make(chan *batch, 2)}
	work := make(chan *batch)
	f.running.Go(func() {
		defer close(f.batches)
		defer close(work)
		f.err = f.read(ctx, file, first, work)
	})
	for range max(1, runtime.GOMAXPROCS(0)-1) {
		f.running.Go(func() {
			for b := range work {
				b.records = make([]record, len(b.items))
				for i, it := range b.items {
					b.records[i] = file.convert(it)
				}
				close(b.ready)
			}
		})
	}
	return f
}

// read makes batches until the file or the context ends.
func (f *feed) read(ctx context.Context, file source, items []item, work chan<- *batch) error {
	for ; len(items) > 0; items = readItems(file) {
		b := &batch{items: items, ready: make(chan struct{})}
		for _, to := range []chan<- *batch{work, f.batches} {
			select {
			case to <- b:
			case <-ctx.Done():
				return nil
			}
		}
	}
	if err := file.failure(); err != nil {
		return fmt.Errorf("reading the file failed: %w", err)
	}
	return nil
}

// readItems reads as many items as one transaction writes; none at the end.
func readItems(file source) []item {
	var items []item
	for size := 0; len(items) < batchRows && size < batchBytes; {
		it, ok := file.next()
		if !ok {
			break
		}
		items = append(items, it)
		size += len(it.raw)
	}
	return items
}
