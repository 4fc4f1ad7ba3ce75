package importer

import (
	"context"
	"fmt"
	"runtime"
	"sync"
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

func newFeed(ctx context.Context, file source) *feed {
	converters := max(1, runtime.GOMAXPROCS(0)-1)
	f := &feed{batches: make(chan *batch, 2)}
	work := make(chan *batch)
	f.running.Go(func() {
		defer close(f.batches)
		defer close(work)
		f.err = f.read(ctx, file, work)
	})
	for range converters {
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
func (f *feed) read(ctx context.Context, file source, work chan<- *batch) error {
	for first := true; ; first = false {
		b := &batch{ready: make(chan struct{})}
		for size := 0; len(b.items) < batchRows && size < batchBytes; {
			it, ok := file.next()
			if !ok {
				break
			}
			b.items = append(b.items, it)
			size += len(it.raw)
		}
		if first {
			if err := file.begin(b.items); err != nil {
				return err
			}
		}
		if len(b.items) == 0 {
			if err := file.failure(); err != nil {
				return fmt.Errorf("reading the file failed: %w", err)
			}
			return nil
		}
		for _, to := range []chan<- *batch{work, f.batches} {
			select {
			case to <- b:
			case <-ctx.Done():
				return nil
			}
		}
	}
}
