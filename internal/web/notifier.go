package web

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"sync"
	"time"
)

// Response headers: StateHeader has the state that pages must be rendered in, NewsHeader the
// version of the news for the person.
const (
	StateHeader = "Clientele-State"
	NewsHeader  = "Clientele-News"
)

// The most requests that wait at the same time: each takes a goroutine and its buffers.
// Requests above a limit return immediately and are retried later. The limit per user
// keeps one person from using up the total.
const (
	maxWaiting        = 4096
	maxWaitingPerUser = 32
)

// wakeInterval is the least time between two wake-ups by Wake. Each makes all waiting
// requests look up their session, and any user can cause one by ending own sessions.
const wakeInterval = 500 * time.Millisecond

// Notifier notifies open pages of changes. Pages are rendered in a state, such as
// "masked", wait for it to change, and reload. Apply a change before passing its state
// to Set: a page that reads the state first then never shows older data than its state
// says. News of one user, such as a new message, have a version instead, which grows; the same
// holds for Touch. Users are named by their text.IdentityKey. It is safe for concurrent use.
//
// States and versions are the same in all processes: a page that one rendered waits at another.
type Notifier struct {
	mu            sync.Mutex
	state         string
	changed       chan struct{}
	closed        bool
	waiting       int
	waitingByUser map[string]int
	since         int64            // the version of news of which Touch has told nothing
	news          map[string]*news // by topic

	lastWake  time.Time
	wakeTimer *time.Timer // nil when no wake-up is due
}

// NewNotifier returns a Notifier in a state, which must be a valid, non-empty header
// value.
func NewNotifier(state string) *Notifier {
	return &Notifier{state: state, changed: make(chan struct{}), waitingByUser: make(map[string]int), news: make(map[string]*news)}
}

// news are the news of a topic.
type news struct {
	version int64
	changed chan struct{}
}

// NewsTopic returns the topic of the news for a user. There are 65,536, which name nobody; that
// two users share one does no harm.
func NewsTopic(user string) string {
	h := fnv.New32a()
	h.Write([]byte(user))
	return fmt.Sprintf("news %04x", h.Sum32()&0xffff)
}

// newsOf returns the news of a topic. It is called with mu held.
func (n *Notifier) newsOf(topic string) *news {
	if n.news[topic] == nil {
		n.news[topic] = &news{n.since, make(chan struct{})}
	}
	return n.news[topic]
}

// News returns the version of the news for a user, and a channel that is closed at the next
// Touch.
func (n *Notifier) News(user string) (version int64, changed <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	its := n.newsOf(NewsTopic(user))
	return its.version, its.changed
}

// SetNews sets the version of all news, before any Touch.
func (n *Notifier) SetNews(version int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.since = version
}

// Touch tells the open pages of the users of a topic that they show something outdated.
func (n *Notifier) Touch(topic string, version int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	its := n.newsOf(topic)
	close(its.changed)
	its.version, its.changed = version, make(chan struct{})
}

// State returns the state that pages must be rendered in.
func (n *Notifier) State() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state
}

// Set changes the state. It does nothing when the state is the same.
func (n *Notifier) Set(state string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if state == n.state {
		return
	}
	n.state = state
	n.wake()
}

// Wake makes all waiting requests look up their session again: call it when sessions
// have ended or a role has changed. It takes effect immediately, or half a second after
// the last wake-up.
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

// wake closes changed. It is called with mu held.
func (n *Notifier) wake() {
	if n.closed {
		return
	}
	close(n.changed)
	n.changed = make(chan struct{})
}

// Changed returns a channel that is closed at the next Set or Wake, and after Close.
// Call it before State, so that no change in between is missed.
func (n *Notifier) Changed() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.changed
}

// Acquire reports whether one more request of a user may wait. If so, the caller must
// call Release afterwards.
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

// Release undoes Acquire.
func (n *Notifier) Release(user string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting--
	if n.waitingByUser[user]--; n.waitingByUser[user] <= 0 {
		delete(n.waitingByUser, user)
	}
}

// Closed reports whether Close was called.
func (n *Notifier) Closed() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.closed
}

// Close ends all waiting and allows no more, for shutdown. It may be called more than
// once.
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

// Quiet logs the current request at level debug only and hides it from observers,
// unless its status is 500 or above. It is for polling requests, which wait on purpose
// and would distort response times.
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
