package audit

import (
	"context"
	"log/slog"
	"time"
)

// flushLoop writes queued entries until Close, and once more then.
func (l *Log) flushLoop(ctx context.Context) {
	defer close(l.done)
	tick := time.NewTicker(flushInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.flush(ctx)
		case <-l.batchReady:
			if !l.failing { // else the next tick is soon enough
				l.flush(ctx)
			}
		case <-l.stop:
			l.flushRemaining(ctx)
			return
		}
	}
}

// Close writes the remaining entries and ends the Log. It waits for that until ctx ends,
// and returns ctx's error then. Entries that could not be written are counted in the log.
// Call it once, after the last Record.
func (l *Log) Close(ctx context.Context) error {
	close(l.stop)
	select {
	case <-l.done:
		l.cancel()
		return nil
	case <-ctx.Done():
		l.cancel()
		return ctx.Err()
	}
}

// flushRemaining writes all entries, as far as the store accepts them.
func (l *Log) flushRemaining(ctx context.Context) {
	l.mu.Lock()
	for _, e := range l.repeats.all() {
		l.enqueue(e)
	}
	l.mu.Unlock()
	l.flush(ctx)
	l.mu.Lock()
	lost := len(l.pending) + len(l.unsaved) + l.lost
	l.mu.Unlock()
	if lost > 0 {
		l.log.LogAttrs(ctx, slog.LevelError, "audit entries lost at shutdown: writing failed", slog.Int("entries", lost))
	}
}

// flush writes queued entries batch by batch until the store fails: then the batch is
// tried again the next time.
func (l *Log) flush(ctx context.Context) {
	for first := true; ; first = false {
		batch, lost := l.nextBatch()
		if !first {
			lost = 0 // reported once a second at most
		}
		if len(batch) == 0 && lost == 0 {
			return
		}
		entries := batch
		if lost > 0 {
			entries = append(batch[:len(batch):len(batch)], Entry{When: l.now(), Action: EntriesLost, Count: lost, Unusual: true,
				Params: NotWritten})
		}
		if err := l.write(ctx, entries); err != nil {
			l.unsaved = batch
			if !l.failing { // logged once, not every second
				l.log.LogAttrs(ctx, slog.LevelWarn, "writing the audit failed; trying again", slog.Any("error", err))
			}
			l.failing = true
			l.setFlushed(0, true)
			return
		}
		l.unsaved, l.failing = nil, false
		l.setFlushed(len(batch), false)
		if lost > 0 {
			l.log.LogAttrs(ctx, slog.LevelError, "audit entries lost: writing failed for too long", slog.Int("entries", lost))
			l.mu.Lock()
			l.lost -= lost
			l.mu.Unlock()
		}
		if len(batch) < batchSize {
			return
		}
	}
}

// setFlushed records that n more entries are stored, or that the store is slow, and wakes
// those who wait for that.
func (l *Log) setFlushed(n int, storeSlow bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stored, l.storeSlow = l.stored+n, storeSlow
	close(l.flushed)
	l.flushed = make(chan struct{})
}

func (l *Log) write(ctx context.Context, entries []Entry) error {
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	return l.store.AddEntriesUnsynced(ctx, entries)
}

// nextBatch returns the batch to write next, and how many entries were lost.
func (l *Log) nextBatch() (batch []Entry, lost int) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.repeats.due(now) {
		l.enqueue(e)
	}
	l.anomalies.cleanup(now)
	if len(l.unsaved) > 0 {
		return l.unsaved, l.lost
	}
	n := min(len(l.pending), batchSize)
	batch = l.pending[:n:n]
	if l.pending = l.pending[n:]; len(l.pending) == 0 {
		l.pending = nil
	}
	return batch, l.lost
}
