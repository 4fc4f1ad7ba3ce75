package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
)

// subjectMasking is what the audit calls the setting, and these are its details, as
// the console has them.
const (
	subjectMasking = "masking"
	detailMasked   = "numbers masked"
	detailFull     = "numbers shown in full"
)

func maskingCommand() command {
	return command{
		name: "masking", args: "on|off|show", minArgs: 1, maxArgs: 1,
		summary: "hide the last digits of customers' numbers from workers, or show them",
		about: `
With masking on, the last four digits of telephone numbers never leave the server
towards a worker: not in contacts, names, texts and links, not in addresses of
pages, and not by searching. A running serve takes it within five seconds, for
pages that are open too. The console has the same switch at /console/callbacks,
and says what it can and cannot do.

When the secret file is lost, numbers are hidden until somebody decides anew.`,
		setup: func(f *flags) action {
			database, secretFile := f.database(), f.secretFile()
			return func(ctx context.Context, std streams, args []string) (err error) {
				to := args[0]
				if to != "on" && to != "off" && to != "show" {
					return usageErrorf("%q: it is on, off or show", to)
				}
				db, err := openExisting(ctx, *database)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, db.Close()) }()
				file := secretFileFor(*secretFile, *database)
				if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
					if kept, err := settings.HasMasking(ctx, db.Settings()); err != nil {
						return err
					} else if kept { // a new file must not come to be beside what it cannot open
						return fmt.Errorf("there is no secret file %s, with which the setting was sealed: name the right one with --secret-file. "+
							"If it is lost, numbers are hidden, and serve makes another one", file)
					}
				}
				s, err := openSettings(std, db, file)
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
				changed, err := s.SetMasked(ctx, to == "on")
				if err != nil {
					return err
				}
				detail, said := detailFull, "Numbers are shown in full."
				if to == "on" {
					detail, said = detailMasked, "The last digits of numbers are hidden from workers."
				}
				fmt.Fprintln(std.err, said)
				if !changed {
					return nil
				}
				return audited(ctx, db, audit.Entry{Action: audit.SettingChanged, Subject: subjectMasking, Detail: detail})
			}
		},
	}
}
