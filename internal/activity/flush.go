package activity

import (
	"context"
	"time"
)

// flushLoop writes to the store until Close, and once more then.
func (l *Log) flushLoop() {
	defer close(l.done)
	tick := time.NewTicker(flushInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.flush()
		case <-l.stop:
			l.flush()
			return
		}
	}
}

// Close writes what is unwritten and ends the Log. It waits for that until ctx ends, and
// returns ctx's error then. Call it once. Later records are not stored.
func (l *Log) Close(ctx context.Context) error {
	close(l.stop)
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// flush writes what is new to the store. After a failure it tries again the next time, with
// what came since; it keeps no more for that than for reading.
func (l *Log) flush() {
	entries, upTo := l.drainCounts()
	oldest := minuteOf(l.now().Add(-retention))
	for minute := range l.unsaved {
		if minute < oldest {
			delete(l.unsaved, minute)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	var err error
	if len(entries) > 0 || len(l.unsaved) > 0 {
		minutes := make([]Minute, 0, len(l.unsaved))
		for minute, f := range l.unsaved {
			minutes = append(minutes, Minute{time.Unix(minute*60, 0), *f})
		}
		if err = l.store.AddActivity(ctx, entries, minutes); err == nil {
			l.saved = upTo
			clear(l.unsaved)
		}
	}
	if now := l.now(); err == nil && now.Sub(l.pruned) >= pruneInterval {
		l.dropBefore(oldest)
		if err = l.store.DeleteActivity(ctx, maxEntries, time.Unix(oldest*60, 0)); err == nil {
			l.pruned = now
		}
	}
	if err != nil && !l.failing { // logged once, not every ten seconds
		l.log.Warn("writing the activity failed; trying again", "error", err)
	}
	l.failing = err != nil
}

// drainCounts moves the new counts to history and unsaved, and returns the entries that the
// store does not have, as far as they are still in recent.
func (l *Log) drainCounts() (entries []Entry, upTo int64) {
	l.historyMu.Lock()
	defer l.historyMu.Unlock()
	l.mu.Lock()
	counts := l.counts
	l.counts = make(map[int64]*Figures)
	upTo = l.next
	for i := max(l.saved, upTo-maxEntries); i < upTo; i++ {
		entries = append(entries, l.recent[i%maxEntries])
	}
	l.mu.Unlock()
	for minute, f := range counts {
		addTo(l.history, minute, f)
		addTo(l.unsaved, minute, f)
	}
	return entries, upTo
}

func (l *Log) dropBefore(oldest int64) {
	l.historyMu.Lock()
	defer l.historyMu.Unlock()
	for minute := range l.history {
		if minute < oldest {
			delete(l.history, minute)
		}
	}
}
