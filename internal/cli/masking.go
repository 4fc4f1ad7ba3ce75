package cli

import (
	"context"
	"fmt"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
)

func maskingCommand() command {
	return command{
		name: "masking", args: "on|off|show", minArgs: 1, maxArgs: 1,
		summary: "hide the last digits of customers' numbers from workers, or show them",
		about: `
With masking on, the server never sends the last four digits of phone numbers to a
worker: not in contact details, names, notes and links, not in page addresses, and not
through search. A running serve applies it within a second, also to open pages. The
console has the same switch at /console/callbacks, and explains its limits.

If the secret file is lost, numbers are hidden until masking is set again.`,
		setup: func(f *flags) action {
			database, secretFile := f.database(), f.secretFile()
			return func(ctx context.Context, std streams, args []string) error {
				to := args[0]
				if to != "on" && to != "off" && to != "show" {
					return usageErrorf("%q: use on, off or show", to)
				}
				return withDatabase(ctx, *database, func(db *store.DB) error {
					return switchMasking(ctx, std, db, secretFileFor(*secretFile, *database), to)
				})
			}
		},
	}
}

func switchMasking(ctx context.Context, std streams, db *store.DB, file, to string) error {
	stored, err := settings.HasMasking(ctx, db.Settings())
	if err != nil {
		return err
	}
	if stored && isMissing(file) { // a new secret file could not open the setting
		return fmt.Errorf("secret file %s, which encrypted the setting, does not exist: name the right one with --secret-file. "+
			"If it is lost, numbers stay hidden, and serve creates another one", file)
	}
	s, err := openSettings(ctx, std, db, file)
	if err != nil {
		return err
	}
	if to == "show" {
		on, err := s.Masked(ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(std.out, onOrOff(on))
		return err
	}
	params, message := audit.MaskingOff, "Numbers are shown in full."
	if to == "on" {
		params, message = audit.MaskingOn, "The last digits of numbers are hidden from workers."
	}
	err = act(ctx, db, audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectMasking, Params: params}, func(ctx context.Context) (bool, error) {
		return s.SetMasked(ctx, to == "on")
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(std.err, message)
	return nil
}
