package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
)

// openDatabase opens the database file, and creates it if it does not exist.
func openDatabase(ctx context.Context, file string) (*store.DB, error) {
	return store.Open(ctx, file, store.Options{})
}

// isMissingDatabase reports whether a database is a file that does not exist.
func isMissingDatabase(database string) bool { return !isURL(database) && isMissing(database) }

// isURL reports whether a database is no file.
func isURL(database string) bool { return strings.Contains(database, "://") }

// isMissing reports whether a file does not exist.
func isMissing(file string) bool {
	_, err := os.Stat(file)
	return errors.Is(err, fs.ErrNotExist)
}

// withDatabase calls fn with a database that must exist, and closes it: after a typo,
// a command must not report from a new, empty one.
func withDatabase(ctx context.Context, file string, fn func(*store.DB) error) error {
	return withOptions(ctx, file, store.Options{}, fn)
}

// withDatabaseAsIs is withDatabase for commands that check or copy the database: it leaves
// the schema of an earlier version as it is.
func withDatabaseAsIs(ctx context.Context, file string, fn func(*store.DB) error) error {
	return withOptions(ctx, file, store.Options{AsIs: true}, fn)
}

func withOptions(ctx context.Context, file string, opts store.Options, fn func(*store.DB) error) error {
	if isMissingDatabase(file) {
		return fmt.Errorf("there is no database %s: name it with --database FILE", file)
	}
	return withNewDatabase(ctx, file, opts, fn)
}

// withNewDatabase calls fn with a database, which it creates if it does not exist, and
// closes it.
func withNewDatabase(ctx context.Context, file string, opts store.Options, fn func(*store.DB) error) (err error) {
	db, err := store.Open(ctx, file, opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return fn(db)
}

// withPeople calls fn with a database that must exist and its people, and closes it.
func withPeople(ctx context.Context, file string, fn func(*store.DB, *account.Service) error) error {
	return withDatabase(ctx, file, peopleOf(fn))
}

// peopleOf returns a function that calls fn with a database and its people.
func peopleOf(fn func(*store.DB, *account.Service) error) func(*store.DB) error {
	return func(db *store.DB) error {
		people := account.NewService(db.Accounts(), secret.NewPasswords(1), nil)
		defer people.Wait()
		return fn(db, people)
	}
}

// openSettings returns the settings of a database, encrypted with the secret file, which
// it creates if it does not exist.
func openSettings(ctx context.Context, std streams, db *store.DB, file string) (*settings.Service, error) {
	key, created, err := loadKey(ctx, db, file)
	if err != nil {
		return nil, err
	}
	if created {
		fmt.Fprintf(std.err, "Created the secret file %s.\n", file)
	}
	return settings.NewService(db.Settings(), key.Sealer(settings.SealerPurpose), nil), nil
}

// loadKey reads the secret file, or creates it. All processes of a database on a server must
// have the same one: it refuses a missing or different one once there was one.
func loadKey(ctx context.Context, db *store.DB, file string) (key *secret.Key, created bool, err error) {
	if !db.IsServer() {
		return secret.Load(file)
	}
	had, err := settings.HasKey(ctx, db.Settings())
	if err != nil {
		return nil, false, err
	}
	if had && isMissing(file) {
		return nil, false, fmt.Errorf("secret file %s does not exist: %s", file, otherKey)
	}
	if key, created, err = secret.Load(file); err != nil {
		return nil, false, err
	}
	err = settings.NewService(db.Settings(), key.Sealer(settings.SealerPurpose), nil).CheckKey(ctx)
	if errors.Is(err, settings.ErrWrongKey) {
		err = fmt.Errorf("secret file %s is a different one: %s", file, otherKey)
	}
	return key, created, err
}

// otherKey says what to do about a missing or different secret file.
const otherKey = "the database is used with another one. Copy that to this machine, and name it with --secret-file"

// warnReadable warns of a database that other users of the machine can read.
func warnReadable(log *logger, file string) {
	if store.IsServer(file) {
		return
	}
	info, err := os.Stat(file)
	if err == nil && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		// SQLite has given the other two the mode of the file.
		command := "chmod 600 " + shellQuote(file) + " " + shellQuote(file+"-wal") + " " + shellQuote(file+"-shm")
		log.notice(slog.LevelWarn, fmt.Sprintf("database %s can be read by others (mode %04o): run %s", file, info.Mode().Perm(), command))
	}
}
