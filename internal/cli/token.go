package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

func tokenShowCommand() command {
	return tokenCommand("token show", "print the token that signs callbacks", `
The token is made when there is none yet. A token given to serve with --auth-token
wins over this one and is not kept.`,
		func(ctx context.Context, std streams, db *sqlite.DB, file string) (string, error) {
			// To show must not change what callers sign with, nor leave a new secret
			// file beside a token that it cannot open.
			if kept, err := settings.HasAuthToken(ctx, db.Settings()); err != nil {
				return "", err
			} else if _, err := os.Stat(file); kept && errors.Is(err, fs.ErrNotExist) {
				return "", fmt.Errorf("there is no secret file %s, with which %s", file, sealedToken)
			}
			s, err := openSettings(std, db, file)
			if err != nil {
				return "", err
			}
			token, err := s.StoredAuthToken(ctx)
			switch {
			case errors.Is(err, settings.ErrNotSet):
				token, _, err = s.AuthToken(ctx)
			case errors.Is(err, settings.ErrSealed):
				err = fmt.Errorf("secret file %s is not the one with which %s", file, sealedToken)
			}
			return token, err
		})
}

// sealedToken ends the sentence about a secret file that is not the right one.
const sealedToken = "the token in the database was sealed: name the right one with --secret-file. " +
	"If it is lost, make a new token with clientele token rotate"

func tokenRotateCommand() command {
	var endNow *bool
	c := tokenCommand("token rotate", "make a new token that signs callbacks, and print it", `
A running serve takes the new token within five seconds. The old one goes on
verifying beside it for a day, so that those who call can change at their leisure;
with --now it is refused at once. Name the secret file that serve has, if it is
not the one beside the database.`,
		func(ctx context.Context, std streams, db *sqlite.DB, file string) (string, error) {
			s, err := openSettings(std, db, file)
			if err != nil {
				return "", err
			}
			tokens, err := s.RotateAuthToken(ctx)
			if err != nil {
				return "", err
			}
			if *endNow {
				if err := s.EndGrace(ctx); err != nil {
					return "", err
				}
				tokens.Previous = ""
			}
			fmt.Fprintln(std.err, afterRotation(tokens))
			return tokens.Current, audited(ctx, db, audit.Entry{Action: audit.SettingChanged, Subject: "signing token", Detail: "rotated"})
		})
	setup := c.setup
	c.setup = func(f *flags) action {
		endNow = f.Bool("now", false, "end the old token at once")
		return setup(f)
	}
	return c
}

// afterRotation says what to do with a new token, and by when.
func afterRotation(t settings.Tokens) string {
	said := "A running serve takes this token within five seconds. Give it to those who call the callback"
	if t.Previous == "" {
		return said + " at the same time: the old one verifies no more."
	}
	return said + ": the old one verifies too until " + t.PreviousUntil.Local().Format("2006-01-02 15:04 MST") + "."
}

// openSettings reads the secret file, making it when it does not exist.
func openSettings(std streams, db *sqlite.DB, file string) (*settings.Service, error) {
	key, created, err := secret.Load(file)
	if err != nil {
		return nil, err
	}
	if created {
		fmt.Fprintf(std.err, "The secret file %s was made.\n", file)
	}
	return settingsOf(db, key), nil
}

func tokenCommand(name, summary, about string, do func(ctx context.Context, std streams, db *sqlite.DB, secretFile string) (string, error)) command {
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
				token, err := do(ctx, std, db, secretFileFor(*secretFile, *database))
				if token != "" { // also when only the audit failed: it is the one now
					_, werr := fmt.Fprintln(std.out, token)
					err = errors.Join(err, werr)
				}
				return err
			}
		},
	}
}
