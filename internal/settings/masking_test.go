package settings_test

import (
	"context"
	"errors"
	"testing"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

func masked(t *testing.T, s *settings.Service) bool {
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
		t.Errorf("set to %v: changed is %v", on, changed)
	}
	if masked(t, s) != on {
		t.Errorf("set to %v, it is not", on)
	}
}

func TestNumbersAreShownUntilSomebodyHidesThem(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	s := with(store, key)
	if masked(t, s) {
		t.Error("hidden though nobody asked for it")
	}
	setMasked(t, s, false, false)
	if _, err := store.Setting(t.Context(), "masking"); !errors.Is(err, settings.ErrNotSet) {
		t.Errorf("what changes nothing is written: %v", err)
	}
	setMasked(t, s, true, true)
	setMasked(t, with(store, key), true, false)
	if sealed, err := store.Setting(t.Context(), "masking"); err != nil || sealed == "on" {
		t.Errorf("kept as %q, %v", sealed, err)
	}
	setMasked(t, s, false, true)
}

func TestALostSecretFileHidesNumbers(t *testing.T) {
	store := openStore(t)
	setMasked(t, with(store, secret.NewKey()), true, true)
	s := with(store, secret.NewKey())
	if !masked(t, s) {
		t.Error("the loss of the secret file shows what was hidden")
	}
	setMasked(t, s, true, false) // and from now on it can be read
	setMasked(t, s, false, true)

	store = openStore(t)
	setMasked(t, with(store, secret.NewKey()), true, true)
	setMasked(t, with(store, secret.NewKey()), false, true)
}

func TestMaskingThatCannotBeReadIsAnError(t *testing.T) {
	s := with(brokenStore{}, secret.NewKey())
	if _, err := s.Masked(t.Context()); !errors.Is(err, settings.ErrUnavailable) {
		t.Errorf("Masked: %v", err)
	}
	if changed, err := s.SetMasked(t.Context(), true); changed || !errors.Is(err, settings.ErrUnavailable) {
		t.Errorf("SetMasked: %v, %v", changed, err)
	}
}

// brokenStore answers nothing.
type brokenStore struct{}

func (brokenStore) Setting(context.Context, string) (string, error) {
	return "", settings.ErrUnavailable
}
func (brokenStore) ReplaceSetting(context.Context, string, string, string) (bool, error) {
	return false, settings.ErrUnavailable
}
