package cli

import (
	"context"
	"fmt"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store"
)

func userRemoveCommand() command {
	return command{
		name: "user remove", args: "IDENTITY", minArgs: 1, maxArgs: 1,
		summary: "remove a person and end their sessions",
		about: `
Customers keep this identity as their owner, and the callback still serves them. The
last active administrator cannot be removed. To keep the account but refuse its
sign-ins: clientele user set IDENTITY --deactivate`,
		setup: func(f *flags) action {
			database := f.database()
			return func(ctx context.Context, std streams, args []string) error {
				return withPeople(ctx, *database, func(db *store.DB, people *account.Service) error {
					err := act(ctx, db, audit.Entry{Action: audit.PersonRemoved, Subject: args[0]}, func(ctx context.Context) (bool, error) {
						return true, people.RemovePerson(ctx, args[0])
					})
					if err != nil {
						return aboutPerson(err, args[0])
					}
					fmt.Fprintf(std.err, "Removed %s.\n", args[0])
					return nil
				})
			}
		},
	}
}
