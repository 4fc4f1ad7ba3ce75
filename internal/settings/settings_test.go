package settings_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// openStore opens the settings in a database of the test's own.
func openStore(t *testing.T) settings.Store {
	return dbtest.Open(t, sqlitetest.File(t), store.Options{}).Settings()
}

// forEachStore runs a test over every store.
func forEachStore(t *testing.T, test func(t *testing.T, store settings.Store)) {
	dbtest.ForEach(t, func(t *testing.T, database string) { test(t, dbtest.Open(t, database, store.Options{}).Settings()) })
}

func newService(store settings.Store, key *secret.Key) *settings.Service {
	return settings.NewService(store, key.Sealer(settings.SealerPurpose), nil)
}

// readAuthToken calls AuthToken, which must return a token of 32 characters, or of length.
func readAuthToken(t *testing.T, s *settings.Service, want settings.Origin, length ...int) string {
	t.Helper()
	token, origin, err := s.AuthToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if origin != want {
		t.Errorf("AuthToken() origin = %v, want %v", origin, want)
	}
	if length = append(length, 32); len(token) != length[0] {
		t.Errorf("AuthToken() has %d characters, want %d", len(token), length[0])
	}
	return token
}

func TestService_AuthToken(t *testing.T) {
	forEachStore(t, func(t *testing.T, store settings.Store) {
		key := secret.NewKey()
		s := newService(store, key)
		if _, err := s.StoredAuthToken(t.Context()); !errors.Is(err, settings.ErrNotSet) {
			t.Errorf("StoredAuthToken() without a token = %v, want ErrNotSet", err)
		}
		first := readAuthToken(t, s, settings.OriginGenerated)
		if again := readAuthToken(t, newService(store, key), settings.OriginStored); again != first {
			t.Error("AuthToken() returns another token the second time")
		}
		sealed, err := store.Setting(t.Context(), "auth-token")
		if err != nil {
			t.Fatal(err)
		}
		if sealed == first {
			t.Error("the token is stored unsealed")
		}

		rotated, err := s.RotateAuthToken(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if rotated.Current == first {
			t.Error("RotateAuthToken() returns the old token")
		}
		if stored := readAuthToken(t, s, settings.OriginStored); stored != rotated.Current {
			t.Error("AuthToken() does not return the rotated token")
		}
	})
}

func TestService_AuthToken_LostSecretFile(t *testing.T) {
	store := openStore(t)
	before := readAuthToken(t, newService(store, secret.NewKey()), settings.OriginGenerated)
	s := newService(store, secret.NewKey())
	if _, err := s.StoredAuthToken(t.Context()); !errors.Is(err, settings.ErrWrongKey) {
		t.Errorf("StoredAuthToken() = %v, want ErrSealed", err)
	}
	after := readAuthToken(t, s, settings.OriginLost)
	if after == before {
		t.Error("AuthToken() returns the lost token")
	}
	if stored := readAuthToken(t, s, settings.OriginStored); stored != after {
		t.Error("AuthToken() does not return the new token again")
	}
	if _, err := newService(store, secret.NewKey()).RotateAuthToken(t.Context()); err != nil {
		t.Errorf("RotateAuthToken() with a lost secret file = %v", err)
	}
}

func TestService_AuthToken_Concurrent(t *testing.T) {
	forEachStore(t, func(t *testing.T, store settings.Store) {
		key := secret.NewKey()
		tokens := make([]string, 8)
		var all sync.WaitGroup
		for i := range tokens {
			all.Go(func() {
				token, _, err := newService(store, key).AuthToken(t.Context())
				if err != nil {
					t.Error(err)
				}
				tokens[i] = token
			})
		}
		all.Wait()
		for _, token := range tokens {
			if token != tokens[0] {
				t.Fatalf("concurrent AuthToken() calls return %v", tokens)
			}
		}
	})
}

func TestStore_ReplaceSetting(t *testing.T) {
	forEachStore(t, func(t *testing.T, store settings.Store) {
		replace := func(old, value string, want bool) {
			t.Helper()
			got, err := store.ReplaceSetting(t.Context(), "color", old, value)
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("ReplaceSetting(%q, %q) = %v, want %v", old, value, got, want)
			}
		}
		replace("red", "blue", false)
		if _, err := store.Setting(t.Context(), "color"); !errors.Is(err, settings.ErrNotSet) {
			t.Errorf("Setting() = %v, want ErrNotSet", err)
		}
		replace("", "red", true)
		replace("", "green", false)
		replace("green", "blue", false)
		replace("red", "blue", true)
		if got, err := store.Setting(t.Context(), "color"); got != "blue" || err != nil {
			t.Errorf("Setting() = %q, %v, want blue", got, err)
		}
	})
}
