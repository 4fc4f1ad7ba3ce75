package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

func signInPasswordsCommand() command {
	return command{
		name: "signin passwords", args: "on|off|show", minArgs: 1, maxArgs: 1,
		summary: "let people sign in with passwords beside the identity provider, or not",
		about: `
With passwords off, the identity provider is the only way in, while serve has one
(--oidc-issuer). This is the way back when the provider is down: a running serve
takes it at once. Somebody without a password gets one with clientele user password.

When the secret file is lost, so is what was decided about signing in: passwords on
--reset begins anew, with what holds at first.`,
		setup: func(f *flags) action {
			database, secretFile := f.database(), f.secretFile()
			reset := f.Bool("reset", false, "with on: forget all that was decided about signing in with a provider")
			return func(ctx context.Context, std streams, args []string) (err error) {
				switch args[0] {
				case "on", "off", "show":
				default:
					return usageErrorf("%q: it is on, off or show", args[0])
				}
				if *reset && args[0] != "on" {
					return usageErrorf("--reset goes with on")
				}
				db, err := openExisting(ctx, *database)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, db.Close()) }()
				return switchPasswords(ctx, std, db, secretFileFor(*secretFile, *database), args[0], *reset)
			}
		},
	}
}

func switchPasswords(ctx context.Context, std streams, db *sqlite.DB, file, to string, reset bool) error {
	// What is there must not be forgotten because the wrong file was named, nor a new
	// file be left behind.
	if kept, err := settings.HasSignIn(ctx, db.Settings()); err != nil {
		return err
	} else if _, err := os.Stat(file); kept && !reset && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no secret file %s, with which %s", file, sealedSignIn)
	}
	s, err := openSettings(std, db, file)
	if err != nil {
		return err
	}
	now, err := s.SignIn(ctx)
	switch {
	case errors.Is(err, settings.ErrSealed) && !reset:
		return fmt.Errorf("secret file %s is not the one with which %s", file, sealedSignIn)
	case err != nil && !errors.Is(err, settings.ErrSealed):
		return err
	case to == "show":
		_, err := fmt.Fprintln(std.out, onOrOff(!now.PasswordsOff))
		return err
	case reset:
		err = s.SaveSignIn(ctx, settings.SignIn{})
	default:
		_, err = s.SetPasswordsOff(ctx, to == "off")
	}
	if err != nil {
		return err
	}
	if to == "on" {
		fmt.Fprintln(std.err, "People can sign in with their passwords.")
	} else {
		fmt.Fprintln(std.err, "Passwords are off: while serve has an identity provider, it is the only way in. Who is signed in stays so.")
	}
	return audited(ctx, db, audit.Entry{Action: audit.SettingChanged, Subject: subjectSignIn, Detail: "passwords switched " + to})
}

// subjectSignIn is what the audit calls the setting, as the console does.
const subjectSignIn = "sign-in"

// sealedSignIn ends the sentence about a secret file that is not the right one.
const sealedSignIn = "what is decided about signing in was sealed: name the right one with --secret-file. " +
	"If it is lost, begin anew with clientele signin passwords on --reset"

func onOrOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
