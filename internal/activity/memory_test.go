package activity

import (
	"context"
	"slices"
	"sync"
	"time"
)

// memoryStore is a Store that can fail or be slow.
type memoryStore struct {
	mu      sync.Mutex
	err     error
	delay   time.Duration
	entries []Entry
	minutes map[int64]*Figures
	writes  int
	pruned  []time.Time
}

func newMemoryStore() *memoryStore { return &memoryStore{minutes: map[int64]*Figures{}} }

// setError makes every call fail with err, until it is nil.
func (m *memoryStore) setError(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *memoryStore) AddActivity(ctx context.Context, entries []Entry, minutes []Minute) error {
	if m.delay > 0 {
		select {
		case <-time.After(m.delay):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	m.writes++
	m.entries = append(m.entries, entries...)
	for i := range minutes {
		addTo(m.minutes, minuteOf(minutes[i].Start), &minutes[i].Figures)
	}
	return nil
}

func (m *memoryStore) RecentActivity(_ context.Context, n int) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries[max(len(m.entries)-n, 0):]), m.err
}

func (m *memoryStore) ActivitySince(_ context.Context, from time.Time) (all []Minute, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for minute, f := range m.minutes {
		if minute >= minuteOf(from) {
			all = append(all, Minute{time.Unix(minute*60, 0), *f})
		}
	}
	return all, m.err
}

func (m *memoryStore) DeleteActivity(_ context.Context, entries int, before time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	m.pruned = append(m.pruned, before)
	m.entries = m.entries[max(len(m.entries)-entries, 0):]
	for minute := range m.minutes {
		if minute < minuteOf(before) {
			delete(m.minutes, minute)
		}
	}
	return nil
}

func (m *memoryStore) stored() (entries int, calls int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.minutes {
		calls += f.Calls
	}
	return len(m.entries), calls
}
