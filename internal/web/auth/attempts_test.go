package auth_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// hashTime is how long the checks below take.
const hashTime = 25 * time.Millisecond

// network6 returns an address in the n-th network of a size in prefix.
func network6(prefix string, bits, n int) netip.Addr {
	addr := netip.MustParsePrefix(prefix).Addr().As16()
	high := binary.BigEndian.Uint64(addr[:8]) + uint64(n)<<(64-bits)
	binary.BigEndian.PutUint64(addr[:8], high)
	addr[15] = 1
	return netip.AddrFrom16(addr)
}

// attacks guess the password of one account, each from other addresses.
var attacks = map[string]func(n int) netip.Addr{
	"one IPv4 address":     func(int) netip.Addr { return netip.MustParseAddr("198.51.100.1") },
	"three IPv4 addresses": func(n int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, 100, byte(n % 3)}) },
	"the /64s of a /48":    func(n int) netip.Addr { return network6("2001:db8:1::/48", 64, n) },
	"the /48s of a /32":    func(n int) netip.Addr { return network6("2001:db8::/32", 48, n) },
	"any /48":              func(n int) netip.Addr { return network6("2000::/3", 20, n) },
}

// victims are addresses without a known device, and the attacks that keep them out: none
// could be told from the attackers.
var victims = map[netip.Addr]string{
	netip.MustParseAddr("198.51.100.77"):      "",
	netip.MustParseAddr("2001:db8:2:9::1"):    "any /48, the /48s of a /32",
	netip.MustParseAddr("2a00:1234:5678::77"): "any /48",
}

// TestAttempts_UnderAttack guesses a password once a second for an hour, while the person
// signs in fifty times, with and without a known device.
func TestAttempts_UnderAttack(t *testing.T) {
	for name, attacker := range attacks {
		for victim, except := range victims {
			t.Run(fmt.Sprint(name, " against ", victim), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a := auth.NewAttempts(time.Now)
					right := func() error { time.Sleep(hashTime); return nil }
					guesses := 0
					guess := func() error { guesses++; time.Sleep(hashTime); return account.ErrCredentials }
					for second := range 3600 {
						_ = a.FromNetwork(t.Context(), "Alice@example.com", attacker(second), guess)
						if second%72 != 0 {
							time.Sleep(time.Second)
							continue
						}
						if err := a.OnKnownDevice(t.Context(), "alice@example.com", "device", right); err != nil {
							t.Fatalf("OnKnownDevice() after %d s = %v, want nil", second, err)
						}
						if err := a.FromNetwork(t.Context(), "alice@example.com", victim, right); err != nil && !strings.Contains(except, name) {
							t.Fatalf("FromNetwork(%v) after %d s = %v, want nil", victim, second, err)
						}
					}
					if guesses >= 20 {
						t.Errorf("%d guesses in an hour, want fewer than 20", guesses)
					}
				})
			})
		}
	}
}

// TestAttempts_Crowd checks 400 passwords at once, again and again, from as many networks as
// the attack has, while the person signs in, with and without a known device.
func TestAttempts_Crowd(t *testing.T) {
	for name, attacker := range attacks {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := auth.NewAttempts(time.Now)
				hashing := make(chan bool, 2)
				check := func(err error) func() error {
					return func() error {
						hashing <- true
						time.Sleep(hashTime)
						<-hashing
						return err
					}
				}
				var crowd sync.WaitGroup
				defer crowd.Wait()
				for wave := range 10 {
					for i := range 400 {
						crowd.Go(func() {
							_ = a.FromNetwork(t.Context(), fmt.Sprint("account", wave, i), attacker(i), check(account.ErrCredentials))
						})
					}
					synctest.Wait()
					for _, signIn := range map[string]func() error{
						"OnKnownDevice": func() error { return a.OnKnownDevice(t.Context(), "alice", "device", check(nil)) },
						"FromNetwork": func() error {
							return a.FromNetwork(t.Context(), "alice", netip.MustParseAddr("203.0.113.1"), check(nil))
						},
					} {
						start := time.Now()
						if err := signIn(); err != nil || time.Since(start) > time.Second {
							t.Errorf("%s() in wave %d = %v after %v, want nil within 1 s", name, wave, err, time.Since(start))
						}
					}
					time.Sleep(time.Second)
				}
			})
		})
	}
}

func TestAttempts_Forget(t *testing.T) {
	a := auth.NewAttempts(time.Now)
	from := netip.MustParseAddr("198.51.100.1")
	guess := func(identity string) (n int) {
		for range 20 {
			_ = a.FromNetwork(t.Context(), identity, from, func() error { n++; return account.ErrCredentials })
		}
		return n
	}
	if alice, bob := guess("alice"), guess("alice b"); alice != 4 || bob != 4 {
		t.Fatalf("%d and %d guesses, want 4 each", alice, bob)
	}
	a.Forget("alice b")
	if alice, bob := guess("alice"), guess("alice b"); alice != 0 || bob != 4 {
		t.Errorf("%d and %d guesses after Forget(alice b), want 0 and 4", alice, bob)
	}
	a.Forget("alice")
	if alice := guess("alice"); alice != 4 {
		t.Errorf("%d guesses after Forget(alice), want 4", alice)
	}
}
