package web

import (
	"net/http"
	"sync"
	"time"
)

// StateHeader is where an answer tells the state that pages are to be in.
const StateHeader = "Clientele-State"

// maxWaiting bounds how many requests wait for a Pulse at once: each takes a
// goroutine and its buffers. Those beyond are answered at once, and ask again later.
// One person has a few windows; whoever opens thousands takes nobody else's place.
const (
	maxWaiting        = 4096
	maxWaitingPerUser = 32
)

// wakeInterval is how often all who wait are woken at most: each then asks who they are,
// and anybody can end sessions of their own as often as they like.
const wakeInterval = 500 * time.Millisecond

// Notifier tells the pages that are open when what they show has changed: they are
// rendered in a state, such as "masked", ask whether it still holds, and are loaded
// anew when it does not. Make what the state stands for count first, then Set it:
// a page that reads the state before anything else then never shows less than it
// says. It is safe for concurrent use.
type Notifier struct {
	mu            sync.Mutex
	state         string
	changed       chan struct{}
	closed        bool
	waiting       int
	waitingByUser map[string]int // of them, by who waits

	lastWake  time.Time
	wakeTimer *time.Timer // wakes then; nil: nobody has to be
}

// NewNotifier makes a Pulse in a state, which must not be empty and fit a header.
func NewNotifier(state string) *Notifier {
	return &Notifier{state: state, changed: make(chan struct{}), waitingByUser: make(map[string]int)}
}

// State is the state that pages are to be in.
func (n *Notifier) State() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state
}

// Set changes the state; the one that holds already changes nothing.
func (n *Notifier) Set(state string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if state == n.state {
		return
	}
	n.state = state
	n.wake()
}

// Wake lets everybody who waits look again whether they may still be here: call it
// when sessions were ended, or somebody's role has changed. It is told at once, or half
// a second after the last time.
func (n *Notifier) Wake() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || n.wakeTimer != nil {
		return
	}
	if wait := wakeInterval - time.Since(n.lastWake); wait > 0 {
		n.wakeTimer = time.AfterFunc(wait, n.wakeDelayed)
		return
	}
	n.lastWake = time.Now()
	n.wake()
}

func (n *Notifier) wakeDelayed() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.wakeTimer, n.lastWake = nil, time.Now()
	n.wake()
}

// wake is called with mu held.
func (n *Notifier) wake() {
	if n.closed {
		return
	}
	close(n.changed)
	n.changed = make(chan struct{})
}

// Changed answers a channel that is closed at the next Set or Wake. Ask for it
// before State, so that nothing is missed in between. After Close it is closed.
func (n *Notifier) Changed() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.changed
}

// Acquire tells whether one more may wait for who; whoever may calls Leave afterwards.
func (n *Notifier) Acquire(user string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || n.waiting >= maxWaiting || n.waitingByUser[user] >= maxWaitingPerUser {
		return false
	}
	n.waiting++
	n.waitingByUser[user]++
	return true
}

// Release ends what Enter began.
func (n *Notifier) Release(user string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting--
	if n.waitingByUser[user]--; n.waitingByUser[user] <= 0 {
		delete(n.waitingByUser, user)
	}
}

// Closed tells that nobody is to wait any more.
func (n *Notifier) Closed() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.closed
}

// Close lets everybody go who waits, and nobody wait any more: the server stops. It
// may be called more than once.
func (n *Notifier) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.closed = true
		if n.wakeTimer != nil {
			n.wakeTimer.Stop()
		}
		close(n.changed)
	}
}

// Quiet keeps a request that asks over and over out of the log, unless it is to be
// debugged, and from those who watch: it waits on purpose, which says nothing about
// how quick the program is. An answer that is an error is not kept quiet.
func Quiet(w http.ResponseWriter) {
	for {
		switch inner := w.(type) {
		case *recorder:
			inner.quiet = true
			return
		case interface{ Unwrap() http.ResponseWriter }:
			w = inner.Unwrap()
		default:
			return
		}
	}
}
