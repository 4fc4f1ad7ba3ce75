package settings_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

// epoch is the start of the tests' clock.
var epoch = time.Date(2026, 3, 1, 9, 14, 0, 0, time.UTC)

// clock is a clock that tests set.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newServiceAt(store settings.Store, key *secret.Key, c *clock) *settings.Service {
	return settings.NewService(store, key.Sealer(settings.SealerPurpose), c.now)
}

func readTokens(t *testing.T, s *settings.Service, now time.Time) settings.Tokens {
	t.Helper()
	got, err := s.Tokens(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestService_SetAuthToken_Grace(t *testing.T) {
	store, key, c := openStore(t), secret.NewKey(), &clock{epoch}
	s := newServiceAt(store, key, c)
	first := readAuthToken(t, s, settings.OriginGenerated)
	if got := readTokens(t, s, c.at); got != (settings.Tokens{Current: first, Since: epoch}) {
		t.Errorf("Tokens() at first = %+v", got)
	}
	c.at = epoch.Add(time.Hour)
	set, err := s.SetAuthToken(t.Context(), "chosen-by-hand!")
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Tokens{Current: "chosen-by-hand!", Since: c.at, Previous: first, PreviousUntil: c.at.Add(settings.Grace)}
	if set != want {
		t.Errorf("SetAuthToken() = %+v, want %+v", set, want)
	}
	for name, c := range map[string]struct {
		now      time.Time
		previous string
	}{
		"at once":           {c.at, first},
		"a moment before":   {want.PreviousUntil.Add(-time.Nanosecond), first},
		"when it is over":   {want.PreviousUntil, ""},
		"long after it was": {want.PreviousUntil.Add(1000 * time.Hour), ""},
	} {
		got := readTokens(t, s, c.now)
		if got.Current != "chosen-by-hand!" || got.Previous != c.previous || got.PreviousUntil.IsZero() != (c.previous == "") {
			t.Errorf("Tokens(%s) = %+v, want the previous one %q", name, got, c.previous)
		}
	}

	c.at = c.at.Add(time.Hour)
	again, err := s.SetAuthToken(t.Context(), "chosen-by-hand!")
	if err != nil || again != want {
		t.Errorf("SetAuthToken(the current token) = %+v, %v, want %+v", again, err, want)
	}
	rotated, err := s.RotateAuthToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if rotated.Previous != "chosen-by-hand!" || rotated.PreviousUntil != c.at.Add(settings.Grace) || len(rotated.Current) != 32 {
		t.Errorf("RotateAuthToken() = %+v", rotated)
	}
	if err := s.EndGrace(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := readTokens(t, s, c.at); got != (settings.Tokens{Current: rotated.Current, Since: c.at}) {
		t.Errorf("Tokens() after EndGrace = %+v", got)
	}
	if err := s.EndGrace(t.Context()); err != nil {
		t.Errorf("second EndGrace() = %v", err)
	}
}

func TestService_EndGrace_WithoutTokens(t *testing.T) {
	store := openStore(t)
	if err := newService(store, secret.NewKey()).EndGrace(t.Context()); err != nil {
		t.Errorf("EndGrace() without a token = %v", err)
	}
	if has, err := settings.HasAuthToken(t.Context(), store); has || err != nil {
		t.Errorf("HasAuthToken() after EndGrace = %v, %v", has, err)
	}
	readAuthToken(t, newService(store, secret.NewKey()), settings.OriginGenerated)
	if err := newService(store, secret.NewKey()).EndGrace(t.Context()); err != nil {
		t.Errorf("EndGrace() with a lost secret file = %v", err)
	}
}

// TestService_Tokens_OldFormat uses a token as earlier versions stored it, alone.
func TestService_Tokens_OldFormat(t *testing.T) {
	const old = "0123456789abcdef0123456789abcdef"
	store, key, c := openStore(t), secret.NewKey(), &clock{epoch}
	sealed := key.Sealer("settings").Seal([]byte(old), "auth-token")
	if done, err := store.ReplaceSetting(t.Context(), "auth-token", "", sealed); !done || err != nil {
		t.Fatal(done, err)
	}
	s := newServiceAt(store, key, c)
	if got := readAuthToken(t, s, settings.OriginStored); got != old {
		t.Errorf("AuthToken() = %q, want %q", got, old)
	}
	if got := readTokens(t, s, c.at); got != (settings.Tokens{Current: old}) {
		t.Errorf("Tokens() = %+v", got)
	}
	if err := s.EndGrace(t.Context()); err != nil {
		t.Error(err)
	}
	rotated, err := s.RotateAuthToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := readTokens(t, s, c.at); got != rotated || got.Previous != old {
		t.Errorf("RotateAuthToken() = %+v, Tokens() = %+v, want %s as the previous one", rotated, got, old)
	}
}

func TestService_SetAuthToken_RefusesInvalidTokens(t *testing.T) {
	s := newService(openStore(t), secret.NewKey())
	stored := readAuthToken(t, s, settings.OriginGenerated)
	for name, c := range map[string]struct {
		token string
		ok    bool
	}{
		"empty":                 {"", false},
		"seven characters":      {"1234567", false},
		"eight characters":      {"12345678", true},
		"256 characters":        {strings.Repeat("x", 256), true},
		"257 characters":        {strings.Repeat("x", 257), false},
		"a blank within":        {"1234 5678", false},
		"a blank at the end":    {"12345678 ", false},
		"a line break":          {"12345678\n", false},
		"a NUL":                 {"12345678\x00", false},
		"a DEL":                 {"12345678\x7f", false},
		"beyond ASCII":          {"pässword1", false},
		"not UTF-8":             {"12345678\xff", false},
		"looks like an object":  {`{"current":"x"}`, true},
		"all sorts of signs":    {"!~@#$%^&*()_+", true},
		"quotes and backslash":  {`"'\"'\"'\`, true},
		"hexadecimal as usual":  {"0123456789abcdef0123456789abcdef", true},
		"no-break space within": {"1234 5678", false},
	} {
		set, err := s.SetAuthToken(t.Context(), c.token)
		var invalid *settings.InvalidError
		switch {
		case c.ok && (err != nil || set.Current != c.token || readAuthToken(t, s, settings.OriginStored, len(c.token)) != c.token):
			t.Errorf("SetAuthToken(%s) = %+v, %v, want it stored", name, set, err)
		case !c.ok && !errors.As(err, &invalid):
			t.Errorf("SetAuthToken(%s) = %v, want an InvalidError", name, err)
		case !c.ok && c.token != "" && strings.Contains(err.Error(), c.token):
			t.Errorf("SetAuthToken(%s): the error repeats the token", name)
		}
		if c.ok {
			stored = c.token
		}
		if got := readTokens(t, s, epoch).Current; got != stored {
			t.Errorf("Tokens() after %s = %q, want %q", name, got, stored)
		}
	}
}

func TestService_RotateAuthToken_Concurrent(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	first := readAuthToken(t, newService(store, key), settings.OriginGenerated)
	after := make(chan settings.Tokens, 8)
	var all sync.WaitGroup
	for range cap(after) {
		all.Go(func() {
			got, err := newService(store, key).RotateAuthToken(t.Context())
			if err != nil {
				t.Error(err)
			}
			after <- got
		})
	}
	all.Wait()
	close(after)
	next := make(map[string]string) // by the token that was replaced
	for got := range after {
		if next[got.Previous] != "" {
			t.Errorf("a token was replaced twice")
		}
		next[got.Previous] = got.Current
	}
	last := first
	for range cap(after) {
		last = next[last]
	}
	if stored := readAuthToken(t, newService(store, key), settings.OriginStored); stored != last || last == "" {
		t.Errorf("AuthToken() = %q, want the last of the chain %q", stored, last)
	}
}
