package activity

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Options is how a Log is set up; zero values mean the defaults.
type Options struct {
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Logger is told when the store fails; slog.Default when nil.
	Logger *slog.Logger
}

// What a Log keeps, and how often it writes.
const (
	keepEntries = 500                // more than anybody reads; about 100 KiB
	keepFor     = 7 * 24 * time.Hour // at most 10,080 minutes of about 450 bytes
	flushEvery  = 10 * time.Second   // lost at most when the process is killed
	flushWithin = 15 * time.Second   // longer than the store waits for other processes
	pruneEvery  = 10 * time.Minute
)

// Log remembers activity: in memory, where it is read from, and in a Store, where it
// outlives the process. What other processes add to the store meanwhile is seen after
// the next start only. It is safe for concurrent use.
type Log struct {
	store Store
	now   func() time.Time
	log   *slog.Logger

	// What Record writes. Its lock is held for moments only.
	mu     sync.Mutex
	recent [keepEntries]Entry // a ring
	next   int64              // how many were ever put in it
	counts map[int64]*Figures // by minute since 1970, not yet in history
	totals Figures            // since the start of this process

	// What is read for Series. Taken before mu.
	reading sync.Mutex
	history map[int64]*Figures

	// The flushing goroutine's own: how many entries the store has had, the counts
	// that it has not, and so on.
	saved   int64
	unsaved map[int64]*Figures
	pruned  time.Time
	failing bool

	stop chan struct{}
	done chan struct{}
}

// Open makes a Log with what the store has, and begins to write to the store. When
// the store fails, the log says so and begins empty. Close ends it.
func Open(ctx context.Context, store Store, opts Options) *Log {
	l := &Log{store: store, now: opts.Now, log: opts.Logger,
		counts: make(map[int64]*Figures), history: make(map[int64]*Figures), unsaved: make(map[int64]*Figures),
		stop: make(chan struct{}), done: make(chan struct{})}
	if l.now == nil {
		l.now = time.Now
	}
	if l.log == nil {
		l.log = slog.Default()
	}
	if err := l.load(ctx); err != nil {
		l.log.WarnContext(ctx, "the activity of before could not be read; it begins anew", "error", err)
	}
	go l.flushing()
	return l
}

func (l *Log) load(ctx context.Context) error {
	entries, err := l.store.RecentActivity(ctx, keepEntries)
	if err != nil {
		return err
	}
	for _, e := range entries {
		l.remember(e)
	}
	l.saved = l.next
	minutes, err := l.store.ActivitySince(ctx, l.now().Add(-keepFor))
	for i := range minutes {
		add(l.history, minuteOf(minutes[i].Start), &minutes[i].Figures)
	}
	return err
}

// minuteOf answers the minute since 1970 that t is in.
func minuteOf(t time.Time) int64 {
	s := t.Unix()
	if s < 0 {
		return 0
	}
	return s / 60
}

func add(to map[int64]*Figures, minute int64, f *Figures) {
	if to[minute] == nil {
		to[minute] = new(Figures)
	}
	to[minute].Merge(f)
}

// Record notes a question. It takes less than a microsecond.
func (l *Log) Record(e Entry) {
	minute := minuteOf(e.When)
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.counts[minute]
	if f == nil {
		f = new(Figures)
		l.counts[minute] = f
	}
	f.count(e)
	l.totals.count(e)
	if e.Hit {
		return
	}
	l.remember(e)
}

func (l *Log) remember(e Entry) {
	l.recent[l.next%keepEntries] = e
	l.next++
}

// Recent answers the last calls that were really made, at most n, the newest first.
// They name workers, who may be gone: none is older than a week.
func (l *Log) Recent(n int) []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = int(min(int64(max(n, 0)), l.next, keepEntries))
	oldest := l.now().Add(-keepFor)
	entries := make([]Entry, 0, n)
	for i := range int64(n) {
		if e := l.recent[(l.next-1-i)%keepEntries]; !e.When.Before(oldest) {
			entries = append(entries, e)
		}
	}
	return entries
}

// Totals answers what was counted since this process began: it only grows.
func (l *Log) Totals() Figures {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.totals
}
