package settings_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

func TestService_SaveSignIn(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	s := newService(store, key)
	if has, err := settings.HasSignIn(t.Context(), store); has || err != nil {
		t.Errorf("HasSignIn() at first = %v, %v", has, err)
	}
	if got, err := s.SignIn(t.Context()); err != nil || got != (settings.SignIn{Claim: "email"}) {
		t.Errorf("SignIn() at first = %+v, %v", got, err)
	}
	all := settings.SignIn{Claim: "upn", RoleClaim: "realm_access.roles", AdminValue: "crm admins", Provision: true, PasswordsOff: true}
	for _, c := range []struct{ save, want settings.SignIn }{
		{all, all},
		{all, all},
		{settings.SignIn{}, settings.SignIn{Claim: "email"}},
		{settings.SignIn{SessionIdleDays: 1, SessionMaxDays: 365}, settings.SignIn{Claim: "email", SessionIdleDays: 1, SessionMaxDays: 365}},
		{settings.SignIn{Claim: "https://example.com/worker"}, settings.SignIn{Claim: "https://example.com/worker"}},
	} {
		if err := s.SaveSignIn(t.Context(), c.save); err != nil {
			t.Fatal(err)
		}
		if got, err := newService(store, key).SignIn(t.Context()); err != nil || got != c.want {
			t.Errorf("SignIn() = %+v, %v, want %+v", got, err, c.want)
		}
	}
	if has, err := settings.HasSignIn(t.Context(), store); !has || err != nil {
		t.Errorf("HasSignIn() = %v, %v, want true", has, err)
	}
}

func TestService_SaveSignIn_RefusesInvalidValues(t *testing.T) {
	s := newService(openStore(t), secret.NewKey())
	stored := settings.SignIn{Claim: "upn", RoleClaim: "roles", AdminValue: "boss"}
	if err := s.SaveSignIn(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	for name, next := range map[string]settings.SignIn{
		"a claim of dots":                 {Claim: "."},
		"an empty name within":            {Claim: "a..b"},
		"a dot at the end":                {Claim: "a."},
		"a dot at the beginning of roles": {RoleClaim: ".a", AdminValue: "x"},
		"a line break":                    {Claim: "a\nb"},
		"bytes":                           {Claim: "\xff"},
		"a blank at the end":              {Claim: "email "},
		"very long":                       {Claim: strings.Repeat("x", 201)},
		"a role without a value":          {RoleClaim: "roles"},
		"a value without a role":          {AdminValue: "boss"},
		"a negative lifetime":             {SessionIdleDays: -1},
		"a lifetime of years":             {SessionMaxDays: 366},
		"idle for longer than it lasts":   {SessionMaxDays: 29},
		"a very long value":               {RoleClaim: "roles", AdminValue: strings.Repeat("x", 201)},
	} {
		var invalid *settings.InvalidError
		if err := s.SaveSignIn(t.Context(), next); !errors.As(err, &invalid) {
			t.Errorf("SaveSignIn(%s) = %v, want an InvalidError", name, err)
		}
	}
	if got, err := s.SignIn(t.Context()); err != nil || got != stored {
		t.Errorf("SignIn() after refused changes = %+v, %v", got, err)
	}
}

func TestService_SetPasswordsOff(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	s := newService(store, key)
	if err := s.SaveSignIn(t.Context(), settings.SignIn{Claim: "upn", Provision: true}); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ off, changed bool }{{true, true}, {true, false}, {false, true}} {
		changed, err := s.SetPasswordsOff(t.Context(), c.off)
		if err != nil || changed != c.changed {
			t.Errorf("SetPasswordsOff(%v), call %d = %v, %v, want %v", c.off, i, changed, err, c.changed)
		}
		want := settings.SignIn{Claim: "upn", Provision: true, PasswordsOff: c.off}
		if got, err := s.SignIn(t.Context()); err != nil || got != want {
			t.Errorf("SignIn() after call %d = %+v, %v, want %+v", i, got, err, want)
		}
	}
	// With the secret file lost, the settings cannot be read, but set again.
	lost := newService(store, secret.NewKey())
	if _, err := lost.SignIn(t.Context()); !errors.Is(err, settings.ErrWrongKey) {
		t.Errorf("SignIn() with a lost secret file = %v, want ErrSealed", err)
	}
	if err := lost.SaveSignIn(t.Context(), settings.SignIn{}); err != nil {
		t.Error(err)
	}
	if got, err := lost.SignIn(t.Context()); err != nil || got != (settings.SignIn{Claim: "email"}) {
		t.Errorf("SignIn() = %+v, %v, want the defaults", got, err)
	}
}

func TestService_SetSessionDays(t *testing.T) {
	s := newService(openStore(t), secret.NewKey())
	if err := s.SaveSignIn(t.Context(), settings.SignIn{Claim: "upn", PasswordsOff: true}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		idle, longest         int
		changed, refused      bool
		wantIdle, wantLongest int
	}{
		{0, 0, false, false, 30, 90},
		{7, 0, true, false, 7, 90},
		{7, 0, false, false, 7, 90},
		{0, 6, false, true, 7, 90},
		{5, 5, true, false, 5, 5},
		{-3, 0, false, true, 5, 5},
	} {
		changed, err := s.SetSessionDays(t.Context(), c.idle, c.longest)
		var invalid *settings.InvalidError
		if changed != c.changed || errors.As(err, &invalid) != c.refused || err != nil && !c.refused {
			t.Errorf("SetSessionDays(%d, %d) = %v, %v, want %v, refused: %v", c.idle, c.longest, changed, err, c.changed, c.refused)
		}
		got, err := s.SignIn(t.Context())
		if idle, longest := got.SessionDays(); err != nil || idle != c.wantIdle || longest != c.wantLongest || got.Claim != "upn" || !got.PasswordsOff {
			t.Errorf("SignIn() after SetSessionDays(%d, %d) = %+v, %v, want %d and %d days", c.idle, c.longest, got, err, c.wantIdle, c.wantLongest)
		}
	}
}
