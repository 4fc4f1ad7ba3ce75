// Package sqlitetest makes empty databases for tests.
package sqlitetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// empty is the content of an empty database with today's schema. Migrating takes more
// than a second under the race detector, so that each test gets a copy.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "clientele-empty-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "empty.db")
	db, err := sqlite.Open(context.Background(), file, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// File returns the path of an empty database of the test's own.
func File(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "test.db")
	Put(t, file)
	return file
}

// Put makes file an empty database.
func Put(t testing.TB, file string) {
	t.Helper()
	data, err := empty()
	if err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
