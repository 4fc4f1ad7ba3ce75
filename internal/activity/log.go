// Package activity records the calls of the integration service: the last calls one by
// one, and figures for every minute of the last week. It also records why requests to
// callbacks of this program were refused. It serves the console's Activity page.
//
// It holds no addresses, customers or search texts. Losing some of it loses statistics
// only: recording never delays or fails a call.
package activity

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Options configures a Log; zero values mean the defaults.
type Options struct {
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Logger receives store failures; slog.Default when nil.
	Logger *slog.Logger
}

// Limits of a Log, and how often it writes.
const (
	maxEntries    = 500                // more than anyone reads; about 100 KiB
	retention     = 7 * 24 * time.Hour // at most 10,080 minutes of about 450 bytes
	flushInterval = 10 * time.Second   // lost at most when the process is killed
	flushTimeout  = 15 * time.Second   // longer than the store waits for other processes
	pruneInterval = 10 * time.Minute
)

// Log records activity in memory, where it is read, and in a Store, which outlives the
// process. It sees what other processes add to the store after the next start only. It is
// safe for concurrent use.
type Log struct {
	store Store
	now   func() time.Time
	log   *slog.Logger

	// Written by Record and RecordRefusal. mu is held for moments only.
	mu     sync.Mutex
	recent [maxEntries]Entry  // ring buffer
	next   int64              // entries ever added to recent
	counts map[int64]*Figures // by minute since 1970, not yet in history
	// refusals are in the order in which they were recorded.
	refusals []Refusal

	// Read by Series. Locked before mu.
	historyMu sync.Mutex
	history   map[int64]*Figures

	// Owned by flushLoop: the number of entries that the store has, the figures that it
	// has not, and so on.
	saved   int64
	unsaved map[int64]*Figures
	pruned  time.Time
	failing bool

	stop chan struct{}
	done chan struct{}
}

// Open returns a Log with the contents of the store, and starts writing to it. When the
// store fails, Open logs that and starts empty. Close ends the Log.
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
		l.log.WarnContext(ctx, "reading the activity failed; starting empty", "error", err)
	}
	go l.flushLoop()
	return l
}

func (l *Log) load(ctx context.Context) error {
	entries, err := l.store.RecentActivity(ctx, maxEntries)
	if err != nil {
		return err
	}
	for _, e := range entries {
		l.appendRecent(e)
	}
	l.saved = l.next
	minutes, err := l.store.ActivitySince(ctx, l.now().Add(-retention))
	for i := range minutes {
		addTo(l.history, minuteOf(minutes[i].Start), &minutes[i].Figures)
	}
	return err
}

// minuteOf returns the minute of t since 1970.
func minuteOf(t time.Time) int64 {
	s := t.Unix()
	if s < 0 {
		return 0
	}
	return s / 60
}

func addTo(to map[int64]*Figures, minute int64, f *Figures) {
	if to[minute] == nil {
		to[minute] = new(Figures)
	}
	to[minute].Merge(f)
}

// Record records a call. It takes less than a microsecond.
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
	if e.Hit {
		return
	}
	l.appendRecent(e)
}

func (l *Log) appendRecent(e Entry) {
	l.recent[l.next%maxEntries] = e
	l.next++
}

// Recent returns the last n calls or fewer, newest first, without hits. They name workers,
// so none is older than a week.
func (l *Log) Recent(n int) []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = int(min(int64(max(n, 0)), l.next, maxEntries))
	oldest := l.now().Add(-retention)
	entries := make([]Entry, 0, n)
	for i := range int64(n) {
		if e := l.recent[(l.next-1-i)%maxEntries]; !e.When.Before(oldest) {
			entries = append(entries, e)
		}
	}
	return entries
}
