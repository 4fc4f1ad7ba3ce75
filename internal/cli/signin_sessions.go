package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
)

func signInSessionsCommand() command {
	return command{
		name: "signin sessions", summary: "show or change how long people stay signed in",
		about: `
A session ends when it was not used for --idle-days, and in any case after --max-days;
without flags, both are printed. A running serve applies a change within a second, to
everyone who is signed in, too. The console has the same fields at /console/signin.`,
		setup: func(f *flags) action {
			database, secretFile := f.database(), f.secretFile()
			idle := f.Int("idle-days", 0, fmt.Sprintf("end sessions not used for this `NUMBER` of days (default %d)", settings.DefaultSessionIdleDays))
			longest := f.Int("max-days", 0, fmt.Sprintf("end sessions after this `NUMBER` of days (default %d)", settings.DefaultSessionMaxDays))
			return func(ctx context.Context, std streams, _ []string) error {
				return withDatabase(ctx, *database, func(db *store.DB) error {
					return setSessionDays(ctx, std, db, secretFileFor(*secretFile, *database), *idle, *longest)
				})
			}
		},
	}
}

func setSessionDays(ctx context.Context, std streams, db *store.DB, file string, idle, longest int) error {
	// A wrong file name must not lose the settings or leave a new file behind.
	if stored, err := settings.HasSignIn(ctx, db.Settings()); err != nil {
		return err
	} else if stored && isMissing(file) {
		return fmt.Errorf("secret file %s does not exist: %s", file, sealedSignIn)
	}
	s, err := openSettings(ctx, std, db, file)
	if err != nil {
		return err
	}
	now, err := s.SignIn(ctx)
	if errors.Is(err, settings.ErrWrongKey) {
		return fmt.Errorf("secret file %s is the wrong one: %s", file, sealedSignIn)
	}
	if err != nil {
		return err
	}
	if idle == 0 && longest == 0 {
		idle, longest = now.SessionDays()
		_, err := fmt.Fprintf(std.out, "idle-days %d\nmax-days %d\n", idle, longest)
		return err
	}
	if i, l := now.SessionDays(); (idle == 0 || idle == i) && (longest == 0 || longest == l) {
		return nil
	}
	err = act(ctx, db, audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectSignIn}, func(ctx context.Context) (bool, error) {
		return s.SetSessionDays(ctx, idle, longest)
	})
	var invalid *settings.InvalidError
	if errors.As(err, &invalid) {
		return usageErrorf("%v", err)
	}
	return err
}
