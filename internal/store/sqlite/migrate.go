package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Migrations are append-only: NNNN_name.sql, numbered from 0001 without gaps.
// Once released, a file never changes.
//
//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks our files among all SQLite files: "CLNT".
const applicationID = 0x434c4e54

var errForeign = errors.New("it belongs to another program: name another file")

type migration struct {
	name string
	sql  string
}

// readMigrations lists the migrations in files in order; the version of a schema
// is how many of them made it.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var all []migration
	for i, name := range names {
		base := strings.TrimPrefix(name, "migrations/")
		number, _, _ := strings.Cut(base, "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 || len(number) != 4 {
			return nil, fmt.Errorf("migration %s is not number %04d", base, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{base, string(text)})
	}
	return all, nil
}

// migrate brings the schema up to date, each step in a transaction of its own.
// Two processes may do it at once: the second finds it done.
func migrate(ctx context.Context, db writerPool) error {
	all, err := readMigrations(migrations)
	if err != nil {
		return err
	}
	for {
		// Looked at before any lock is taken, so that a start does not wait for
		// another process's import.
		var version int
		err := patiently(ctx, func() (err error) {
			version, err = schemaVersion(ctx, db)
			return err
		})
		if err != nil {
			return err
		}
		if version > len(all) {
			return fmt.Errorf("it was made by a newer version of Clientele (schema %d, this program knows %d): update this program", version, len(all))
		}
		if version == len(all) {
			return nil
		}
		if err := apply(ctx, db, version, all[version]); err != nil {
			return fmt.Errorf("migration %s: %w", all[version].name, err)
		}
	}
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
		return 0, errForeign
	}
	return version, nil
}

// apply runs one migration, unless another process was faster.
func apply(ctx context.Context, db writerPool, version int, m migration) error {
	return transact(ctx, db, func(tx *sql.Tx) error {
		if now, err := schemaVersion(ctx, tx); err != nil || now != version {
			return err
		}
		if _, err := tx.ExecContext(ctx, m.sql); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, version+1))
		return err
	})
}
