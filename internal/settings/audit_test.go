package settings_test

import (
	"errors"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

func TestService_SaveAuditRules(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	s := newService(store, key)
	if got, err := s.AuditRules(t.Context()); err != nil || got != settings.DefaultAuditRules() {
		t.Errorf("AuditRules() at first = %+v, %v", got, err)
	}
	want := settings.AuditRules{KeepDays: 90, Views: 20, Within: 5 * time.Minute}
	for range 2 { // the same again changes nothing
		if err := s.SaveAuditRules(t.Context(), want); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.AuditRules(t.Context()); err != nil || got != want {
		t.Errorf("AuditRules() = %+v, %v, want %+v", got, err, want)
	}

	// With another key, how long to keep entries is unknown, and must not look like a default.
	other := newService(store, secret.NewKey())
	if got, err := other.AuditRules(t.Context()); !errors.Is(err, settings.ErrWrongKey) {
		t.Errorf("AuditRules() with a lost secret file = %+v, %v, want ErrSealed", got, err)
	}
	if err := other.SaveAuditRules(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := other.AuditRules(t.Context()); err != nil || got != want {
		t.Errorf("AuditRules() after SaveAuditRules = %+v, %v", got, err)
	}
}

func TestService_SaveAuditRules_RefusesInvalidRules(t *testing.T) {
	s := newService(openStore(t), secret.NewKey())
	for name, c := range map[string]struct {
		rules settings.AuditRules
		ok    bool
	}{
		"the shortest":             {settings.AuditRules{KeepDays: 30, Views: 5, Within: time.Minute}, true},
		"the longest":              {settings.AuditRules{KeepDays: 3650, Views: 500, Within: 24 * time.Hour}, true},
		"nothing decided":          {settings.AuditRules{}, false},
		"29 days":                  {settings.AuditRules{KeepDays: 29, Views: 60, Within: time.Hour}, false},
		"3651 days":                {settings.AuditRules{KeepDays: 3651, Views: 60, Within: time.Hour}, false},
		"negative days":            {settings.AuditRules{KeepDays: -365, Views: 60, Within: time.Hour}, false},
		"four views":               {settings.AuditRules{KeepDays: 365, Views: 4, Within: time.Hour}, false},
		"501 views":                {settings.AuditRules{KeepDays: 365, Views: 501, Within: time.Hour}, false},
		"59 seconds":               {settings.AuditRules{KeepDays: 365, Views: 60, Within: 59 * time.Second}, false},
		"a minute and a half":      {settings.AuditRules{KeepDays: 365, Views: 60, Within: 90 * time.Second}, false},
		"a minute more than a day": {settings.AuditRules{KeepDays: 365, Views: 60, Within: 24*time.Hour + time.Minute}, false},
	} {
		err := s.SaveAuditRules(t.Context(), c.rules)
		var invalid *settings.InvalidError
		if c.ok != (err == nil) || !c.ok && !errors.As(err, &invalid) {
			t.Errorf("SaveAuditRules(%s) = %v, want success %v", name, err, c.ok)
		}
		if got, gerr := s.AuditRules(t.Context()); gerr != nil || c.ok != (got == c.rules) {
			t.Errorf("AuditRules() after %s = %+v, %v", name, got, gerr)
		}
	}
}

func TestService_AuditRules_RefusesStoredNonsense(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	sealed := key.Sealer(settings.SealerPurpose).Seal([]byte(`{}`), "audit")
	if ok, err := store.ReplaceSetting(t.Context(), "audit", "", sealed); err != nil || !ok {
		t.Fatalf("ReplaceSetting = %v, %v", ok, err)
	}
	if got, err := newService(store, key).AuditRules(t.Context()); err == nil {
		t.Errorf("AuditRules() of a stored {} = %+v, want an error", got)
	}
}
