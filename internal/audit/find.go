package audit

import (
	"context"
	"iter"
	"slices"
	"time"
)

// Find returns a page of entries, newest first. Entries recorded within the last second
// may be missing. The errors are the store's.
func (l *Log) Find(ctx context.Context, q Query) (Page, error) {
	return l.store.FindEntries(ctx, normalizeQuery(q))
}

// All yields every entry that q selects, newest first, ignoring After and Limit. It ends
// after the first error.
func (l *Log) All(ctx context.Context, q Query) iter.Seq2[Entry, error] {
	return All(ctx, l.store, q)
}

// All is Log.All over a store.
func All(ctx context.Context, store Store, q Query) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		q := normalizeQuery(q)
		q.After, q.Limit = 0, MaxLimit
		for {
			page, err := store.FindEntries(ctx, q)
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for _, e := range page.Entries {
				if !yield(e, nil) {
					return
				}
			}
			if !page.More {
				return
			}
			q.After = page.Next
		}
	}
}

// normalizeQuery cleans a query and applies its defaults.
func normalizeQuery(q Query) Query {
	q.Actor, q.Subject = cleanText(q.Actor), cleanText(q.Subject)
	if q.Limit <= 0 {
		q.Limit = DefaultLimit
	}
	q.Limit = min(q.Limit, MaxLimit)
	q.Actions = slices.Compact(slices.Sorted(slices.Values(q.Actions)))
	return q
}

// dropBatch is the number of entries that Maintain drops at a time, dropPause the time for
// other writers in between.
const (
	dropBatch = 1000
	dropPause = 50 * time.Millisecond
)

// Maintain drops entries older than Rules say, in small batches: at most a day's worth for
// each hour that the program has run since the last call, and none while the clock is in
// doubt. Call it at the start and every hour.
func (l *Log) Maintain(ctx context.Context) error {
	l.maintaining.Lock()
	defer l.maintaining.Unlock()
	now := l.now()
	ran, err := l.checkClock(ctx, now)
	days := l.rules().KeepDays
	if err != nil || ran == 0 || days <= 0 {
		return err
	}
	oldest, err := l.store.OldestEntry(ctx)
	if err != nil || oldest.IsZero() {
		return err
	}
	before := now.AddDate(0, 0, -days)
	if most := oldest.Add(time.Duration(ran.Hours() * float64(droppedPerHour))); most.Before(before) {
		before = most
	}
	for {
		n, err := l.store.DeleteEntries(ctx, before, dropBatch)
		if err != nil || n < dropBatch {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(dropPause):
		}
	}
}
