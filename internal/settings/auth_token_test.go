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

// epoch is when the tests begin.
var epoch = time.Date(2026, 3, 1, 9, 14, 0, 0, time.UTC)

// clock is a clock that stands until it is moved.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func at(store settings.Store, key *secret.Key, c *clock) *settings.Service {
	return settings.NewService(store, key.Sealer(settings.SealerPurpose), c.now)
}

func tokens(t *testing.T, s *settings.Service, now time.Time) settings.Tokens {
	t.Helper()
	got, err := s.Tokens(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTheOldTokenVerifiesUntilItsGraceIsOver(t *testing.T) {
	store, key, c := openStore(t), secret.NewKey(), &clock{epoch}
	s := at(store, key, c)
	first := token(t, s, settings.OriginGenerated)
	if got := tokens(t, s, c.at); got != (settings.Tokens{Current: first, Since: epoch}) {
		t.Errorf("at first: %+v", got)
	}
	c.at = epoch.Add(time.Hour)
	set, err := s.SetAuthToken(t.Context(), "chosen-by-hand!")
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Tokens{Current: "chosen-by-hand!", Since: c.at, Previous: first, PreviousUntil: c.at.Add(settings.Grace)}
	if set != want {
		t.Errorf("set: %+v, want %+v", set, want)
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
		got := tokens(t, s, c.now)
		if got.Current != "chosen-by-hand!" || got.Previous != c.previous || got.PreviousUntil.IsZero() != (c.previous == "") {
			t.Errorf("%s: %+v, want the previous one %q", name, got, c.previous)
		}
	}

	c.at = c.at.Add(time.Hour)
	again, err := s.SetAuthToken(t.Context(), "chosen-by-hand!")
	if err != nil || again != want {
		t.Errorf("the same again: %+v, %v; want no change: %+v", again, err, want)
	}
	rotated, err := s.RotateAuthToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if rotated.Previous != "chosen-by-hand!" || rotated.PreviousUntil != c.at.Add(settings.Grace) || len(rotated.Current) != 32 {
		t.Errorf("rotated: %+v", rotated)
	}
	if err := s.EndGrace(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := tokens(t, s, c.at); got != (settings.Tokens{Current: rotated.Current, Since: c.at}) {
		t.Errorf("after the end of the grace: %+v", got)
	}
	if err := s.EndGrace(t.Context()); err != nil {
		t.Errorf("ending it twice: %v", err)
	}
}

func TestEndingTheGraceOfNothingMakesNothing(t *testing.T) {
	store := openStore(t)
	if err := with(store, secret.NewKey()).EndGrace(t.Context()); err != nil {
		t.Errorf("with no token: %v", err)
	}
	if has, err := settings.HasAuthToken(t.Context(), store); has || err != nil {
		t.Errorf("a token was made: %v, %v", has, err)
	}
	token(t, with(store, secret.NewKey()), settings.OriginGenerated)
	if err := with(store, secret.NewKey()).EndGrace(t.Context()); err != nil {
		t.Errorf("with a lost secret file: %v", err)
	}
}

// TestATokenKeptByAnEarlierVersionWorks keeps a token as the version before did,
// alone and as it is, and does with it what can be done.
func TestATokenKeptByAnEarlierVersionWorks(t *testing.T) {
	const old = "0123456789abcdef0123456789abcdef"
	store, key, c := openStore(t), secret.NewKey(), &clock{epoch}
	sealed := key.Sealer("settings").Seal([]byte(old), "auth-token")
	if done, err := store.ReplaceSetting(t.Context(), "auth-token", "", sealed); !done || err != nil {
		t.Fatal(done, err)
	}
	s := at(store, key, c)
	if got := token(t, s, settings.OriginStored); got != old {
		t.Errorf("the token is %q", got)
	}
	if got := tokens(t, s, c.at); got != (settings.Tokens{Current: old}) {
		t.Errorf("it is %+v", got)
	}
	if err := s.EndGrace(t.Context()); err != nil {
		t.Error(err)
	}
	rotated, err := s.RotateAuthToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := tokens(t, s, c.at); got != rotated || got.Previous != old {
		t.Errorf("rotated: %+v, kept %+v; want %s as the previous one", rotated, got, old)
	}
}

func TestOnlyUsableTokensCanBeSet(t *testing.T) {
	s := with(openStore(t), secret.NewKey())
	kept := token(t, s, settings.OriginGenerated)
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
		case c.ok && (err != nil || set.Current != c.token || token(t, s, settings.OriginStored, len(c.token)) != c.token):
			t.Errorf("%s: %+v, %v; want it kept", name, set, err)
		case !c.ok && !errors.As(err, &invalid):
			t.Errorf("%s: %v, want an *InvalidError", name, err)
		case !c.ok && c.token != "" && strings.Contains(err.Error(), c.token):
			t.Errorf("%s: the error repeats the token", name)
		}
		if c.ok {
			kept = c.token
		}
		if got := tokens(t, s, epoch).Current; got != kept {
			t.Errorf("%s: %q is kept, want %q", name, got, kept)
		}
	}
}

func TestManyRotationsAtOnceLeaveOneChain(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	first := token(t, with(store, key), settings.OriginGenerated)
	after := make(chan settings.Tokens, 8)
	var all sync.WaitGroup
	for range cap(after) {
		all.Go(func() {
			got, err := with(store, key).RotateAuthToken(t.Context())
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
			t.Errorf("one token was replaced twice")
		}
		next[got.Previous] = got.Current
	}
	last := first
	for range cap(after) {
		last = next[last]
	}
	if kept := token(t, with(store, key), settings.OriginStored); kept != last || last == "" {
		t.Errorf("kept %q, want the last of the chain %q", kept, last)
	}
}
