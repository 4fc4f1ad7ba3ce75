package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

func tokenShowCommand() command {
	return tokenCommand("token show", "print the token that signs callbacks", `
The token is made when there is none yet. A token given to serve with --auth-token
wins over this one and is not kept.`,
		func(ctx context.Context, std streams, s *settings.Service) (string, error) {
			token, origin, err := s.AuthToken(ctx)
			if err == nil && origin == settings.Lost {
				fmt.Fprintln(std.err, lostToken)
			}
			return token, err
		})
}

func tokenRotateCommand() command {
	return tokenCommand("token rotate", "make a new token that signs callbacks, and print it", `
A running serve takes the new token within ten seconds and refuses the old one
from then on: give the new one to those who call it at the same time.`,
		func(ctx context.Context, std streams, s *settings.Service) (string, error) {
			token, err := s.RotateAuthToken(ctx)
			if err == nil {
				fmt.Fprintln(std.err, "A running serve takes this token within ten seconds. Give it to those who call the callback.")
			}
			return token, err
		})
}

// lostToken says what the loss of the secret file means.
const lostToken = "The signing token in the database was sealed with another secret file, which is lost or was exchanged. " +
	"A new token was made: give it to those who call the callback (clientele token show). Customers and people are unharmed."

func tokenCommand(name, summary, about string, do func(context.Context, streams, *settings.Service) (string, error)) command {
	return command{
		name: name, summary: summary, about: about,
		setup: func(f *flags) action {
			database, secretFile := f.database(), f.secretFile()
			return func(ctx context.Context, std streams, _ []string) (err error) {
				db, err := openExisting(ctx, *database)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, db.Close()) }()
				file := secretFileFor(*secretFile, *database)
				key, created, err := secret.Load(file)
				if err != nil {
					return err
				}
				if created {
					fmt.Fprintf(std.err, "The secret file %s was made.\n", file)
				}
				token, err := do(ctx, std, settingsOf(db, key))
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(std.out, token)
				return err
			}
		},
	}
}
