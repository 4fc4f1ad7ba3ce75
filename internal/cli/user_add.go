package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
)

func userAddCommand() command {
	return command{
		name: "user add", args: "IDENTITY", minArgs: 1, maxArgs: 1,
		summary: "add somebody who can sign in",
		about: `
IDENTITY is what they type to sign in, and the name under which customers are
assigned to them; most often an e-mail address. The password is asked for on the
terminal, or read from standard input with --password-stdin; with --no-password
there is none, for those who sign in with the identity provider. The database is
made when it does not exist. An administrator may export all customers, unless
--may-export=false says otherwise; a worker never may.

  clientele user add ada@example.com --role admin
  printf '%s' "$PASSWORD" | clientele user add bob@example.com --password-stdin`,
		setup: func(f *flags) action {
			database := f.database()
			role := f.String("role", string(account.RoleWorker), "what they may do: the `ROLE` worker or admin")
			mayExport := f.Bool("may-export", true, "let an administrator export all customers")
			none := f.Bool("no-password", false, "ask for no password: they sign in with the identity provider")
			fromStdin := passwordFlag(f)
			return func(ctx context.Context, std streams, args []string) error {
				// Told before anybody types a password.
				if err := account.ValidateRole(account.Role(*role)); err != nil {
					return usageErrorf("--role %s: it is worker or admin", *role)
				}
				if err := account.ValidateIdentity(args[0]); err != nil {
					return usageErrorf("%v", err)
				}
				if *none && *fromStdin {
					return usageErrorf("--no-password and --password-stdin cannot go together")
				}
				if err := notThereYet(ctx, *database, args[0]); err != nil {
					return err
				}
				password, err := newPassword(ctx, std, args[0], *none, *fromStdin)
				if err != nil {
					return err
				}
				db, err := openDatabase(ctx, *database)
				if err != nil {
					return err
				}
				return withAccounts(db, func(people *account.Service) error {
					err := people.AddPerson(ctx, args[0], account.Role(*role), password)
					if errors.Is(err, account.ErrExists) {
						return existsAlready(args[0])
					}
					if err == nil && *mayExport && account.Role(*role) == account.RoleAdmin {
						err = people.SetMayExport(ctx, args[0], true)
					}
					if err != nil {
						return err
					}
					fmt.Fprintf(std.err, "Added %s as %s.\n", args[0], *role)
					return audited(ctx, db, audit.Entry{Action: audit.PersonAdded, Subject: args[0], Detail: addedDetail(account.Role(*role), *mayExport)})
				})
			}
		},
	}
}

// addedDetail says what somebody new may do, as the console does.
func addedDetail(role account.Role, mayExport bool) string {
	switch {
	case role != account.RoleAdmin:
		return detailWorker
	case mayExport:
		return detailAdmin + ", " + detailMayExport
	}
	return detailAdmin
}

// newPassword asks for the password of somebody new; none is one.
func newPassword(ctx context.Context, std streams, identity string, none, fromStdin bool) (string, error) {
	if none {
		return "", nil
	}
	password, err := readPassword(ctx, std, fromStdin)
	if err != nil {
		return "", err
	}
	return password, account.ValidatePassword(identity, password)
}

// notThereYet refuses somebody who is there already, without making a database.
func notThereYet(ctx context.Context, database, identity string) error {
	if _, err := os.Stat(database); err != nil {
		return nil // what is wrong, if it is wrong, is told when it is opened
	}
	db, err := openDatabase(ctx, database)
	if err != nil {
		return err
	}
	return withAccounts(db, func(people *account.Service) error {
		_, err := people.Person(ctx, identity)
		if err == nil {
			return existsAlready(identity)
		}
		if errors.Is(err, account.ErrNotFound) {
			return nil
		}
		return err
	})
}

func existsAlready(identity string) error {
	return fmt.Errorf("%s exists already: to change their password, clientele user password %s", identity, shellQuote(identity))
}
