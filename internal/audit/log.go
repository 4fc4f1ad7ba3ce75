// Package audit records who did what, and who viewed which customer when, apart from the
// logs.
//
// What someone changes is written in the transaction of the change (Log.Act), and what
// someone is about to be shown before it is shown (Log.Write, Log.Viewed). What changes
// nothing, such as a failed sign-in, is written in the background within a second
// (Log.Record).
package audit

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Background writing of a Log.
const (
	batchSize     = 500              // entries of one transaction
	flushInterval = time.Second      // the most of Record that is lost when the process is killed
	viewWait      = 2 * time.Second  // how long Viewed waits for the store
	flushTimeout  = 15 * time.Second // longer than the store waits for other processes
	maxPending    = 10_000           // a few megabytes; entries beyond are lost
)

// Log writes and reads the audit. It is safe for concurrent use.
//
// Its knowledge of repetitions and anomalies is in memory and starts empty. Only the
// serving process has it; commands that run at the same time do not.
type Log struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
	rules func() Rules

	mu        sync.Mutex    // held for moments only
	pending   []Entry       // to be written, oldest first
	queued    int           // entries that were ever queued
	stored    int           // those of them that are stored
	flushed   chan struct{} // closed and replaced when stored or storeSlow has changed
	storeSlow bool          // the store fails or is slow: views do not wait for it
	lost      int           // dropped since pending was full, not yet reported
	repeats   deduplicator
	anomalies anomalies

	// Owned by flushLoop.
	unsaved []Entry // a batch that the store did not accept
	failing bool

	maintaining sync.Mutex // one Maintain at a time
	checked     time.Time  // the last check of the clock; under maintaining

	batchReady chan struct{}
	stop       chan struct{}
	done       chan struct{}
	cancel     context.CancelFunc // of writing
}

// Rules are the administrators' settings for the audit.
type Rules struct {
	// KeepDays is the number of days that entries are kept; 0 keeps all, as when the
	// setting is unreadable.
	KeepDays int
	// Views is how many different customers one person may view within the time Within
	// before that is recorded as unusual.
	Views  int
	Within time.Duration
}

// Options configures a Log.
type Options struct {
	// Logger receives store failures; slog.Default when nil.
	Logger *slog.Logger
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Rules returns the current rules. Viewed and Maintain need it. It is called at every
	// view, so it must be fast.
	Rules func() Rules
}

// Open returns a Log over store. Close ends it.
func Open(store Store, o Options) *Log {
	l := &Log{store: store, now: o.Now, log: o.Logger, rules: o.Rules,
		repeats: newDeduplicator(), anomalies: newAnomalies(),
		flushed: make(chan struct{}), batchReady: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	if l.now == nil {
		l.now = time.Now
	}
	if l.log == nil {
		l.log = slog.Default()
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	go l.flushLoop(ctx)
	return l
}

// Act runs act and writes the entries that it returns, in one transaction: the store keeps
// what act wrote and the entries, or nothing. act must write with the context that it gets,
// and nothing else between its first write and its return. The error is that of act or the
// store's.
func (l *Log) Act(ctx context.Context, act func(ctx context.Context) ([]Entry, error)) error {
	return l.store.Atomically(ctx, func(ctx context.Context) error {
		entries, err := act(ctx)
		if err != nil || len(entries) == 0 {
			return err
		}
		return l.add(ctx, entries)
	})
}

// Write writes an entry and returns when it is stored. Use it for what is recorded before it
// happens: when it fails, do not go on. The error is the store's.
func (l *Log) Write(ctx context.Context, e Entry) error { return l.add(ctx, []Entry{e}) }

func (l *Log) add(ctx context.Context, entries []Entry) error {
	added := make([]Entry, len(entries))
	for i, e := range entries {
		e = l.prepare(e)
		l.mu.Lock()
		added[i] = l.anomalies.mark(e)
		l.mu.Unlock()
	}
	return l.store.AddEntries(ctx, added)
}

// Record queues an entry, to be written within about a second. It never waits for the
// store. When the store fails for so long that the queue is full, further entries are
// counted, and the count is written to the audit later.
//
// Repetitions of an entry within a minute are held back and written as one entry with
// their Count when the minute is over. Of failed sign-ins and denied requests, the first
// hundred a minute, and the first twenty of an address, are written one by one, the others
// as counts.
func (l *Log) Record(e Entry) {
	e = l.prepare(e)
	l.mu.Lock()
	defer l.mu.Unlock()
	e = l.anomalies.mark(e)
	if e, ok := l.repeats.add(e); ok {
		l.enqueue(e)
	}
}

// Viewed records that actor, in the app at the client's address, was shown the customer
// with this id and name. The same customer within a minute is one view. More customers
// within a time than Rules allow make an additional entry, and again each time their
// number doubles.
//
// It returns when the entry is stored. While the store fails, or needs more than two
// seconds, it returns with the entry queued: workers need their customers also when the
// disk is full.
func (l *Log) Viewed(actor, customerID, name, address string) {
	l.ViewedIn("app", actor, customerID, name, address)
}

// ViewedIn is Viewed elsewhere than in the app.
func (l *Log) ViewedIn(via, actor, customerID, name, address string) {
	e := l.prepare(Entry{Actor: actor, Via: via, Action: Viewed, Subject: customerID, Name: name, Address: address})
	rules := l.rules()
	l.mu.Lock()
	isNew, unusual := l.anomalies.observeView(e, rules)
	if isNew {
		l.enqueue(e)
	}
	if unusual.Unusual {
		l.enqueue(unusual)
	}
	last := l.queued
	l.mu.Unlock()
	if isNew || unusual.Unusual {
		l.awaitStored(last)
	}
}

// awaitStored flushes the queue and waits until its first last entries are stored, the
// store fails, or viewWait is over. Entries that are queued meanwhile share the transaction.
func (l *Log) awaitStored(last int) {
	l.wakeFlush()
	timeout := time.NewTimer(viewWait)
	defer timeout.Stop()
	for {
		l.mu.Lock()
		over, flushed := l.stored >= last || l.storeSlow, l.flushed
		l.mu.Unlock()
		if over {
			return
		}
		select {
		case <-flushed:
		case <-timeout.C:
			l.setFlushed(0, true)
			return
		case <-l.done: // closed
			return
		}
	}
}

// prepare sets the time of an entry and cleans its texts.
func (l *Log) prepare(e Entry) Entry {
	if e.When.IsZero() {
		e.When = l.now()
	}
	return cleanEntry(e)
}

// enqueue queues an entry. l.mu must be held.
func (l *Log) enqueue(e Entry) {
	if len(l.pending) >= maxPending {
		l.lost++
		return
	}
	l.pending = append(l.pending, e)
	l.queued++
	if len(l.pending) == batchSize {
		l.wakeFlush()
	}
}

// wakeFlush makes flushLoop write what is queued.
func (l *Log) wakeFlush() {
	select {
	case l.batchReady <- struct{}{}:
	default: // signalled already
	}
}
