package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
)

func signInPasswordsCommand() command {
	return command{
		name: "signin passwords", args: "on|off|show", minArgs: 1, maxArgs: 1,
		summary: "allow or refuse passwords when there is an identity provider",
		about: `
With passwords off, people can sign in with the identity provider only, while serve has
one (--oidc-issuer). Turn them on again when the provider is down: a running serve
applies it immediately. Set a password with clientele user password.

If the secret file is lost, so are the sign-in settings: passwords on --reset restores
the defaults.`,
		setup: func(f *flags) action {
			database, secretFile := f.database(), f.secretFile()
			reset := f.Bool("reset", false, "with on: restore the defaults of all sign-in settings")
			return func(ctx context.Context, std streams, args []string) error {
				switch args[0] {
				case "on", "off", "show":
				default:
					return usageErrorf("%q: use on, off or show", args[0])
				}
				if *reset && args[0] != "on" {
					return usageErrorf("--reset works only with on")
				}
				return withDatabase(ctx, *database, func(db *store.DB) error {
					return switchPasswords(ctx, std, db, secretFileFor(*secretFile, *database), args[0], *reset)
				})
			}
		},
	}
}

func switchPasswords(ctx context.Context, std streams, db *store.DB, file, to string, reset bool) error {
	// A wrong file name must not lose the settings or leave a new file behind.
	if stored, err := settings.HasSignIn(ctx, db.Settings()); err != nil {
		return err
	} else if stored && !reset && isMissing(file) {
		return fmt.Errorf("secret file %s does not exist: %s", file, sealedSignIn)
	}
	s, err := openSettings(ctx, std, db, file)
	if err != nil {
		return err
	}
	now, err := s.SignIn(ctx)
	switch {
	case errors.Is(err, settings.ErrWrongKey) && !reset:
		return fmt.Errorf("secret file %s is the wrong one: %s", file, sealedSignIn)
	case err != nil && !errors.Is(err, settings.ErrWrongKey):
		return err
	case to == "show":
		_, err := fmt.Fprintln(std.out, onOrOff(!now.PasswordsOff))
		return err
	}
	params, message := audit.PasswordsOff, "Passwords are off: while serve has an identity provider, people sign in with it only. Existing sessions continue."
	if to == "on" {
		params, message = audit.PasswordsOn, "People can sign in with their passwords."
	}
	err = act(ctx, db, audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectSignIn, Params: params}, func(ctx context.Context) (bool, error) {
		if reset {
			return true, s.SaveSignIn(ctx, settings.SignIn{})
		}
		return s.SetPasswordsOff(ctx, to == "off")
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(std.err, message)
	return nil
}

// sealedSignIn says what to do about a wrong secret file.
const sealedSignIn = "the sign-in settings were encrypted with a different secret file. Name it with --secret-file. " +
	"If it is lost, restore the defaults with clientele signin passwords on --reset"

func onOrOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
