package sqlite

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

var ctx = context.Background()

func TestOpenMakesAFileForItsOwnerAloneAndCloseLeavesJustThat(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "odd name?#%41 ü.db")
	for range 2 {
		d, err := Open(ctx, file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Ping(ctx); err != nil {
			t.Error(err)
		}
		fill(t, d, 100, 50)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(file) {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestOpenSaysInPlainWordsWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	make := func(name, statements string) string {
		file := filepath.Join(dir, name)
		db, err := sql.Open("sqlite", file)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(statements); err != nil {
			t.Fatal(err)
		}
		return file
	}
	ours := filepath.Join(dir, "ours.db")
	d, err := Open(ctx, ours, Options{})
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	make("ours.db", "PRAGMA user_version = 1000")
	for name, c := range map[string]struct{ file, says string }{
		"a text file":                 {write("a.csv", strings.Repeat("id,name\n1,Ann\n", 50)), "is not a database of Clientele"},
		"a short file":                {write("b", "x"), "is not a database of Clientele"},
		"a header without a database": {write("c", "SQLite format 3\x00"+strings.Repeat("\xff", 500)), "belongs to another program"},
		"another program's database":  {make("other.db", "CREATE TABLE a (b)"), "belongs to another program"},
		"another program's number":    {make("other2.db", "PRAGMA application_id = 7; CREATE TABLE a (b)"), "belongs to another program"},
		"a newer schema":              {ours, "newer version of Clientele"},
		"a directory":                 {dir, "is a directory"},
		"a missing directory":         {filepath.Join(dir, "none", "x.db"), "does not exist"},
	} {
		before, _ := os.ReadFile(c.file)
		d, err := Open(ctx, c.file, Options{})
		if err == nil {
			d.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), filepath.Base(c.file)) {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.ReadFile(c.file); name != "a newer schema" && string(after) != string(before) {
			t.Errorf("%s: the file was changed", name)
		}
	}
	if os.Getuid() != 0 { // root may write everything
		file := write("read-only.db", "")
		os.Chmod(file, 0o400)
		if _, err := Open(ctx, file, Options{}); err == nil || !strings.Contains(err.Error(), "permissions") {
			t.Errorf("a read-only file: %v", err)
		}
	}
}

func TestManyMayOpenANewFileAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new.db")
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			d, err := Open(ctx, file, Options{})
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			if err := d.Ping(ctx); err != nil {
				t.Errorf("Ping: %v", err)
			}
			if err := d.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	for name, files := range map[string][]string{
		"a gap":          {"0001_a.sql", "0003_b.sql"},
		"twice the same": {"0001_a.sql", "0001_b.sql"},
		"no number":      {"0001_a.sql", "b.sql"},
		"too short":      {"1_a.sql"},
		"from zero":      {"0000_a.sql"},
	} {
		fsys := fstest.MapFS{}
		for _, f := range files {
			fsys["migrations/"+f] = &fstest.MapFile{}
		}
		if _, err := readMigrations(fsys); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	all, err := readMigrations(migrations)
	if err != nil || len(all) == 0 {
		t.Errorf("ours: %d, %v", len(all), err)
	}
}

func TestAMigrationThatFailsLeavesNothing(t *testing.T) {
	d := openTest(t, Options{})
	version, err := schemaVersion(ctx, d.writer)
	if err != nil {
		t.Fatal(err)
	}
	if err := apply(ctx, d.writer, version, migration{"9999_bad.sql", "CREATE TABLE half (a); CREATE TABLE owner (a)"}); err == nil {
		t.Fatal("it succeeded")
	}
	var n int
	if err := d.writer.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").Scan(&n); err != nil || n != 0 {
		t.Errorf("half of it is there: %d, %v", n, err)
	}
	if now, err := schemaVersion(ctx, d.writer); err != nil || now != version {
		t.Errorf("version %d, %v", now, err)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	d := openTest(t, Options{})
	if _, err := d.readers.Exec("DELETE FROM owner"); err == nil {
		t.Error("the general readers can")
	}
	c, err := d.conns.get(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer d.conns.put(c)
	if err := c.exec("DELETE FROM owner"); err == nil {
		t.Error("the readers of customers can")
	}
}
