package cli

import (
	"context"
	"fmt"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store"
)

func userPasswordCommand() command {
	return command{
		name: "user password", args: "IDENTITY", minArgs: 1, maxArgs: 1,
		summary: "set a new password and end all sessions of that person",
		setup: func(f *flags) action {
			database := f.database()
			fromStdin := passwordFlag(f)
			return func(ctx context.Context, std streams, args []string) error {
				return withPeople(ctx, *database, func(db *store.DB, people *account.Service) error {
					// Checked before a password is typed.
					if _, err := people.Person(ctx, args[0]); err != nil {
						return aboutPerson(err, args[0])
					}
					password, err := readPassword(ctx, std, *fromStdin)
					if err != nil {
						return err
					}
					err = act(ctx, db, audit.Entry{Action: audit.PersonChanged, Subject: args[0], Params: audit.NewPassword}, func(ctx context.Context) (bool, error) {
						return true, people.SetPassword(ctx, args[0], password)
					})
					if err != nil {
						return aboutPerson(err, args[0])
					}
					fmt.Fprintf(std.err, "Changed the password of %s and ended their sessions.\n", args[0])
					return nil
				})
			}
		},
	}
}
