package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// openDatabase opens the database file, and creates it if it does not exist.
func openDatabase(ctx context.Context, file string) (*sqlite.DB, error) {
	return sqlite.Open(ctx, file, sqlite.Options{})
}

// openExisting opens a database that must exist: after a typo, a command must
// not report from a new, empty one.
func openExisting(ctx context.Context, file string) (*sqlite.DB, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database %s: name it with --database FILE", file)
	}
	return openDatabase(ctx, file)
}

// withAccounts calls fn with the people of a database and closes it.
func withAccounts(db *sqlite.DB, fn func(*account.Service) error) (err error) {
	defer func() { err = errors.Join(err, db.Close()) }()
	people := account.NewService(db.Accounts(), secret.NewPasswords(), nil)
	defer people.Wait()
	return fn(people)
}

// settingsOf returns the settings of a database, sealed with key.
func settingsOf(db *sqlite.DB, key *secret.Key) *settings.Service {
	return settings.NewService(db.Settings(), key.Sealer(settings.SealerPurpose), nil)
}
