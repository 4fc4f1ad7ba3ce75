package server

import (
	"context"
	"testing"

	"github.com/clientele-project/clientele/internal/audit"
)

func TestAuditor_DropsMistypedPasswords(t *testing.T) {
	a := auditor{
		ownID: func(worker, id string) string { return worker + "'s " + id },
		known: func(_ context.Context, identity string) bool { return identity == "ada" },
	}
	for name, c := range map[string]struct {
		action        audit.Action
		subject, want string
	}{
		"a known identity":              {audit.SignInFailed, "ada", "ada"},
		"unknown, an email address":     {audit.SignInFailed, "mallory@example.com", "mallory@example.com"},
		"unknown":                       {audit.SignInFailed, "correct horse", ""},
		"an address but for its end":    {audit.SignInFailed, "tr@vel.2024", ""},
		"an address but for a letter":   {audit.SignInFailed, "a@b.c", ""},
		"an address but for its middle": {audit.SignInFailed, "a@.com", ""},
		"an address in other letters":   {audit.SignInFailed, "دينا@مثال.امارات", "دينا@مثال.امارات"},
		"an @ alone":                    {audit.SignInFailed, "p@ssword", ""},
		"an @ at the beginning":         {audit.SignInFailed, "@example.com", ""},
		"blanks around an @":            {audit.SignInFailed, "pass @ word.1", ""},
		"nothing":                       {audit.SignInFailed, "", ""},
		"a session":                     {audit.SessionEnded, "correct horse", "correct horse"},
		"a refused customer":            {audit.Denied, "~handle", "bob's ~handle"},
		"another refusal":               {audit.Denied, "", ""},
		"a view":                        {audit.Viewed, "~handle", "~handle"},
	} {
		e := audit.Entry{Action: c.action, Actor: "bob", Subject: c.subject, Detail: "password", Address: "::1"}
		want := e
		want.Subject = c.want
		if got := a.adjust(t.Context(), e); got != want {
			t.Errorf("adjust, %s = %+v, want %+v", name, got, want)
		}
	}
}
