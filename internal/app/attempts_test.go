package app_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/secret"
)

// newAttackedApp returns an app with real time, whose checks of a password take as long as
// hashing does, and a function that posts a sign-in from an address.
func newAttackedApp(t *testing.T) (signIn func(b *client, addr, identity, password string) response, h http.Handler) {
	p := newFakeAccounts(time.Now, "Alice@example.com", "bob")
	p.hashing = make(chan bool, 2)
	h = newApp(t, &fakeCRM{}, p, new(syncBuffer), func(o *app.Options) {
		o.Now = time.Now
		o.Devices = secret.NewKey().Sealer("devices")
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")} // httptest's peer
	})
	return func(b *client, addr, identity, password string) response {
		b.header.Set("X-Forwarded-For", addr)
		return b.post("/signin", "identity", identity, "password", password)
	}, h
}

// attackers are the addresses of attacks.
var attackers = map[string]func(n int) string{
	"one address":          func(int) string { return "198.51.100.1" },
	"three IPv4 addresses": func(n int) string { return fmt.Sprint("198.51.100.", 1+n%3) },
	"the /64s of a /48":    func(n int) string { return fmt.Sprintf("2001:db8:1:%x::1", n) },
	"fresh /48s":           func(n int) string { return fmt.Sprintf("2a%02x:%x:%x::1", n%256, n, n) },
}

// TestSignIn_IsPossibleUnderAttack guesses alice's password for an hour, while she signs in
// fifty times from another address, with and without a cookie of her device.
func TestSignIn_IsPossibleUnderAttack(t *testing.T) {
	for name, attacker := range attackers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				signIn, h := newAttackedApp(t)
				device := newClient(t, h)
				signIn(device, "203.0.113.7", "Alice@example.com", "correct horse").must(t, http.StatusSeeOther, nil)
				guesses := 0
				for n := range 300 {
					switch a := signIn(newClient(t, h), attacker(n), "Alice@example.com", "guess"); a.StatusCode {
					case http.StatusUnauthorized:
						guesses++
					case http.StatusTooManyRequests:
						if n := a.Header.Get("Retry-After"); n == "" || n == "0" || !strings.Contains(a.body, "Too many attempts") {
							t.Fatalf("POST /signin: Retry-After %q, want 1 or more; body\n%s", n, a.body)
						}
					default:
						t.Fatalf("POST /signin with a wrong password: status %d, want 401 or 429", a.StatusCode)
					}
					if n%6 == 0 {
						signIn(device, attacker(n), "alice@EXAMPLE.com", "correct horse").must(t, http.StatusSeeOther, nil)
						signIn(newClient(t, h), fmt.Sprint("203.0.113.", n/6+8), "alice@example.com", "correct horse").must(t, http.StatusSeeOther, nil)
						if t.Failed() {
							t.Fatalf("after %d attempts", n+1)
						}
					}
					time.Sleep(12 * time.Second)
				}
				if guesses == 0 || guesses >= 20 {
					t.Errorf("%d guesses in an hour, want 1 to 19", guesses)
				}
			})
		})
	}
}

// TestSignIn_IsPossibleInACrowd tries 400 passwords at once, from as many networks as the
// attack has.
func TestSignIn_IsPossibleInACrowd(t *testing.T) {
	for name, attacker := range attackers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				signIn, h := newAttackedApp(t)
				device := newClient(t, h)
				signIn(device, "203.0.113.7", "bob", "correct horse").must(t, http.StatusSeeOther, nil)
				var crowd sync.WaitGroup
				for n := range 400 {
					crowd.Go(func() {
						a := signIn(newClient(t, h), attacker(n), fmt.Sprint("account-", n), "guess")
						if a.StatusCode == http.StatusServiceUnavailable && (a.Header.Get("Retry-After") != "2" || !strings.Contains(a.body, "Wait 2 seconds")) {
							t.Errorf("POST /signin: Retry-After %q, want 2; body\n%s", a.Header.Get("Retry-After"), a.body)
						}
					})
				}
				synctest.Wait()
				start := time.Now()
				signIn(device, "198.51.100.1", "bob", "correct horse").must(t, http.StatusSeeOther, nil)
				signIn(newClient(t, h), "203.0.113.8", "bob", "correct horse").must(t, http.StatusSeeOther, nil)
				if took := time.Since(start); took > time.Second {
					t.Errorf("two sign-ins took %v, want at most 1 s", took)
				}
				crowd.Wait()
			})
		})
	}
}

// TestSignIn_LimitsTheAttemptsOfNetworks tries a password on many accounts.
func TestSignIn_LimitsTheAttemptsOfNetworks(t *testing.T) {
	for name, c := range map[string]struct {
		addr func(n int) string
		most int
	}{
		"one address":       {func(int) string { return "198.51.100.1" }, 30},
		"one /64":           {func(n int) string { return fmt.Sprintf("2001:db8:1:1::%x", n) }, 30},
		"the /64s of a /56": {func(n int) string { return fmt.Sprintf("2001:db8:1:%x::1", n) }, 40},
		"the /64s of a /48": {func(n int) string { return fmt.Sprintf("2001:db8:1:%x::1", n<<8) }, 50},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, h, _ := newTestApp(t, func(o *app.Options) {
				o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}
			})
			tried := 0
			for n := range 60 {
				b := newClient(t, h)
				b.header.Set("X-Forwarded-For", c.addr(n))
				if b.post("/signin", "identity", fmt.Sprint("account-", n), "password", "guess").StatusCode == http.StatusUnauthorized {
					tried++
				}
			}
			if tried != c.most {
				t.Errorf("%d of 60 attempts at once, want %d", tried, c.most)
			}
		})
	}
}

// TestSignIn_DeviceCookie checks what the cookie of a device is good for.
func TestSignIn_DeviceCookie(t *testing.T) {
	_, _, h, _ := newTestApp(t, func(o *app.Options) {
		o.Devices, o.PublicURL = secret.NewKey().Sealer("devices"), "https://crm.example.com"
	})
	const name = "__Host-clientele-device"
	b := newClient(t, h)
	a := b.post("/signin", "identity", "alice", "password", "correct horse")
	var cookie *http.Cookie
	for _, c := range a.Cookies() {
		if c.Name == name {
			cookie = c
		}
	}
	if cookie == nil || !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.MaxAge < 365*24*3600 || strings.Contains(cookie.Value, "alice") {
		t.Fatalf("device cookie %+v", cookie)
	}
	b.post("/signout")
	if b.cookies[name] != cookie.Value {
		t.Error("signing out removed the device cookie")
	}
	b.get("/customers").must(t, http.StatusSeeOther, nil) // it signs no one in

	guesses := func(b *client, identity string) (n int) {
		for b.post("/signin", "identity", identity, "password", "guess").StatusCode == http.StatusUnauthorized {
			if n++; n > 50 {
				t.Fatalf("guesses for %s are not limited", identity)
			}
		}
		return n
	}
	forged := newClient(t, h)
	forged.cookies[name] = cookie.Value[1:] + cookie.Value[:1]
	if n := guesses(forged, "alice"); n != 4 {
		t.Errorf("%d guesses with a forged device cookie, want 4", n)
	}
	if n := guesses(b, "bob"); n != 4 {
		t.Errorf("%d guesses for another person on the device, want 4", n)
	}
	if n := guesses(b, "alice"); n != 8 { // strangers have used up theirs
		t.Errorf("%d guesses on the own device, want 8", n)
	}
	if n := guesses(b, "alice"); n != 0 {
		t.Errorf("%d more guesses on the own device, want 0", n)
	}
}

// TestAccount_ChangesPasswordUnderAttack changes a password while strangers guess it.
func TestAccount_ChangesPasswordUnderAttack(t *testing.T) {
	_, _, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	for range 50 {
		newClient(t, h).post("/signin", "identity", "alice", "password", "guess")
	}
	b.post("/account/password", "old", "correct horse", "new", "battery staple", "again", "battery staple").must(t, http.StatusSeeOther, nil)
}
