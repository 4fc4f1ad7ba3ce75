package web_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/web"
)

func TestLimiter(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	l := web.NewLimiter(2, func() time.Time { return now })
	bucket := func(key string) web.Bucket {
		return web.Bucket{Key: key, Rate: web.Rate{Burst: 3, Interval: 10 * time.Second}}
	}
	a, b := bucket("a"), bucket("b")
	isFull := func(b web.Bucket) bool {
		full, err := l.IsFull(t.Context(), b)
		return full && err == nil
	}
	take := func(want time.Duration, buckets ...web.Bucket) {
		t.Helper()
		if wait, err := l.Take(t.Context(), buckets...); wait != want || err != nil {
			t.Fatalf("Take(%v) = %v, %v, want %v", buckets, wait, err, want)
		}
	}
	if !isFull(a) {
		t.Error("IsFull(a) = false before any attempt")
	}
	for range 3 {
		take(0, a)
	}
	for range 5 {
		take(10*time.Second, a) // refused attempts are not counted
	}
	for range 5 {
		take(10*time.Second, b, a) // in none of the buckets
	}
	if !isFull(b) {
		t.Error("IsFull(b) = false after refused attempts")
	}
	now = now.Add(4 * time.Second)
	take(6*time.Second, a)
	now = now.Add(6 * time.Second)
	take(0, a)
	take(10*time.Second, a)
	l.Return(t.Context(), a)
	take(0, a)
	now = now.Add(time.Hour)
	take(0, a, b)
	l.Return(t.Context(), a, b, bucket("unknown"))
	if !isFull(a) || !isFull(b) {
		t.Errorf("IsFull(a), IsFull(b) = %v, %v after Return, want both", isFull(a), isFull(b))
	}
	for range 3 { // no more than before
		take(0, a)
	}
	take(10*time.Second, a)
}

func TestLimiter_HoldsABoundedNumberOfKeys(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	l := web.NewLimiter(100, func() time.Time { return now })
	bucket := func(key string) web.Bucket {
		return web.Bucket{Key: key, Rate: web.Rate{Burst: 1, Interval: time.Hour}}
	}
	take := func(key string) time.Duration {
		wait, _ := l.Take(t.Context(), bucket(key))
		return wait
	}
	take("victim")
	for i := range 99 {
		take(fmt.Sprint(i))
	}
	if take("victim") == 0 {
		t.Error("Take(victim) = 0: the key was dropped below the limit of keys")
	}
	for i := range 100_000 {
		take(fmt.Sprint("x", i))
	}
	if wait := take("victim"); wait > 0 {
		t.Errorf("Take(victim) = %v: the oldest key was held above the limit of keys", wait)
	}
}
