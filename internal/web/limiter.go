package web

import (
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/lru"
)

// Rate is how many attempts are allowed: Burst at once, then one every Interval.
type Rate struct {
	Burst    int
	Interval time.Duration
}

// Bucket counts the attempts under a key.
type Bucket struct {
	Key string
	Rate
}

// Limiter limits the attempts in buckets. It holds a bounded number of keys and drops the
// least recently used. It is safe for concurrent use.
type Limiter struct {
	now func() time.Time

	mu sync.Mutex
	// fullAt is when all attempts of a bucket are available again. Each attempt moves it
	// one interval on. (x/time/rate cannot undo an attempt.)
	fullAt *lru.Cache[string, time.Time]
}

// NewLimiter returns a Limiter that holds at most maxKeys keys; now is the clock.
func NewLimiter(maxKeys int, now func() time.Time) *Limiter {
	return &Limiter{now: now, fullAt: lru.New[string, time.Time](maxKeys, maxKeys, nil)}
}

// Take counts an attempt in all buckets and returns 0, or in none of them and returns how
// long to wait before all allow the next.
func (l *Limiter) Take(buckets ...Bucket) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, b := range buckets {
		wait = max(wait, l.used(b, now)-time.Duration(b.Burst-1)*b.Interval)
	}
	if wait > 0 {
		return wait
	}
	for _, b := range buckets {
		l.fullAt.Put(b.Key, now.Add(l.used(b, now)+b.Interval), 1)
	}
	return 0
}

// Return undoes an attempt that Take counted.
func (l *Limiter) Return(buckets ...Bucket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, b := range buckets {
		if used := l.used(b, now) - b.Interval; used > 0 {
			l.fullAt.Put(b.Key, now.Add(used), 1)
		} else {
			l.fullAt.Remove(b.Key)
		}
	}
}

// Forget makes all attempts available again in the buckets whose key match reports true for.
func (l *Limiter) Forget(match func(key string) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fullAt.RemoveFunc(match)
}

// IsFull reports whether all attempts of a bucket are available.
func (l *Limiter) IsFull(b Bucket) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.used(b, l.now()) == 0
}

// used returns how long it takes until all attempts of a bucket are available again.
func (l *Limiter) used(b Bucket, now time.Time) time.Duration {
	fullAt, _ := l.fullAt.Get(b.Key)
	return max(0, fullAt.Sub(now))
}
