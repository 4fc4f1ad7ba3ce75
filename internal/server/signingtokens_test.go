package server

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/settings"
)

func TestSigningTokens_OldTokenNotForNewService(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, d *testSettings)
		signs  bool
	}{
		"the token alone is replaced": {func(t *testing.T, d *testSettings) {
			d.set(t, "https://theirs.example")
			time.Sleep(time.Minute)
			rotate(t, d)
		}, true},
		"then the URL": {func(t *testing.T, d *testSettings) {
			d.set(t, "https://theirs.example")
			time.Sleep(time.Minute)
			rotate(t, d)
			time.Sleep(time.Minute)
			d.set(t, "https://another.example")
		}, false},
		"both together": {func(t *testing.T, d *testSettings) {
			d.set(t, "https://theirs.example")
			time.Sleep(time.Minute)
			if _, _, err := d.settings.SaveCallbacks(t.Context(), func(k *settings.Callbacks) {
				k.CRM, k.WithToken = "https://another.example", true
			}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
			rotate(t, d)
		}, false},
		"both together, and the token again on another day": {func(t *testing.T, d *testSettings) {
			if _, _, err := d.settings.SaveCallbacks(t.Context(), func(k *settings.Callbacks) {
				k.CRM, k.WithToken = "https://another.example", true
			}); err != nil {
				t.Fatal(err)
			}
			rotate(t, d)
			time.Sleep(48 * time.Hour)
			rotate(t, d)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newTestSettings(t)
				if err := d.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				defer d.close()
				c.change(t, d)
				if err := d.reload(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := d.tokens.previousForService() != ""; got != c.signs {
					t.Errorf("previousForService() has the old token: %v, want %v", got, c.signs)
				}
				if d.tokens.previous() == "" {
					t.Error("previous() has no old token")
				}
			})
		})
	}
}

// rotate replaces the signing token.
func rotate(t *testing.T, d *testSettings) {
	t.Helper()
	if _, err := d.settings.RotateAuthToken(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestLiveSettings_FollowsTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestSettings(t)
		if err := d.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer d.close()
		reload := func() error { return d.reload(t.Context()) }
		first := d.tokens.signing()
		fresh, err := d.settings.RotateAuthToken(t.Context())
		if err != nil || reload() != nil {
			t.Fatal(err)
		}
		if got := d.tokens.all(); !slices.Equal(got, []string{fresh.Current, first}) {
			t.Errorf("all() in the grace period has %d tokens, want the new one and the old one", len(got))
		}
		time.Sleep(settings.Grace)
		if err := reload(); err != nil {
			t.Fatal(err)
		}
		if got := d.tokens.all(); !slices.Equal(got, []string{fresh.Current}) {
			t.Errorf("all() after the grace period has %d tokens, want only the new one", len(got))
		}
		d.store.breakWith(settings.ErrUnavailable)
		if err := reload(); !errors.Is(err, settings.ErrUnavailable) {
			t.Errorf("reload with a broken store: %v, want %v", err, settings.ErrUnavailable)
		}
		if d.tokens.signing() != fresh.Current || servedBy(t, &d.crm) != "built-in" {
			t.Error("reload with a broken store changed the token or the CRM")
		}
	})
}

func TestLiveSettings_FlagWinsOverStoredToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestSettings(t)
		d.fixedToken = "of the flag"
		if err := d.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer d.close()
		if _, err := d.settings.SetAuthToken(t.Context(), "of-the-console"); err != nil {
			t.Fatal(err)
		}
		if err := d.reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := d.tokens.all(); !slices.Equal(got, []string{"of the flag"}) {
			t.Errorf("all() = %q, want only the token of the flag", got)
		}
	})
}
