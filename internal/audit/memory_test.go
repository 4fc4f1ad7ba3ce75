package audit

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"
)

// memoryStore is a Store that can fail or be slow.
type memoryStore struct {
	mu      sync.Mutex
	err     error
	delay   time.Duration
	entries []Entry
	writes  []int // how many entries each write had
	drops   []time.Time
	clock   Clock
}

// setError makes every call fail with err, until it is nil.
func (m *memoryStore) setError(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *memoryStore) Atomically(ctx context.Context, act func(ctx context.Context) error) error {
	return act(ctx)
}

func (m *memoryStore) AddEntriesUnsynced(ctx context.Context, entries []Entry) error {
	return m.AddEntries(ctx, entries)
}

func (m *memoryStore) AddEntries(ctx context.Context, entries []Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case <-time.After(m.delay):
	case <-ctx.Done():
		return ctx.Err()
	}
	if m.err != nil {
		return m.err
	}
	for _, e := range entries {
		e.ID = int64(len(m.entries) + 1)
		m.entries = append(m.entries, e)
	}
	m.writes = append(m.writes, len(entries))
	return nil
}

func (m *memoryStore) FindEntries(_ context.Context, q Query) (Page, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return Page{}, m.err
	}
	all := slices.Clone(m.entries)
	slices.Reverse(all)
	at := 0
	if q.After > 0 {
		at = len(all) - int(q.After) + 1
	}
	end := min(at+q.Limit, len(all))
	page := Page{Entries: all[at:end]}
	if page.More = end < len(all); page.More {
		page.Next = all[end-1].ID
	}
	return page, nil
}

func (m *memoryStore) DeleteEntries(_ context.Context, before time.Time, limit int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return 0, m.err
	}
	m.drops = append(m.drops, before)
	n := 0
	m.entries = slices.DeleteFunc(m.entries, func(e Entry) bool {
		old := n < limit && e.When.Before(before)
		if old {
			n++
		}
		return old
	})
	return n, nil
}

func (m *memoryStore) OldestEntry(context.Context) (oldest time.Time, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.entries {
		if oldest.IsZero() || e.When.Before(oldest) {
			oldest = e.When
		}
	}
	return oldest, m.err
}

func (m *memoryStore) Clock(context.Context) (Clock, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.clock, m.err
}

func (m *memoryStore) SaveClock(_ context.Context, c Clock) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clock = c
	return m.err
}

// stored returns the entries with these actions, or all.
func (m *memoryStore) stored(actions ...Action) (entries []Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.entries {
		if len(actions) == 0 || slices.Contains(actions, e.Action) {
			entries = append(entries, e)
		}
	}
	return entries
}

// openLog opens a Log over store; its log output is in the buffer.
func openLog(store Store, rules ...Rules) (*Log, *bytes.Buffer) {
	var logged bytes.Buffer
	o := Options{Logger: slog.New(slog.NewTextHandler(&logged, nil)), Rules: usualRules}
	if len(rules) > 0 {
		o.Rules = func() Rules { return rules[0] }
	}
	return Open(store, o), &logged
}

func usualRules() Rules { return Rules{KeepDays: 365, Views: 60, Within: 15 * time.Minute} }

func closeLog(t *testing.T, l *Log) {
	t.Helper()
	if err := l.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
}
