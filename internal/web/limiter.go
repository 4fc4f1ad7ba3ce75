package web

import (
	"context"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/lru"
)

// Rate is how many attempts are allowed: Burst at once, then one every Interval.
type Rate struct {
	Burst    int
	Interval time.Duration
}

// Bucket counts the attempts under a key. Account is whose attempts they are, "" for those of
// all together.
type Bucket struct {
	Account, Key string
	Rate
}

// A LimitStore stores when all attempts of buckets are available again: the zero time, or one
// that has passed, when they are. It is safe for concurrent use.
type LimitStore interface {
	// FullAt returns the times of buckets.
	FullAt(ctx context.Context, buckets []Bucket) ([]time.Time, error)
	// Update stores what change makes of the times of buckets, unless that is nil, before
	// anyone else changes them.
	Update(ctx context.Context, buckets []Bucket, change func(fullAt []time.Time) []time.Time) error
	// Forget deletes the times of an account's buckets.
	Forget(ctx context.Context, account string) error
}

// Limiter limits the attempts in buckets. It is safe for concurrent use. Errors are those of
// its store.
type Limiter struct {
	store LimitStore
	now   func() time.Time
}

// NewLimiter returns a Limiter of this process alone, which holds at most maxKeys keys and
// drops the least recently used; now is the clock.
func NewLimiter(maxKeys int, now func() time.Time) *Limiter {
	return NewStoredLimiter(&limitMemory{fullAt: lru.New[[2]string, time.Time](maxKeys, maxKeys, nil)}, now)
}

// NewStoredLimiter returns a Limiter of all processes with the same store.
func NewStoredLimiter(store LimitStore, now func() time.Time) *Limiter { return &Limiter{store, now} }

// Take counts an attempt in all buckets and returns 0, or in none of them and returns how
// long to wait before all allow the next.
func (l *Limiter) Take(ctx context.Context, buckets ...Bucket) (wait time.Duration, err error) {
	fullAt, err := l.store.FullAt(ctx, buckets)
	if err != nil {
		return 0, err
	}
	if wait = l.wait(buckets, fullAt); wait > 0 {
		return wait, nil // without writing: most attempts of an attack end here
	}
	err = l.store.Update(ctx, buckets, func(fullAt []time.Time) []time.Time {
		if wait = l.wait(buckets, fullAt); wait > 0 {
			return nil
		}
		return l.moved(buckets, fullAt, 1)
	})
	return wait, err
}

// Return undoes an attempt that Take counted.
func (l *Limiter) Return(ctx context.Context, buckets ...Bucket) error {
	return l.store.Update(ctx, buckets, func(fullAt []time.Time) []time.Time { return l.moved(buckets, fullAt, -1) })
}

// Forget makes all attempts available again in the buckets of an account.
func (l *Limiter) Forget(ctx context.Context, account string) error {
	return l.store.Forget(ctx, account)
}

// IsFull reports whether all attempts of a bucket are available.
func (l *Limiter) IsFull(ctx context.Context, b Bucket) (bool, error) {
	fullAt, err := l.store.FullAt(ctx, []Bucket{b})
	return err == nil && !fullAt[0].After(l.now()), err
}

// wait returns how long to wait before all buckets allow an attempt.
func (l *Limiter) wait(buckets []Bucket, fullAt []time.Time) (wait time.Duration) {
	now := l.now()
	for i, b := range buckets {
		wait = max(wait, max(0, fullAt[i].Sub(now))-time.Duration(b.Burst-1)*b.Interval)
	}
	return wait
}

// moved returns when the buckets are full after attempts more. Each moves the time one interval
// on. (x/time/rate cannot undo an attempt.)
func (l *Limiter) moved(buckets []Bucket, fullAt []time.Time, attempts int) []time.Time {
	now := l.now()
	for i, b := range buckets {
		used := max(0, fullAt[i].Sub(now))
		fullAt[i] = now.Add(max(0, used+time.Duration(attempts)*b.Interval))
	}
	return fullAt
}

// limitMemory is a LimitStore in memory.
type limitMemory struct {
	mu     sync.Mutex
	fullAt *lru.Cache[[2]string, time.Time] // by account and key
}

func (m *limitMemory) FullAt(_ context.Context, buckets []Bucket) (fullAt []time.Time, err error) {
	err = m.Update(context.Background(), buckets, func(now []time.Time) []time.Time { fullAt = now; return nil })
	return fullAt, err
}

func (m *limitMemory) Update(_ context.Context, buckets []Bucket, change func(fullAt []time.Time) []time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	fullAt := make([]time.Time, len(buckets))
	for i, b := range buckets {
		fullAt[i], _ = m.fullAt.Get([2]string{b.Account, b.Key})
	}
	for i, at := range change(fullAt) {
		m.fullAt.Put([2]string{buckets[i].Account, buckets[i].Key}, at, 1)
	}
	return nil
}

func (m *limitMemory) Forget(_ context.Context, account string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fullAt.RemoveFunc(func(key [2]string) bool { return key[0] == account })
	return nil
}
