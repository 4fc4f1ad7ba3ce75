package oidc

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const wellKnown = "/.well-known/openid-configuration"

func TestAProviderThatIsDownIsAskedAgainLater(t *testing.T) {
	f, c := newFake(t), &clock{now: epoch}
	down := true
	f.answer = func(w http.ResponseWriter, _ *http.Request) bool {
		if down {
			w.WriteHeader(http.StatusBadGateway)
		}
		return down
	}
	p := f.provider(t, func(o *Options) { o.Now = c.Now }) // nothing is asked yet
	if n := f.count(wellKnown); n != 0 {
		t.Errorf("made, it asked %d times", n)
	}
	for range 3 { // the second and third come at once
		if _, err := p.Begin(t.Context(), redirect); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "502") {
			t.Errorf("down: %v", err)
		}
	}
	if n := f.count(wellKnown); n != 1 {
		t.Errorf("asked %d times within a moment, want once", n)
	}
	if url := p.LogoutURL(t.Context(), "", "https://crm.example.com/"); url != "" {
		t.Errorf("signing out leads to %q", url)
	}
	f.mu.Lock()
	down = false
	f.mu.Unlock()
	c.pass(retryAfter + time.Second)
	if _, err := p.Begin(t.Context(), redirect); err != nil {
		t.Errorf("up again: %v", err)
	}
	if err := p.Reach(t.Context()); err != nil {
		t.Errorf("up again: %v", err)
	}
}

func TestManyWhoSignInAtOnceAskOnce(t *testing.T) {
	f := newFake(t)
	release := make(chan struct{})
	f.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == wellKnown {
			<-release
		}
		return false
	}
	p := f.provider(t)
	left, leave := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { // the first to ask leaves, and the others are answered all the same
		_, err := p.Begin(left, redirect)
		gone <- err
	}()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := p.Begin(context.Background(), redirect); err != nil {
				t.Error(err)
			}
		})
	}
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who left is told %v", err)
	}
	close(release)
	all.Wait()
	if n := f.count(wellKnown); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

func TestWhatIsKnownIsRenewedAndOutlivesAFailure(t *testing.T) {
	f, c := newFake(t), &clock{now: epoch}
	p := f.provider(t, func(o *Options) { o.Now = c.Now })
	if _, err := f.signIn(t, p); err != nil {
		t.Fatal(err)
	}
	c.pass(knownFor + time.Minute)
	f.now = c.Now()
	for range 2 { // the first has it asked anew beside
		if _, err := f.signIn(t, p); err != nil {
			t.Errorf("when it is old: %v", err)
		}
		for deadline := time.Now().Add(90 * time.Second); f.count(wellKnown) < 2 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
	}
	if asked, keys := f.count(wellKnown), f.count("/keys"); asked != 2 || keys != 1 {
		t.Errorf("the description was asked %d times and the keys %d times, want 2 and 1", asked, keys)
	}
	f.mu.Lock()
	f.answer = func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	}
	f.mu.Unlock()
	c.pass(knownFor + time.Minute)
	if _, err := p.Begin(t.Context(), redirect); err != nil {
		t.Errorf("with what is known, while it is down: %v", err)
	}
}

func TestDescriptionsThatCannotBeUsedAreRefused(t *testing.T) {
	for name, change := range map[string]func(f *fake){
		"another issuer":           func(f *fake) { f.description["issuer"] = "https://evil.example" },
		"the issuer with a slash":  func(f *fake) { f.description["issuer"] = f.URL + "/" },
		"no token endpoint":        func(f *fake) { delete(f.description, "token_endpoint") },
		"no keys":                  func(f *fake) { delete(f.description, "jwks_uri") },
		"no authorization":         func(f *fake) { f.description["authorization_endpoint"] = "javascript:alert(1)" },
		"a plain endpoint outside": func(f *fake) { f.description["token_endpoint"] = "http://login.example.com/token" },
		"a password in a URL":      func(f *fake) { f.description["token_endpoint"] = "https://a:b@login.example.com/token" },
		"shared secrets alone":     func(f *fake) { f.description["id_token_signing_alg_values_supported"] = []string{"HS256", "none"} },
		"not JSON":                 func(f *fake) { f.answer = always(200, "<html>") },
		"too long":                 func(f *fake) { f.answer = always(200, `{"issuer":"`+strings.Repeat("x", maxAnswer)+`"}`) },
		"not there":                func(f *fake) { f.answer = always(404, "") },
		"elsewhere": func(f *fake) {
			f.answer = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/elsewhere" {
					t.Error("a redirect was followed")
				}
				http.Redirect(w, r, "/elsewhere", http.StatusFound)
				return true
			}
		},
	} {
		f := newFake(t)
		change(f)
		_, err := f.provider(t).Begin(t.Context(), redirect)
		if !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: %v, want ErrUnreachable", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "html") || strings.Contains(err.Error(), "127.0.0.1")) {
			t.Errorf("%s: the error repeats the answer, or says where: %v", name, err)
		}
	}
}

func always(status int, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	}
}

func TestANewKeyIsFoundButNotLookedForWithoutEnd(t *testing.T) {
	f, c := newFake(t), &clock{now: epoch}
	p := f.provider(t, func(o *Options) { o.Now = c.Now })
	for _, kid := range []string{"one", "one", "two", "two"} {
		f.kid = kid
		if _, err := f.signIn(t, p); err != nil {
			t.Errorf("signed with key %s: %v", kid, err)
		}
	}
	if n := f.count("/keys"); n != 2 {
		t.Errorf("the keys were fetched %d times, want twice", n)
	}
	// Tokens signed with keys that nobody has.
	f.sign = func(payload []byte) string { return signed(f.key, "RS256", "never", payload) }
	for range 20 {
		if _, err := f.signIn(t, p); !errors.Is(err, ErrRefused) {
			t.Errorf("an unknown key: %v", err)
		}
	}
	if n := f.count("/keys"); n != keyBurst {
		t.Errorf("the keys were fetched %d times, want %d at most in a moment", n, keyBurst)
	}
	c.pass(keyEvery)
	f.sign, f.kid, f.now = f.rs256, "three", c.Now()
	if _, err := f.signIn(t, p); err != nil {
		t.Errorf("a new key some time after: %v", err)
	}
}

func TestKeysThatCannotBeHadAreNoFaultOfTheToken(t *testing.T) {
	f := newFake(t)
	f.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/keys" {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}
		return false
	}
	if _, err := f.signIn(t, f.provider(t)); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "500") {
		t.Errorf("without keys: %v", err)
	}
}

func TestLogoutLeadsToTheProviderAndBack(t *testing.T) {
	f := newFake(t)
	p := f.provider(t)
	want := f.URL + "/end?client_id=clientele&id_token_hint=eyJ&post_logout_redirect_uri=https%3A%2F%2Fcrm.example.com%2Fsignin&x=1"
	if got := p.LogoutURL(t.Context(), "eyJ", "https://crm.example.com/signin"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for name, end := range map[string]any{"none": nil, "a script": "javascript:alert(1)", "a plain one outside": "http://evil.example/"} {
		f.description["end_session_endpoint"] = end
		if got := f.provider(t).LogoutURL(t.Context(), "", "https://crm.example.com/"); got != "" {
			t.Errorf("%s: %q, want nothing", name, got)
		}
	}
}
