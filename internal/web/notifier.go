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
	maxWaiting = 4096
	maxEach    = 32
)

// wakeEvery is how often all who wait are woken at most: each then asks who they are,
// and anybody can end sessions of their own as often as they like.
const wakeEvery = 500 * time.Millisecond

// Notifier tells the pages that are open when what they show has changed: they are
// rendered in a state, such as "masked", ask whether it still holds, and are loaded
// anew when it does not. Make what the state stands for count first, then Set it:
// a page that reads the state before anything else then never shows less than it
// says. It is safe for concurrent use.
type Notifier struct {
	mu      sync.Mutex
	state   string
	changed chan struct{}
	closed  bool
	waiting int
	each    map[string]int // of them, by who waits

	woken time.Time
	later *time.Timer // wakes then; nil: nobody has to be
}

// NewNotifier makes a Pulse in a state, which must not be empty and fit a header.
func NewNotifier(state string) *Notifier {
	return &Notifier{state: state, changed: make(chan struct{}), each: make(map[string]int)}
}

// State is the state that pages are to be in.
func (p *Notifier) State() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Set changes the state; the one that holds already changes nothing.
func (p *Notifier) Set(state string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if state == p.state {
		return
	}
	p.state = state
	p.wake()
}

// Wake lets everybody who waits look again whether they may still be here: call it
// when sessions were ended, or somebody's role has changed. It is told at once, or half
// a second after the last time.
func (p *Notifier) Wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.later != nil {
		return
	}
	if wait := wakeEvery - time.Since(p.woken); wait > 0 {
		p.later = time.AfterFunc(wait, p.wakeLater)
		return
	}
	p.woken = time.Now()
	p.wake()
}

func (p *Notifier) wakeLater() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.later, p.woken = nil, time.Now()
	p.wake()
}

// wake is called with mu held.
func (p *Notifier) wake() {
	if p.closed {
		return
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// Changed answers a channel that is closed at the next Set or Wake. Ask for it
// before State, so that nothing is missed in between. After Close it is closed.
func (p *Notifier) Changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}

// Enter tells whether one more may wait for who; whoever may calls Leave afterwards.
func (p *Notifier) Enter(who string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.waiting >= maxWaiting || p.each[who] >= maxEach {
		return false
	}
	p.waiting++
	p.each[who]++
	return true
}

// Leave ends what Enter began.
func (p *Notifier) Leave(who string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
	if p.each[who]--; p.each[who] <= 0 {
		delete(p.each, who)
	}
}

// Closed tells that nobody is to wait any more.
func (p *Notifier) Closed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// Close lets everybody go who waits, and nobody wait any more: the server stops. It
// may be called more than once.
func (p *Notifier) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		if p.later != nil {
			p.later.Stop()
		}
		close(p.changed)
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
