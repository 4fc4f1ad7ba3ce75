package settings_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

func TestHowPeopleSignInIsKeptSealed(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	s := with(store, key)
	if has, err := settings.HasSignIn(t.Context(), store); has || err != nil {
		t.Errorf("at first something is decided: %v", err)
	}
	if got, err := s.SignIn(t.Context()); err != nil || got != (settings.SignIn{Claim: "email"}) {
		t.Errorf("at first: %+v, %v", got, err)
	}
	all := settings.SignIn{Claim: "upn", RoleClaim: "realm_access.roles", AdminValue: "crm admins", Provision: true, PasswordsOff: true}
	for _, c := range []struct{ save, want settings.SignIn }{
		{all, all},
		{all, all},
		{settings.SignIn{}, settings.SignIn{Claim: "email"}},
		{settings.SignIn{Claim: "https://example.com/worker"}, settings.SignIn{Claim: "https://example.com/worker"}},
	} {
		if err := s.SaveSignIn(t.Context(), c.save); err != nil {
			t.Fatal(err)
		}
		if got, err := with(store, key).SignIn(t.Context()); err != nil || got != c.want {
			t.Errorf("kept %+v, %v; want %+v", got, err, c.want)
		}
	}
	if has, err := settings.HasSignIn(t.Context(), store); !has || err != nil {
		t.Errorf("nothing is decided: %v", err)
	}
}

func TestSignInSettingsThatMakeNoSenseAreRefused(t *testing.T) {
	s := with(openStore(t), secret.NewKey())
	kept := settings.SignIn{Claim: "upn", RoleClaim: "roles", AdminValue: "boss"}
	if err := s.SaveSignIn(t.Context(), kept); err != nil {
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
		"a very long value":               {RoleClaim: "roles", AdminValue: strings.Repeat("x", 201)},
	} {
		var invalid *settings.InvalidError
		if err := s.SaveSignIn(t.Context(), next); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := s.SignIn(t.Context()); err != nil || got != kept {
		t.Errorf("a refused change left %+v, %v", got, err)
	}
}

func TestPasswordsAreSwitchedAlone(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	s := with(store, key)
	if err := s.SaveSignIn(t.Context(), settings.SignIn{Claim: "upn", Provision: true}); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ off, changed bool }{{true, true}, {true, false}, {false, true}} {
		changed, err := s.SetPasswordsOff(t.Context(), c.off)
		if err != nil || changed != c.changed {
			t.Errorf("switch %d: changed %v, %v", i, changed, err)
		}
		want := settings.SignIn{Claim: "upn", Provision: true, PasswordsOff: c.off}
		if got, err := s.SignIn(t.Context()); err != nil || got != want {
			t.Errorf("switch %d left %+v, %v", i, got, err)
		}
	}
	// With the secret file lost, nothing can be read, and all can be decided anew.
	lost := with(store, secret.NewKey())
	if _, err := lost.SignIn(t.Context()); !errors.Is(err, settings.ErrSealed) {
		t.Errorf("with another secret file: %v", err)
	}
	if err := lost.SaveSignIn(t.Context(), settings.SignIn{}); err != nil {
		t.Error(err)
	}
	if got, err := lost.SignIn(t.Context()); err != nil || got != (settings.SignIn{Claim: "email"}) {
		t.Errorf("decided anew: %+v, %v", got, err)
	}
}
