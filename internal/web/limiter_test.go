package web_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/web"
)

func TestLimiter(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	l := web.NewLimiter(10*time.Second, 3, 2, func() time.Time { return now })
	allow := func(key string, want bool) {
		t.Helper()
		ok, wait := l.Allow(key)
		if ok != want {
			t.Fatalf("Allow(%s) = %v, %v, want %v", key, ok, wait, want)
		}
		if !ok && (wait <= 0 || wait > 30*time.Second) {
			t.Fatalf("Allow(%s) waits %v, want above 0 and at most 30 s", key, wait)
		}
	}
	for range 3 {
		allow("a", true)
	}
	for range 5 {
		allow("a", false) // refused attempts are not counted
	}
	allow("b", true)
	if _, wait := l.Allow("a"); wait != 10*time.Second {
		t.Errorf("Allow(a) waits %v, want 10 s", wait)
	}
	now = now.Add(10 * time.Second)
	allow("a", true)
	allow("a", false)
	l.Undo("a")
	allow("a", true)
	l.Reset("a")
	for range 3 {
		allow("a", true)
	}
	l.Reset("unknown")
	l.Undo("unknown")
}

func TestLimiter_HoldsABoundedNumberOfKeys(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	l := web.NewLimiter(time.Hour, 1, 100, func() time.Time { return now })
	l.Allow("victim")
	for i := range 99 {
		l.Allow(fmt.Sprint(i))
	}
	if ok, _ := l.Allow("victim"); ok {
		t.Error("Allow(victim) = true: the key was dropped below the limit of keys")
	}
	for i := range 100_000 {
		l.Allow(fmt.Sprint("x", i))
	}
	if ok, _ := l.Allow("victim"); !ok {
		t.Error("Allow(victim) = false: the oldest key was held above the limit of keys")
	}
}

// TestLimiter_ResetExcludesAllow resets a key while an attempt is being counted: the
// attempt must not undo the reset.
func TestLimiter_ResetExcludesAllow(t *testing.T) {
	reset := make(chan struct{})
	first := true
	var l *web.Limiter
	l = web.NewLimiter(time.Minute, 1, 10, func() time.Time {
		if first { // in the middle of Allow
			first = false
			go func() { l.Reset("a"); close(reset) }()
			select {
			case <-reset:
				t.Error("Reset returned in the middle of Allow")
			case <-time.After(50 * time.Millisecond):
			}
		}
		return time.Unix(1_000_000, 0)
	})
	l.Allow("a")
	<-reset
	if ok, _ := l.Allow("a"); !ok {
		t.Error("Allow(a) = false after Reset, want true")
	}
}
