package settings_test

import (
	"errors"
	"testing"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

func readMasked(t *testing.T, s *settings.Service) bool {
	t.Helper()
	on, err := s.Masked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return on
}

func setMasked(t *testing.T, s *settings.Service, on, change bool) {
	t.Helper()
	changed, err := s.SetMasked(t.Context(), on)
	if err != nil {
		t.Fatal(err)
	}
	if changed != change {
		t.Errorf("SetMasked(%v) = %v, want %v", on, changed, change)
	}
	if readMasked(t, s) != on {
		t.Errorf("Masked() after SetMasked(%v) = %v", on, !on)
	}
}

func TestService_SetMasked(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	s := newService(store, key)
	if readMasked(t, s) {
		t.Error("Masked() = true by default")
	}
	setMasked(t, s, false, false)
	if _, err := store.Setting(t.Context(), "masking"); !errors.Is(err, settings.ErrNotSet) {
		t.Errorf("Setting() after SetMasked(false) = %v, want ErrNotSet", err)
	}
	setMasked(t, s, true, true)
	setMasked(t, newService(store, key), true, false)
	if sealed, err := store.Setting(t.Context(), "masking"); err != nil || sealed == "on" {
		t.Errorf("Setting() = %q, %v, want it sealed", sealed, err)
	}
	setMasked(t, s, false, true)
}

func TestService_Masked_LostSecretFile(t *testing.T) {
	store := openStore(t)
	setMasked(t, newService(store, secret.NewKey()), true, true)
	s := newService(store, secret.NewKey())
	if !readMasked(t, s) {
		t.Error("Masked() = false with a lost secret file")
	}
	setMasked(t, s, true, false) // seals it with the new key
	setMasked(t, s, false, true)

	store = openStore(t)
	setMasked(t, newService(store, secret.NewKey()), true, true)
	setMasked(t, newService(store, secret.NewKey()), false, true)
}

func TestService_Masked_StoreUnavailable(t *testing.T) {
	s := newService(failingStore{}, secret.NewKey())
	if _, err := s.Masked(t.Context()); !errors.Is(err, settings.ErrUnavailable) {
		t.Errorf("Masked() = %v, want ErrUnavailable", err)
	}
	if changed, err := s.SetMasked(t.Context(), true); changed || !errors.Is(err, settings.ErrUnavailable) {
		t.Errorf("SetMasked() = %v, %v, want ErrUnavailable", changed, err)
	}
}
