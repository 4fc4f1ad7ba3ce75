package web

import (
	"container/list"
	"sync"
	"time"
)

// Limiter bounds how often something may be tried under each key: burst times at
// once, then once every interval. It remembers a bounded number of keys and
// forgets those that were quiet the longest. It is safe for concurrent use.
type Limiter struct {
	interval time.Duration
	burst    int
	keep     int
	now      func() time.Time

	mu    sync.Mutex
	keys  map[string]*list.Element // of *bucket
	order list.List                // least recently used last
}

// bucket says when the key will be as good as new: each attempt moves that
// moment one interval on.
type bucket struct {
	key  string
	full time.Time
}

// NewLimiter makes a Limiter that remembers at most keep keys; now is the clock.
func NewLimiter(interval time.Duration, burst, keep int, now func() time.Time) *Limiter {
	return &Limiter{interval: interval, burst: burst, keep: keep, now: now, keys: make(map[string]*list.Element)}
}

// Allow counts an attempt under key. When there were too many it is refused, not
// counted, and wait is how long until one more is allowed.
func (l *Limiter) Allow(key string) (ok bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.bucket(key)
	if b.full.Before(now) {
		b.full = now
	}
	full := b.full.Add(l.interval)
	if over := full.Sub(now) - time.Duration(l.burst)*l.interval; over > 0 {
		return false, over
	}
	b.full = full
	return true, 0
}

// Forgive takes back every attempt under key: the right password was given.
func (l *Limiter) Forgive(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.keys[key]; ok {
		l.order.Remove(e)
		delete(l.keys, key)
	}
}

// Refund takes back one attempt under key.
func (l *Limiter) Refund(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.keys[key]; ok {
		b := e.Value.(*bucket)
		b.full = b.full.Add(-l.interval)
	}
}

func (l *Limiter) bucket(key string) *bucket {
	if e, ok := l.keys[key]; ok {
		l.order.MoveToFront(e)
		return e.Value.(*bucket)
	}
	if l.order.Len() >= l.keep {
		oldest := l.order.Back()
		l.order.Remove(oldest)
		delete(l.keys, oldest.Value.(*bucket).key)
	}
	b := &bucket{key: key}
	l.keys[key] = l.order.PushFront(b)
	return b
}
