package sqlite

import (
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/clientele-project/clientele/internal/store/sqlite/migrations"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

func openTest(t testing.TB, file string) *DB {
	t.Helper()
	d, err := Open(t.Context(), file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func TestReadMigrations_RejectsGapsAndRepeats(t *testing.T) {
	for name, files := range map[string][]string{
		"a gap":          {"0001_a.sql", "0003_b.sql"},
		"twice the same": {"0001_a.sql", "0001_b.sql"},
		"no number":      {"0001_a.sql", "b.sql"},
		"too short":      {"1_a.sql"},
		"from zero":      {"0000_a.sql"},
	} {
		fsys := fstest.MapFS{}
		for _, f := range files {
			fsys[f] = &fstest.MapFile{}
		}
		if _, err := readMigrations(fsys); err == nil {
			t.Errorf("readMigrations(%s) succeeded", name)
		}
	}
	all, err := readMigrations(migrations.Files)
	if err != nil || len(all) == 0 {
		t.Errorf("readMigrations(ours) = %d, %v", len(all), err)
	}
}

func TestMigrate_AFailedMigrationChangesNothing(t *testing.T) {
	d := openTest(t, filepath.Join(t.TempDir(), "test.db"))
	version, err := schemaVersion(t.Context(), d.Writer)
	if err != nil {
		t.Fatal(err)
	}
	if err := apply(t.Context(), d, version, migration{"9999_bad.sql", "CREATE TABLE half (a); CREATE TABLE owner (a)"}); err == nil {
		t.Fatal("apply(bad migration) succeeded")
	}
	var n int
	if err := d.Writer.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").Scan(&n); err != nil || n != 0 {
		t.Errorf("apply(bad migration) left %d tables, %v, want 0", n, err)
	}
	if now, err := schemaVersion(t.Context(), d.Writer); err != nil || now != version {
		t.Errorf("schemaVersion() = %d, %v, want %d", now, err, version)
	}
}

func TestDB_ReadersCannotWrite(t *testing.T) {
	d := openTest(t, filepath.Join(t.TempDir(), "test.db"))
	if _, err := d.Readers.Exec("DELETE FROM owner"); err == nil {
		t.Error("Readers.Exec(DELETE) succeeded")
	}
	if err := d.View(t.Context(), func(c *sqldb.Conn) error { return c.Exec("DELETE FROM owner") }); err == nil {
		t.Error("Exec(DELETE) in View succeeded")
	}
}
