package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/clientele-project/clientele/internal/atomicfile"
	"github.com/clientele-project/clientele/internal/store"
)

func backupCommand() command {
	return command{
		name: "backup", args: "FILE", minArgs: 1, maxArgs: 1,
		summary: "copy the database and the secret file, also while serve runs",
		about: `
Writes a copy of the database, as it is at one moment, to FILE, and the secret file to
FILE.secret. Only you can read them. FILE is replaced once the new copy was checked and
is on the disk; if that fails, it stays as it was. What deleted customers leave in free
pages of the database is not copied.

Keep both files, in two places if you can: anyone who has both can read everything in
them, and without the secret file some settings and the cache of an external service
are lost. To go back to them: clientele restore.`,
		setup: func(f *flags) action {
			database, secretFile := f.database(), f.secretFile()
			return func(ctx context.Context, std streams, args []string) error {
				return runBackup(ctx, std, *database, secretFileFor(*secretFile, *database), args[0])
			}
		},
	}
}

func runBackup(ctx context.Context, std streams, database, secretFile, file string) error {
	if sameFile(file, database) || sameFile(file, secretFile) || sameFile(file+".secret", secretFile) {
		return usageErrorf("%s is the database itself, or its secret file: name another file", file)
	}
	err := withDatabaseAsIs(ctx, database, func(db *store.DB) error { return db.Backup(ctx, file) })
	if err != nil {
		return err
	}
	err = copySecret(secretFile, file+".secret")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(std.err, "Warning: there is no secret file %s (name it with --secret-file): only the database was copied.\n", secretFile)
	case err != nil:
		return fmt.Errorf("the database was copied to %s, but its secret file was not: %w", file, err)
	default:
		fmt.Fprintf(std.err, "Wrote %s and %s.secret: keep both.\n", file, file)
	}
	return nil
}

// copySecret replaces a file by a copy of the secret file that only its owner can read.
func copySecret(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return atomicfile.Replace(to, func(f *os.File) error {
		_, err := io.Copy(f, in)
		return err
	})
}
