package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store"
)

func userAddCommand() command {
	return command{
		name: "user add", args: "IDENTITY", minArgs: 1, maxArgs: 1,
		summary: "add a person who can sign in",
		about: `
IDENTITY is what people type to sign in, and the owner of their customers; usually an
email address. The password is asked for on the terminal, or read from standard input
with --password-stdin. With --no-password there is none, for people who sign in with
the identity provider. Creates the database if it does not exist. An administrator may
export all customers unless --may-export=false is given; a worker never may.

  clientele user add ada@example.com --role admin
  printf '%s' "$PASSWORD" | clientele user add bob@example.com --password-stdin`,
		setup: func(f *flags) action {
			database := f.database()
			role := f.String("role", string(account.RoleWorker), "give them this `ROLE`: worker or admin")
			mayExport := f.Bool("may-export", true, "let an administrator export all customers")
			none := f.Bool("no-password", false, "set no password: they sign in with the identity provider")
			fromStdin := passwordFlag(f)
			return func(ctx context.Context, std streams, args []string) error {
				// Checked before a password is typed.
				if err := account.ValidateRole(account.Role(*role)); err != nil {
					return usageErrorf("--role %s: use worker or admin", *role)
				}
				if err := account.ValidateIdentity(args[0]); err != nil {
					return usageErrorf("%v", err)
				}
				if *none && *fromStdin {
					return usageErrorf("--no-password and --password-stdin cannot be combined")
				}
				if err := checkNewPerson(ctx, *database, args[0]); err != nil {
					return err
				}
				password, err := newPassword(ctx, std, args[0], *none, *fromStdin)
				if err != nil {
					return err
				}
				return withNewDatabase(ctx, *database, store.Options{}, peopleOf(func(db *store.DB, people *account.Service) error {
					isAdmin := account.Role(*role) == account.RoleAdmin
					err := act(ctx, db, audit.Entry{Action: audit.PersonAdded, Subject: args[0], Params: audit.Added(isAdmin, *mayExport)}, func(ctx context.Context) (bool, error) {
						err := people.AddPerson(ctx, args[0], account.Role(*role), password)
						if err == nil && *mayExport && isAdmin {
							err = people.SetMayExport(ctx, args[0], true)
						}
						return true, err
					})
					if errors.Is(err, account.ErrExists) {
						return errExists(args[0])
					}
					if err != nil {
						return err
					}
					fmt.Fprintf(std.err, "Added %s as %s.\n", args[0], *role)
					return nil
				}))
			}
		},
	}
}

// newPassword reads the password of a new person, "" if none is wanted.
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

// checkNewPerson refuses an identity that exists, without creating a database.
func checkNewPerson(ctx context.Context, database, identity string) error {
	if isMissingDatabase(database) {
		return nil
	}
	return withPeople(ctx, database, func(_ *store.DB, people *account.Service) error {
		_, err := people.Person(ctx, identity)
		if err == nil {
			return errExists(identity)
		}
		if errors.Is(err, account.ErrNotFound) {
			return nil
		}
		return err
	})
}

func errExists(identity string) error {
	return fmt.Errorf("%s already exists: to change their password, run clientele user password %s", identity, shellQuote(identity))
}
