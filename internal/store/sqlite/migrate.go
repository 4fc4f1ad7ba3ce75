package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/store/sqlite/migrations"
)

// applicationID marks our files among all SQLite files: "CLNT".
const applicationID = 0x434c4e54

var errOtherProgram = errors.New("it belongs to another program: name another file")

type migration struct {
	name string
	sql  string
}

// readMigrations returns the migrations in files in order. The version of a schema
// is the number of migrations that it has had.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var all []migration
	for i, name := range names {
		number, _, _ := strings.Cut(name, "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 || len(number) != 4 {
			return nil, fmt.Errorf("migration %s is not number %04d", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{name, string(text)})
	}
	return all, nil
}

// migrate brings the schema up to date, each step in a transaction of its own.
// Two processes may do it at the same time: the second finds it done.
func migrate(ctx context.Context, d *DB) error {
	all, err := readMigrations(migrations.Files)
	if err != nil {
		return err
	}
	for {
		// Read before any lock is taken, so that a start does not wait for another
		// process's import.
		var version int
		err := retryBusy(ctx, func() (err error) {
			version, err = schemaVersion(ctx, d.Writer)
			return err
		})
		if err != nil {
			return err
		}
		if err := checkVersion(version, len(all)); err != nil {
			return err
		}
		if version == len(all) {
			return nil
		}
		if err := apply(ctx, d, version, all[version]); err != nil {
			return fmt.Errorf("migration %s: %w", all[version].name, err)
		}
	}
}

// IsCurrent reports whether the schema is the one that this program makes.
func (d *DB) IsCurrent(ctx context.Context) (bool, error) {
	all, err := readMigrations(migrations.Files)
	if err != nil {
		return false, err
	}
	version, err := schemaVersion(ctx, d.Readers)
	if err != nil {
		return false, explainFile(d.File(), err)
	}
	return version == len(all), nil
}

// checkVersion rejects a schema that this program does not know.
func checkVersion(version, known int) error {
	if version > known {
		return fmt.Errorf("it was made by a newer version of Clientele (schema %d, this program knows %d): update this program", version, known)
	}
	return nil
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func schemaVersion(ctx context.Context, q querier) (int, error) {
	var version, id, tables int
	err := q.QueryRowContext(ctx, `SELECT v.user_version, a.application_id, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_user_version v, pragma_application_id a`).Scan(&version, &id, &tables)
	if err != nil {
		return 0, err
	}
	if id != applicationID && (tables > 0 || id != 0) {
		return 0, errOtherProgram
	}
	return version, nil
}

// apply runs one migration, unless another process has done so.
func apply(ctx context.Context, d *DB, version int, m migration) error {
	return d.WriteTx(ctx, func(tx *sql.Tx) error {
		if now, err := schemaVersion(ctx, tx); err != nil || now != version {
			return err
		}
		if _, err := tx.ExecContext(ctx, m.sql); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; %s", applicationID, setVersion(version+1)))
		return err
	})
}

// setVersion returns the statement that sets the version of the schema.
func setVersion(version int) string { return fmt.Sprintf("PRAGMA user_version = %d", version) }
