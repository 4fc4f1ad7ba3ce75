package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store"
)

func restoreCommand() command {
	return command{
		name: "restore", args: "FILE", minArgs: 1, maxArgs: 1,
		summary: "put a backup in the place of the database; serve must be stopped",
		about: `
Checks FILE, which clientele backup wrote, and puts a copy of it in the place of the
database, and FILE.secret in the place of the secret file. Stop serve first: restore
refuses while a program has the database open. The database and the secret file that
were there are renamed to NAME.before-restore-TIME; delete them when you no longer need
them. The audit log of the restored database records that it was restored.`,
		setup: func(f *flags) action {
			database, secretFile := f.database(), f.secretFile()
			return func(ctx context.Context, std streams, args []string) error {
				return runRestore(ctx, std, *database, secretFileFor(*secretFile, *database), args[0])
			}
		},
	}
}

func runRestore(ctx context.Context, std streams, database, secretFile, file string) error {
	if sameFile(file, database) {
		return usageErrorf("%s is the database itself: name the backup", file)
	}
	now := time.Now()
	aside, err := store.Restore(ctx, file, database, now)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.err, "Restored %s from %s.\n", database, file)
	if aside != "" {
		fmt.Fprintf(std.err, "The database that was there is now %s.\n", aside)
	}
	recordErr := recordRestore(ctx, database, file)
	secretAside, err := restoreSecret(file+".secret", secretFile, now)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(std.err, "Warning: there is no %s.secret. If the backup was made with another secret file than %s, put that one there before you start serve.\n", file, secretFile)
	case err != nil:
		err = fmt.Errorf("the database was restored, but its secret file %s was not: %w", secretFile, err)
		return errors.Join(err, recordErr)
	case secretAside != "":
		fmt.Fprintf(std.err, "The secret file that was there is now %s.\n", secretAside)
	}
	return recordErr
}

// recordRestore writes to the audit of a restored database where it is from. It brings the
// schema up to date, which the audit needs.
func recordRestore(ctx context.Context, database, backup string) error {
	err := withDatabase(ctx, database, func(db *store.DB) error {
		return writeAudit(ctx, db, audit.Entry{Action: audit.Restored, Subject: filepath.Base(backup)})
	})
	if err != nil {
		return fmt.Errorf("the database was restored, but writing its audit entry failed: %w", err)
	}
	return nil
}

// restoreSecret puts a copy of a backup's secret file in the place of the secret file. One
// that was there with other content stays as aside.
func restoreSecret(backup, secretFile string, now time.Time) (aside string, err error) {
	saved, err := os.ReadFile(backup)
	if err != nil {
		return "", err
	}
	present, err := os.ReadFile(secretFile)
	switch {
	case err == nil && bytes.Equal(present, saved):
		return "", nil
	case err == nil:
		aside = secretFile + ".before-restore-" + now.UTC().Format("20060102T150405.000")
		if err := os.Rename(secretFile, aside); err != nil {
			return "", err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	return aside, copySecret(backup, secretFile)
}
