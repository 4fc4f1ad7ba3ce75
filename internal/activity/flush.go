package activity

import (
	"context"
	"time"
)

// flushing writes to the store until Close, and once more then.
func (l *Log) flushing() {
	defer close(l.done)
	tick := time.NewTicker(flushEvery)
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

// Close writes what is not written yet, and ends the log; it waits for that until
// ctx ends, and answers its error then. Call it once. What is recorded afterwards is
// not kept.
func (l *Log) Close(ctx context.Context) error {
	close(l.stop)
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// flush hands to the store what is new. When that fails it is tried again the next
// time, with what came meanwhile; no more is kept for it than for reading.
func (l *Log) flush() {
	entries, upTo := l.take()
	oldest := minuteOf(l.now().Add(-keepFor))
	for minute := range l.unsaved {
		if minute < oldest {
			delete(l.unsaved, minute)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushWithin)
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
	if now := l.now(); err == nil && now.Sub(l.pruned) >= pruneEvery {
		l.forgetBefore(oldest)
		if err = l.store.PruneActivity(ctx, keepEntries, time.Unix(oldest*60, 0)); err == nil {
			l.pruned = now
		}
	}
	if err != nil && !l.failing { // once, not every ten seconds
		l.log.Warn("the activity could not be written; trying again", "error", err)
	}
	l.failing = err != nil
}

// take moves the new counts to where they are read, and answers the entries that the
// store has not had, as far as they are still there.
func (l *Log) take() (entries []Entry, upTo int64) {
	l.reading.Lock()
	defer l.reading.Unlock()
	l.mu.Lock()
	counts := l.counts
	l.counts = make(map[int64]*Figures)
	upTo = l.next
	for i := max(l.saved, upTo-keepEntries); i < upTo; i++ {
		entries = append(entries, l.recent[i%keepEntries])
	}
	l.mu.Unlock()
	for minute, f := range counts {
		add(l.history, minute, f)
		add(l.unsaved, minute, f)
	}
	return entries, upTo
}

func (l *Log) forgetBefore(oldest int64) {
	l.reading.Lock()
	defer l.reading.Unlock()
	for minute := range l.history {
		if minute < oldest {
			delete(l.history, minute)
		}
	}
}
