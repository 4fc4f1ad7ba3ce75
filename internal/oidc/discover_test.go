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

// clock is a clock that tests advance.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const wellKnown = "/.well-known/openid-configuration"

func TestProvider_Discovery_RetriesAfterFailure(t *testing.T) {
	f, c := newFakeProvider(t), &clock{now: epoch}
	down := true
	f.override = func(w http.ResponseWriter, _ *http.Request) bool {
		if down {
			w.WriteHeader(http.StatusBadGateway)
		}
		return down
	}
	p := f.provider(t, func(o *Options) { o.Now = c.Now }) // calls nothing yet
	if n := f.count(wellKnown); n != 0 {
		t.Errorf("New made %d discoveries, want none", n)
	}
	for range 3 { // the second and third within retryAfter
		if _, err := p.Begin(t.Context(), redirect); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "502") {
			t.Errorf("Begin() while down = %v, want ErrUnreachable with the status", err)
		}
	}
	if n := f.count(wellKnown); n != 1 {
		t.Errorf("Begin made %d discoveries within retryAfter, want 1", n)
	}
	if url := p.LogoutURL(t.Context(), "https://crm.example.com/"); url != "" {
		t.Errorf("LogoutURL() while down = %q", url)
	}
	f.mu.Lock()
	down = false
	f.mu.Unlock()
	c.advance(retryAfter + time.Second)
	if _, err := p.Begin(t.Context(), redirect); err != nil {
		t.Errorf("Begin() after recovery = %v", err)
	}
	if err := p.Check(t.Context()); err != nil {
		t.Errorf("Reach() after recovery = %v", err)
	}
}

func TestProvider_Discovery_JoinsConcurrentCalls(t *testing.T) {
	f := newFakeProvider(t)
	release := make(chan struct{})
	f.override = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == wellKnown {
			<-release
		}
		return false
	}
	p := f.provider(t)
	canceled, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { // starts the discovery, and cancels
		_, err := p.Begin(canceled, redirect)
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
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("Begin(canceled) = %v, want Canceled", err)
	}
	close(release)
	all.Wait()
	if n := f.count(wellKnown); n != 1 {
		t.Errorf("concurrent Begin made %d discoveries, want 1", n)
	}
}

func TestProvider_Discovery_RefreshesInTheBackground(t *testing.T) {
	f, c := newFakeProvider(t), &clock{now: epoch}
	p := f.provider(t, func(o *Options) { o.Now = c.Now })
	if _, err := f.signIn(t, p); err != nil {
		t.Fatal(err)
	}
	c.advance(metadataTTL + time.Minute)
	f.now = c.Now()
	for range 2 { // the first starts a refresh in the background
		if _, err := f.signIn(t, p); err != nil {
			t.Errorf("sign-in with old metadata = %v", err)
		}
		for deadline := time.Now().Add(90 * time.Second); f.count(wellKnown) < 2 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
	}
	if discoveries, keys := f.count(wellKnown), f.count("/keys"); discoveries != 2 || keys != 1 {
		t.Errorf("sign-ins made %d discoveries and %d key fetches, want 2 and 1", discoveries, keys)
	}
	f.mu.Lock()
	f.override = func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	}
	f.mu.Unlock()
	c.advance(metadataTTL + time.Minute)
	if _, err := p.Begin(t.Context(), redirect); err != nil {
		t.Errorf("Begin() with old metadata while down = %v", err)
	}
}

func TestProvider_Discovery_RefusesUnusableMetadata(t *testing.T) {
	for name, change := range map[string]func(f *fakeProvider){
		"another issuer":           func(f *fakeProvider) { f.description["issuer"] = "https://evil.example" },
		"the issuer with a slash":  func(f *fakeProvider) { f.description["issuer"] = f.URL + "/" },
		"no token endpoint":        func(f *fakeProvider) { delete(f.description, "token_endpoint") },
		"no keys":                  func(f *fakeProvider) { delete(f.description, "jwks_uri") },
		"no authorization":         func(f *fakeProvider) { f.description["authorization_endpoint"] = "javascript:alert(1)" },
		"a plain endpoint outside": func(f *fakeProvider) { f.description["token_endpoint"] = "http://login.example.com/token" },
		"a password in a URL":      func(f *fakeProvider) { f.description["token_endpoint"] = "https://a:b@login.example.com/token" },
		"shared secrets alone": func(f *fakeProvider) {
			f.description["id_token_signing_alg_values_supported"] = []string{"HS256", "none"}
		},
		"not JSON": func(f *fakeProvider) { f.override = respondWith(200, "<html>") },
		"too long": func(f *fakeProvider) {
			f.override = respondWith(200, `{"issuer":"`+strings.Repeat("x", maxResponse)+`"}`)
		},
		"not there": func(f *fakeProvider) { f.override = respondWith(404, "") },
		"elsewhere": func(f *fakeProvider) {
			f.override = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/elsewhere" {
					t.Error("a redirect was followed")
				}
				http.Redirect(w, r, "/elsewhere", http.StatusFound)
				return true
			}
		},
	} {
		f := newFakeProvider(t)
		change(f)
		_, err := f.provider(t).Begin(t.Context(), redirect)
		if !errors.Is(err, ErrUnreachable) {
			t.Errorf("Begin(%s) = %v, want ErrUnreachable", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "html") || strings.Contains(err.Error(), "127.0.0.1")) {
			t.Errorf("Begin(%s) = %v, want neither the response nor the address in it", name, err)
		}
	}
}

func respondWith(status int, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	}
}

func TestProvider_Finish_LimitsKeyFetches(t *testing.T) {
	f, c := newFakeProvider(t), &clock{now: epoch}
	p := f.provider(t, func(o *Options) { o.Now = c.Now })
	for _, kid := range []string{"one", "one", "two", "two"} {
		f.kid = kid
		if _, err := f.signIn(t, p); err != nil {
			t.Errorf("sign-in with key %s = %v", kid, err)
		}
	}
	if n := f.count("/keys"); n != 2 {
		t.Errorf("sign-ins with two keys made %d key fetches, want 2", n)
	}
	// Tokens signed with an unknown key.
	f.sign = func(payload []byte) string { return signToken(f.key, "RS256", "never", payload) }
	for range 20 {
		if _, err := f.signIn(t, p); !errors.Is(err, ErrRefused) {
			t.Errorf("sign-in with an unknown key = %v, want ErrRefused", err)
		}
	}
	if n := f.count("/keys"); n != keyBurst {
		t.Errorf("sign-ins with unknown keys made %d key fetches, want %d", n, keyBurst)
	}
	c.advance(keyInterval)
	f.sign, f.kid, f.now = f.rs256, "three", c.Now()
	var err error
	for range 100 { // the key set may still return the result of the last fetch
		if _, err = f.signIn(t, p); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("sign-in with a new key after keyInterval = %v", err)
}

func TestProvider_Finish_KeysUnreachable(t *testing.T) {
	f := newFakeProvider(t)
	f.override = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/keys" {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}
		return false
	}
	if _, err := f.signIn(t, f.provider(t)); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "500") {
		t.Errorf("sign-in without keys = %v, want ErrUnreachable with the status", err)
	}
}

func TestProvider_LogoutURL(t *testing.T) {
	f := newFakeProvider(t)
	p := f.provider(t)
	want := f.URL + "/end?client_id=clientele&post_logout_redirect_uri=https%3A%2F%2Fcrm.example.com%2Fsignin&x=1"
	if got := p.LogoutURL(t.Context(), "https://crm.example.com/signin"); got != want {
		t.Errorf("LogoutURL() = %s, want %s", got, want)
	}
	for name, end := range map[string]any{"none": nil, "a script": "javascript:alert(1)", "a plain one outside": "http://evil.example/"} {
		f.description["end_session_endpoint"] = end
		if got := f.provider(t).LogoutURL(t.Context(), "https://crm.example.com/"); got != "" {
			t.Errorf("LogoutURL() with %s = %q, want none", name, got)
		}
	}
}
