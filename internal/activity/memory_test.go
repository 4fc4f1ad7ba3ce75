package activity

import (
	"context"
	"slices"
	"sync"
	"time"
)

// memory is a Store that may be down, or slow.
type memory struct {
	mu      sync.Mutex
	err     error
	slow    time.Duration
	entries []Entry
	minutes map[int64]*Figures
	writes  int
	pruned  []time.Time
}

func newMemory() *memory { return &memory{minutes: map[int64]*Figures{}} }

// breakDown makes every question fail with err, until it is nil.
func (m *memory) breakDown(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *memory) AddActivity(ctx context.Context, entries []Entry, minutes []Minute) error {
	if m.slow > 0 {
		select {
		case <-time.After(m.slow):
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
		add(m.minutes, minuteOf(minutes[i].Start), &minutes[i].Figures)
	}
	return nil
}

func (m *memory) RecentActivity(_ context.Context, n int) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries[max(len(m.entries)-n, 0):]), m.err
}

func (m *memory) ActivitySince(_ context.Context, from time.Time) (all []Minute, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for minute, f := range m.minutes {
		if minute >= minuteOf(from) {
			all = append(all, Minute{time.Unix(minute*60, 0), *f})
		}
	}
	return all, m.err
}

func (m *memory) PruneActivity(_ context.Context, entries int, before time.Time) error {
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

func (m *memory) kept() (entries int, calls int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.minutes {
		calls += f.Calls
	}
	return len(m.entries), calls
}
