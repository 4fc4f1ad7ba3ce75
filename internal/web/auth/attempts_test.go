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
	"github.com/clientele-project/clientele/internal/web"
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

// victims are addresses of unknown devices in unknown networks, another for each sign-in, and
// the attacks that keep them out: none could be told from the attackers.
var victims = map[string]struct {
	addr   func(n int) netip.Addr
	except string
}{
	"IPv4":                {func(n int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, 101, byte(n)}) }, ""},
	"IPv6 in that /32":    {func(n int) netip.Addr { return network6("2001:db8:2::/48", 64, n) }, "any /48, the /48s of a /32"},
	"IPv6 of another /32": {func(n int) netip.Addr { return network6("2a00:1234:5678::/48", 64, n) }, "any /48"},
}

// TestAttempts_UnderAttack guesses a password once a second for an hour, while the person
// signs in fifty times, with and without a known device.
func TestAttempts_UnderAttack(t *testing.T) {
	for name, attacker := range attacks {
		for where, victim := range victims {
			t.Run(name+" against "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a := auth.NewAttempts(web.NewLimiter(100_000, time.Now))
					right := func() error { time.Sleep(hashTime); return nil }
					guesses := 0
					guess := func() error { guesses++; time.Sleep(hashTime); return account.ErrCredentials }
					for second := range 3600 {
						_ = a.SignIn(t.Context(), "Alice@example.com", "", attacker(second), guess)
						if second%72 != 0 {
							time.Sleep(time.Second)
							continue
						}
						if err := a.SignIn(t.Context(), "alice@example.com", "device", netip.MustParseAddr("203.0.113.1"), right); err != nil {
							t.Fatalf("SignIn(known device) after %d s = %v, want nil", second, err)
						}
						if err := a.SignIn(t.Context(), "alice@example.com", "", victim.addr(second/72), right); err != nil && !strings.Contains(victim.except, name) {
							t.Fatalf("SignIn(unknown device) after %d s = %v, want nil", second, err)
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
				a := auth.NewAttempts(web.NewLimiter(100_000, time.Now))
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
				attack := func(wave int) {
					for i := range 400 {
						crowd.Go(func() {
							_ = a.SignIn(t.Context(), fmt.Sprint("account", wave, i), "", attacker(i), check(account.ErrCredentials))
						})
					}
					synctest.Wait()
				}
				for wave := range 10 {
					attack(wave)
					for _, device := range []string{"", "device"} {
						result, start := make(chan error, 1), time.Now()
						go func() {
							result <- a.SignIn(t.Context(), "alice", device, netip.AddrFrom4([4]byte{203, 0, 113, byte(wave)}), check(nil))
						}()
						synctest.Wait()
						attack(wave + 100) // they do not overtake
						err := <-result
						if device == "" && wave < 7 {
							continue // a wave finds 64 of the 400 networks to guess wrong
						}
						if err != nil || time.Since(start) > time.Second {
							t.Errorf("SignIn(device %q) in wave %d = %v after %v, want nil within 1 s", device, wave, err, time.Since(start))
						}
					}
					time.Sleep(2 * time.Second) // the queue is empty again; all waves are within the minute that a network is suspect
				}
			})
		})
	}
}

func TestAttempts_Forget(t *testing.T) {
	home := netip.MustParseAddr("203.0.113.1")
	for where, c := range map[string]struct {
		try  func(a *auth.Attempts, identity string, check func() error) error
		most int
	}{
		"an unknown device": {func(a *auth.Attempts, identity string, check func() error) error {
			return a.SignIn(t.Context(), identity, "", netip.MustParseAddr("198.51.100.1"), check)
		}, 4},
		"a known network": {func(a *auth.Attempts, identity string, check func() error) error {
			return a.SignIn(t.Context(), identity, "", home, check)
		}, 4},
		"a known device": {func(a *auth.Attempts, identity string, check func() error) error {
			return a.SignIn(t.Context(), identity, "device", home, check)
		}, 8},
		"a session": {func(a *auth.Attempts, identity string, check func() error) error {
			return a.InSession(t.Context(), account.Session{ID: "session", Identity: identity}, check)
		}, 8},
	} {
		a := auth.NewAttempts(web.NewLimiter(100_000, time.Now))
		for _, identity := range []string{"alice", "alice b"} {
			if err := a.SignIn(t.Context(), identity, "", home, func() error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		guess := func(identity string) (n int) {
			for range 20 {
				_ = c.try(a, identity, func() error { n++; return account.ErrCredentials })
			}
			return n
		}
		if alice, bob := guess("alice"), guess("alice b"); alice != c.most || bob != c.most {
			t.Fatalf("%s: %d and %d guesses, want %d each", where, alice, bob, c.most)
		}
		_ = a.Forget(t.Context(), "alice b")
		if alice, bob := guess("alice"), guess("alice b"); alice != 0 || bob != c.most {
			t.Errorf("%s: %d and %d guesses after Forget(alice b), want 0 and %d", where, alice, bob, c.most)
		}
		_ = a.Forget(t.Context(), "alice")
		if alice := guess("alice"); alice != c.most {
			t.Errorf("%s: %d guesses after Forget(alice), want %d", where, alice, c.most)
		}
	}
}

// TestAttempts_KnownNetwork uses up the guesses of unknown devices everywhere. In a network
// in which a person has signed in, they still can.
func TestAttempts_KnownNetwork(t *testing.T) {
	for _, c := range []struct{ first, again, other string }{
		{"203.0.113.1", "203.0.113.1", "203.0.113.2"},
		{"2001:db8:5:5::1", "2001:db8:5:5::2", "2001:db8:5:6::1"},
	} {
		now := time.Unix(1_000_000, 0)
		a := auth.NewAttempts(web.NewLimiter(100_000, func() time.Time { return now }))
		guesses := 0
		try := func(identity, from string, err error) error {
			return a.SignIn(t.Context(), identity, "", netip.MustParseAddr(from), func() error {
				if err != nil {
					guesses++
				}
				return err
			})
		}
		if err := try("alice", c.first, nil); err != nil {
			t.Fatal(err)
		}
		for n := range 100 {
			_ = try("alice", attacks["any /48"](n).String(), account.ErrCredentials)
			_ = try("alice", fmt.Sprint("198.51.100.", n), account.ErrCredentials)
		}
		for range 50 {
			if err := try("alice", c.again, nil); err != nil {
				t.Fatalf("SignIn() from %s, a known network = %v, want nil", c.again, err)
			}
		}
		if try("alice", c.other, nil) == nil {
			t.Errorf("SignIn() from %s succeeded, want a limit outside of the known network", c.other)
		}
		guesses = 0
		for range 50 {
			_ = try("alice", c.again, account.ErrCredentials)
		}
		if guesses != 4 {
			t.Errorf("%d guesses from the known network, want 4", guesses)
		}
		_ = a.Forget(t.Context(), "alice")
		if err := try("alice", c.again, nil); err != nil {
			t.Errorf("SignIn() from %s after Forget = %v, want nil", c.again, err)
		}
	}
}
