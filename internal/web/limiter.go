package web

import (
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/lru"
)

// Limiter limits the attempts under each key: a burst, then one every interval.
// It holds a bounded number of keys and drops the least recently used. It is safe for
// concurrent use.
type Limiter struct {
	interval time.Duration
	burst    int
	now      func() time.Time

	mu sync.Mutex
	// fullAt is when all attempts of a key are available again. Each attempt moves it
	// one interval on. (x/time/rate cannot undo an attempt.)
	fullAt *lru.Cache[string, time.Time]
}

// NewLimiter returns a Limiter that holds at most maxKeys keys; now is the clock.
func NewLimiter(interval time.Duration, burst, maxKeys int, now func() time.Time) *Limiter {
	return &Limiter{interval: interval, burst: burst, now: now, fullAt: lru.New[string, time.Time](maxKeys, maxKeys, nil)}
}

// Allow counts an attempt under key. An attempt above the limit is not counted: ok is
// false and wait is how long until the next is allowed.
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

// Reset makes all attempts of key available again, for use after the right password.
func (l *Limiter) Reset(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fullAt.Remove(key)
}

// Undo undoes one attempt under key.
func (l *Limiter) Undo(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if fullAt, ok := l.fullAt.Get(key); ok {
		l.fullAt.Put(key, fullAt.Add(-l.interval), 1)
	}
}
