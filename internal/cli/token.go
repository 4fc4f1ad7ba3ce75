package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
)

func tokenShowCommand() command {
	return tokenCommand("token show", "print the token that signs callbacks", `
Generates the token if there is none. A token given to serve with --auth-token takes
precedence over this one and is not stored.`,
		func(ctx context.Context, std streams, db *store.DB, file string) (string, error) {
			// Showing the token must not replace it, nor leave a new secret file that
			// cannot open it.
			if stored, err := settings.HasAuthToken(ctx, db.Settings()); err != nil {
				return "", err
			} else if stored && isMissing(file) {
				return "", fmt.Errorf("secret file %s does not exist: %s", file, sealedToken)
			}
			s, err := openSettings(ctx, std, db, file)
			if err != nil {
				return "", err
			}
			token, err := s.StoredAuthToken(ctx)
			switch {
			case errors.Is(err, settings.ErrNotSet):
				token, _, err = s.AuthToken(ctx)
			case errors.Is(err, settings.ErrWrongKey):
				err = fmt.Errorf("secret file %s is the wrong one: %s", file, sealedToken)
			}
			return token, err
		})
}

// sealedToken says what to do about a wrong secret file.
const sealedToken = "the token was encrypted with a different secret file. Name it with --secret-file. " +
	"If it is lost, generate a new token with clientele token rotate"

func tokenRotateCommand() command {
	var endNow *bool
	c := tokenCommand("token rotate", "generate a new token that signs callbacks, and print it", `
A running serve uses the new token within a second. The old one still verifies for a
day, so that callers have time to change; with --now it is refused immediately. Name the
secret file that serve uses if it is not the one next to the database.`,
		func(ctx context.Context, std streams, db *store.DB, file string) (string, error) {
			s, err := openSettings(ctx, std, db, file)
			if err != nil {
				return "", err
			}
			var tokens settings.Tokens
			err = act(ctx, db, audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectToken, Params: audit.TokenRotated}, func(ctx context.Context) (_ bool, err error) {
				if tokens, err = s.RotateAuthToken(ctx); err != nil || !*endNow {
					return true, err
				}
				tokens.Previous = ""
				return true, s.EndGrace(ctx)
			})
			if err != nil {
				return "", err
			}
			fmt.Fprintln(std.err, afterRotation(tokens))
			return tokens.Current, nil
		})
	setup := c.setup
	c.setup = func(f *flags) action {
		endNow = f.Bool("now", false, "refuse the old token immediately")
		return setup(f)
	}
	return c
}

// afterRotation says what to do with the new token, and by when.
func afterRotation(t settings.Tokens) string {
	const message = "A running serve uses this token within a second. Give it to the callers of the callback"
	if t.Previous == "" {
		return message + " at the same time: the old one is refused."
	}
	return message + ": the old one still verifies until " + t.PreviousUntil.Local().Format("2006-01-02 15:04 MST") + "."
}

func tokenCommand(name, summary, about string, do func(ctx context.Context, std streams, db *store.DB, secretFile string) (string, error)) command {
	return command{
		name: name, summary: summary, about: about,
		setup: func(f *flags) action {
			database, secretFile := f.database(), f.secretFile()
			return func(ctx context.Context, std streams, _ []string) error {
				return withDatabase(ctx, *database, func(db *store.DB) error {
					token, err := do(ctx, std, db, secretFileFor(*secretFile, *database))
					if err != nil {
						return err
					}
					_, err = fmt.Fprintln(std.out, token)
					return err
				})
			}
		},
	}
}
