// Package dbtest runs tests over each kind of database.
package dbtest

import (
	"database/sql"
	"testing"

	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/postgres"
	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// ForEach runs a test over each kind of database, with the name of an empty one of its own.
func ForEach(t *testing.T, test func(t *testing.T, database string)) {
	ForEachKind(t, func(t *testing.T, create func(t testing.TB) string) { test(t, create(t)) })
}

// ForEachKind runs a test over each kind of database. create makes an empty database for t, and
// returns its name.
func ForEachKind(t *testing.T, test func(t *testing.T, create func(t testing.TB) string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, sqlitetest.File) })
	t.Run("postgres", func(t *testing.T) { test(t, postgrestest.URL) })
}

// Open opens a database until the test ends. Called again, it does what another process would.
func Open(t testing.TB, database string, opts store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), database, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return db
}

// Raw opens a database without the stores until the test ends. It takes the same SQL as they.
func Raw(t testing.TB, database string) *sql.DB {
	t.Helper()
	if !store.IsServer(database) {
		db, err := sql.Open("sqlite", database)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	db, err := postgres.Open(t.Context(), database, postgres.Options{AsIs: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db.Writer
}
