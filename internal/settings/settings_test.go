package settings_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

func openStore(t *testing.T) settings.Store {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlitetest.File(t), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db.Settings()
}

func with(store settings.Store, key *secret.Key) *settings.Service {
	return settings.NewService(store, key.Sealer(settings.SealerPurpose), nil)
}

// token answers the current token, which has 32 characters or so many.
func token(t *testing.T, s *settings.Service, want settings.Origin, length ...int) string {
	t.Helper()
	token, origin, err := s.AuthToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if origin != want {
		t.Errorf("origin %v, want %v", origin, want)
	}
	if length = append(length, 32); len(token) != length[0] {
		t.Errorf("the token has %d characters, want %d", len(token), length[0])
	}
	return token
}

func TestTheTokenIsMadeOnceAndKept(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	s := with(store, key)
	if _, err := s.KeptAuthToken(t.Context()); !errors.Is(err, settings.ErrNotSet) {
		t.Errorf("before it is made: %v, want ErrNotSet", err)
	}
	first := token(t, s, settings.Made)
	if again := token(t, with(store, key), settings.Kept); again != first {
		t.Error("the kept token is another one")
	}
	sealed, err := store.Setting(t.Context(), "auth-token")
	if err != nil {
		t.Fatal(err)
	}
	if sealed == first {
		t.Error("the token is kept as it is, not sealed")
	}

	rotated, err := s.RotateAuthToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if rotated.Current == first {
		t.Error("the rotated token is the old one")
	}
	if kept := token(t, s, settings.Kept); kept != rotated.Current {
		t.Error("the rotated token is not kept")
	}
}

func TestALostSecretFileMakesANewToken(t *testing.T) {
	store := openStore(t)
	before := token(t, with(store, secret.NewKey()), settings.Made)
	s := with(store, secret.NewKey())
	if _, err := s.KeptAuthToken(t.Context()); !errors.Is(err, settings.ErrSealed) {
		t.Errorf("reading alone: %v, want ErrSealed", err)
	}
	after := token(t, s, settings.Lost)
	if after == before {
		t.Error("the new token is the old one")
	}
	if kept := token(t, s, settings.Kept); kept != after {
		t.Error("the new token is not kept")
	}
	if _, err := with(store, secret.NewKey()).RotateAuthToken(t.Context()); err != nil {
		t.Errorf("rotating what cannot be opened: %v", err)
	}
}

func TestManyAtOnceAgreeOnOneToken(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	tokens := make([]string, 8)
	var all sync.WaitGroup
	for i := range tokens {
		all.Go(func() {
			token, _, err := with(store, key).AuthToken(t.Context())
			if err != nil {
				t.Error(err)
			}
			tokens[i] = token
		})
	}
	all.Wait()
	for _, token := range tokens {
		if token != tokens[0] {
			t.Fatalf("tokens differ: %v", tokens)
		}
	}
}

func TestSettingsAreReplacedOnlyWhenUnchanged(t *testing.T) {
	store := openStore(t)
	replace := func(old, value string, want bool) {
		t.Helper()
		got, err := store.ReplaceSetting(t.Context(), "colour", old, value)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("replace %q by %q: %v, want %v", old, value, got, want)
		}
	}
	replace("red", "blue", false)
	if _, err := store.Setting(t.Context(), "colour"); !errors.Is(err, settings.ErrNotSet) {
		t.Errorf("nothing was kept: %v, want ErrNotSet", err)
	}
	replace("", "red", true)
	replace("", "green", false)
	replace("green", "blue", false)
	replace("red", "blue", true)
	if got, err := store.Setting(t.Context(), "colour"); got != "blue" || err != nil {
		t.Errorf("kept %q, %v; want blue", got, err)
	}
}
