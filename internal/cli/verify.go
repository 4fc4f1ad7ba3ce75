package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/clientele-project/clientele/internal/store"
)

func verifyCommand() command {
	return command{
		name:    "verify",
		summary: "check that the database is whole",
		about: `
Reads the whole database file and checks its structure. A running serve goes on, and
does the same once a day. With --full it also compares every table with its indexes,
and every list of customers with what searches find, which takes several times as
long.

Exit code 0: the database is whole; 1: it is damaged, or could not be checked. What is
wrong is printed. Restore a damaged database from a backup (clientele restore).`,
		setup: func(f *flags) action {
			database := f.database()
			full := f.Bool("full", false, "also compare tables with indexes, and lists with searches")
			return func(ctx context.Context, std streams, _ []string) error {
				return withDatabaseAsIs(ctx, *database, func(db *store.DB) error {
					return verifyDatabase(ctx, std, db, *full)
				})
			}
		},
	}
}

func verifyDatabase(ctx context.Context, std streams, db *store.DB, full bool) error {
	problems, err := db.Verify(ctx, full)
	if err != nil {
		return err
	}
	for _, problem := range problems {
		fmt.Fprintln(std.out, problem)
	}
	if len(problems) > 0 {
		return errors.New("the database is damaged: restore it from a backup (clientele restore)")
	}
	_, err = fmt.Fprintln(std.out, "The database is whole.")
	return err
}
