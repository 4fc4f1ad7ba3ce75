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
		"somebody's identity":              {audit.SignInFailed, "ada", "ada"},
		"nobody's, like an e-mail address": {audit.SignInFailed, "mallory@example.com", "mallory@example.com"},
		"nobody's":                         {audit.SignInFailed, "correct horse", ""},
		"like one, but for its end":        {audit.SignInFailed, "tr@vel.2024", ""},
		"like one, but for a letter":       {audit.SignInFailed, "a@b.c", ""},
		"like one, but for its middle":     {audit.SignInFailed, "a@.com", ""},
		"in other letters":                 {audit.SignInFailed, "دينا@مثال.امارات", "دينا@مثال.امارات"},
		"an @ alone":                       {audit.SignInFailed, "p@ssword", ""},
		"an @ at the beginning":            {audit.SignInFailed, "@example.com", ""},
		"blanks around an @":               {audit.SignInFailed, "pass @ word.1", ""},
		"nothing":                          {audit.SignInFailed, "", ""},
		"of a session":                     {audit.SessionEnded, "correct horse", "correct horse"},
		"a customer who was refused":       {audit.Denied, "~handle", "bob's ~handle"},
		"something else that was refused":  {audit.Denied, "", ""},
		"a view comes by another way":      {audit.Viewed, "~handle", "~handle"},
	} {
		e := audit.Entry{Action: c.action, Actor: "bob", Subject: c.subject, Detail: "password", Address: "::1"}
		want := e
		want.Subject = c.want
		if got := a.adjust(t.Context(), e); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}
