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

// openDatabase opens the database file, making it when it does not exist.
func openDatabase(ctx context.Context, file string) (*sqlite.DB, error) {
	return sqlite.Open(ctx, file, sqlite.Options{})
}

// openExisting opens a database that must be there: for commands that would
// otherwise answer from a new empty one after a slip of the keyboard.
func openExisting(ctx context.Context, file string) (*sqlite.DB, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database %s: name it with --database FILE", file)
	}
	return openDatabase(ctx, file)
}

// withAccounts runs fn with the people of a database.
func withAccounts(db *sqlite.DB, fn func(*account.Service) error) (err error) {
	defer func() { err = errors.Join(err, db.Close()) }()
	people := account.NewService(db.Accounts(), secret.NewPasswords(), nil)
	defer people.Wait()
	return fn(people)
}

// settingsOf answers the settings of a database, sealed with key.
func settingsOf(db *sqlite.DB, key *secret.Key) *settings.Service {
	return settings.NewService(db.Settings(), key.Sealer(settings.SealerPurpose), nil)
}
