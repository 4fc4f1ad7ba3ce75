package audit

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// How a Log writes what it is not waited for.
const (
	batchSize     = 500              // of one transaction
	flushInterval = time.Second      // lost at most when the process is killed
	flushTimeout  = 15 * time.Second // longer than the store waits for other processes
	maxPending    = 10_000           // a few megabytes; what finds no room is lost
)

// Log is where the house writes what people do, and where it reads that. It is safe
// for concurrent use.
//
// What it knows of runs of views, of failed sign-ins and of repetitions is this
// process's own, and begins anew with it. There is one process that serves; what
// commands do beside it is neither.
type Log struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
	rules func() Rules

	mu        sync.Mutex // held for moments only
	pending   []Entry    // to be written, the oldest first
	lost      int        // found no room there, not yet told
	repeats   deduplicator
	anomalies anomalies

	// The flushing goroutine's own.
	unsaved []Entry // a batch that the store did not take
	failing bool

	clock clockState // Maintain's own

	batchReady chan struct{} // a batch is there
	stop       chan struct{}
	done       chan struct{}
	cancel     context.CancelFunc // of writing
}

// Open makes a Log over store. Close ends it.
func Open(store Store, o Options) *Log {
	l := &Log{store: store, now: o.Now, log: o.Logger, rules: o.Rules,
		repeats: newDeduplicator(), anomalies: newAnomalies(),
		batchReady: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	if l.now == nil {
		l.now = time.Now
	}
	if l.log == nil {
		l.log = slog.Default()
	}
	if l.rules == nil {
		l.rules = DefaultRules
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	go l.flushLoop(ctx)
	return l
}

// Write writes an entry and answers when it is kept. It is for what may not happen
// without being known afterwards: when it fails, do not do it, or do not say that it
// was done. The error is the store's.
func (l *Log) Write(ctx context.Context, e Entry) error {
	e = l.prepare(e)
	l.mu.Lock()
	e = l.anomalies.mark(e)
	l.mu.Unlock()
	return l.store.AddEntries(ctx, []Entry{e})
}

// Record notes an entry that will be written within a second or so. It never waits
// for the store. When the store fails for so long that entries find no room any
// more, they are counted, and the audit says how many as soon as it can be written.
//
// The same thing again within a minute (an attempt to sign in, above all) is held
// back: what came again is kept as one entry, with its Count, when the minute is
// over. Of attempts by very many names, the first hundred a minute are kept one by
// one, of one address the first twenty, and of the others how many they were.
func (l *Log) Record(e Entry) {
	e = l.prepare(e)
	l.mu.Lock()
	defer l.mu.Unlock()
	e = l.anomalies.mark(e)
	if e, ok := l.repeats.add(e); ok {
		l.enqueue(e)
	}
}

// Viewed notes that actor, in the app at the client's address, was shown the customer
// with this id and name. The same customer again within a minute is one view. When
// the customers within a time are more than Rules allow, that is an entry of its own,
// and once more whenever they have become twice as many.
func (l *Log) Viewed(actor, customerID, name, address string) {
	l.ViewedIn("app", actor, customerID, name, address)
}

// ViewedIn is Viewed elsewhere than in the app.
func (l *Log) ViewedIn(via, actor, customerID, name, address string) {
	e := l.prepare(Entry{Actor: actor, Via: via, Action: Viewed, Subject: customerID, Name: name, Address: address})
	rules := l.rules()
	l.mu.Lock()
	defer l.mu.Unlock()
	fresh, unusual := l.anomalies.observeView(e, rules)
	if fresh {
		l.enqueue(e)
	}
	if unusual.Unusual {
		l.enqueue(unusual)
	}
}

// prepare makes an entry of outside bytes one to be kept.
func (l *Log) prepare(e Entry) Entry {
	if e.When.IsZero() {
		e.When = l.now()
	}
	return cleanEntry(e)
}

// enqueue queues an entry; l.mu is held.
func (l *Log) enqueue(e Entry) {
	if len(l.pending) >= maxPending {
		l.lost++
		return
	}
	l.pending = append(l.pending, e)
	if len(l.pending) == batchSize {
		select {
		case l.batchReady <- struct{}{}:
		default: // told already
		}
	}
}
