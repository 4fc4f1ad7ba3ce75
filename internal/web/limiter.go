package web

import (
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/lru"
)

// Limiter bounds how often something may be tried under each key: burst times at
// once, then once every interval. It remembers a bounded number of keys and
// forgets those that were quiet the longest. It is safe for concurrent use.
type Limiter struct {
	interval time.Duration
	burst    int
	now      func() time.Time

	mu sync.Mutex
	// fullAt says when each key will be as good as new: an attempt moves that moment
	// one interval on. (x/time/rate cannot take an attempt back.)
	fullAt *lru.Cache[string, time.Time]
}

// NewLimiter makes a Limiter that remembers at most keep keys; now is the clock.
func NewLimiter(interval time.Duration, burst, maxKeys int, now func() time.Time) *Limiter {
	return &Limiter{interval: interval, burst: burst, now: now, fullAt: lru.New[string, time.Time](maxKeys, maxKeys, nil)}
}

// Allow counts an attempt under key. When there were too many it is refused, not
// counted, and wait is how long until one more is allowed.
func (l *Limiter) Allow(key string) (ok bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	fullAt, _ := l.fullAt.Get(key)
	if fullAt.Before(now) {
		fullAt = now
	}
	fullAt = fullAt.Add(l.interval)
	if over := fullAt.Sub(now) - time.Duration(l.burst)*l.interval; over > 0 {
		return false, over
	}
	l.fullAt.Put(key, fullAt, 1)
	return true, 0
}

// Forgive takes back every attempt under key: the right password was given.
func (l *Limiter) Forgive(key string) { l.fullAt.Remove(key) }

// Refund takes back one attempt under key.
func (l *Limiter) Refund(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if fullAt, ok := l.fullAt.Get(key); ok {
		l.fullAt.Put(key, fullAt.Add(-l.interval), 1)
	}
}
