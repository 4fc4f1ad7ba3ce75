package server

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// What is counted at one process counts at the other, and the database tells nobody whose
// attempts they were.
func TestStoredLimits(t *testing.T) {
	file, key, now := sqlitetest.File(t), secret.NewKey(), time.Now()
	limiter := func() *web.Limiter {
		db, err := store.Open(t.Context(), file, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return web.NewStoredLimiter(storedLimits{db.Limits(), key.HandleSealer("attempts")}, func() time.Time { return now })
	}
	here, there := limiter(), limiter()
	rate := web.Rate{Burst: 2, Interval: time.Hour}
	ada, together := web.Bucket{Account: "ada@example.com", Key: "k", Rate: rate}, web.Bucket{Key: "k", Rate: rate}
	take := func(l *web.Limiter, want time.Duration, buckets ...web.Bucket) {
		t.Helper()
		if wait, err := l.Take(t.Context(), buckets...); err != nil || (wait-want).Abs() > time.Second {
			t.Errorf("Take(%v) = %v, %v, want %v", buckets, wait, err, want)
		}
	}
	take(here, 0, ada, together)
	take(there, 0, ada)
	take(here, time.Hour, ada)
	take(there, time.Hour, together, ada) // in none of the buckets
	take(here, 0, together)
	take(there, time.Hour, together)
	if err := here.Return(t.Context(), ada, together); err != nil {
		t.Fatal(err)
	}
	take(there, 0, ada, together)
	if err := there.Forget(t.Context(), "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	take(here, time.Hour, together)
	take(here, 0, ada)
	take(here, 0, ada)
	now = now.Add(3 * time.Hour)
	if full, err := there.IsFull(t.Context(), ada); err != nil || !full {
		t.Errorf("IsFull() after three hours = %v, %v, want true", full, err)
	}
	for _, f := range []string{file, file + "-wal"} {
		if data, err := os.ReadFile(f); err != nil || bytes.Contains(data, []byte("ada@example.com")) {
			t.Errorf("%s: %v, or it has the identity of an attempt", f, err)
		}
	}
}

// BenchmarkAttempts_SignIn shows what counting an attempt costs, without hashing the password.
func BenchmarkAttempts_SignIn(b *testing.B) {
	s := newTestServer(b, nil)
	for name, attempts := range map[string]*auth.Attempts{"memory": auth.NewAttempts(web.NewLimiter(1000, time.Now)), "stored": s.attempts} {
		for outcome, err := range map[string]error{"right": nil, "limited": account.ErrCredentials} {
			b.Run(name+"/"+outcome, func(b *testing.B) {
				for n := range b.N {
					addr := netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
					if err != nil {
						addr = netip.AddrFrom4([4]byte{10, 1, 1, 1})
					}
					if got := attempts.SignIn(b.Context(), "ada@example.com", "", addr, func() error { return err }); err == nil && got != nil || errors.Is(got, account.ErrUnavailable) {
						b.Fatal(got)
					}
				}
			})
		}
	}
}
