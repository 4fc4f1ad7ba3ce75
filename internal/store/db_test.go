package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
)

func TestOpen_CreatesAPrivateFileAndCloseLeavesOnlyThat(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "odd name?#%41 ü.db")
	for range 2 {
		d, err := store.Open(ctx, file, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Ping(ctx); err != nil {
			t.Errorf("Ping() = %v", err)
		}
		for i := range 20 {
			if err := putOne(d, customer.Customer{ID: fmt.Sprint(i), Name: "Anna", Workers: []string{"ann"}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Customers().Compact(ctx); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(file) {
		t.Errorf("ReadDir() = %v, %v, want only the database", entries, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("Stat() = mode %v, %v, want 0600", info.Mode(), err)
	}
}

func TestOpen_ExplainsWhatIsWrongWithTheFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	execute := func(name, statements string) string {
		file := filepath.Join(dir, name)
		db := dbtest.Raw(t, file)
		defer db.Close()
		if _, err := db.Exec(statements); err != nil {
			t.Fatal(err)
		}
		return file
	}
	ours := filepath.Join(dir, "ours.db")
	d, err := store.Open(ctx, ours, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	execute("ours.db", "PRAGMA user_version = 1000")
	for name, c := range map[string]struct{ file, want string }{
		"a text file":                 {write("a.csv", strings.Repeat("id,name\n1,Ann\n", 50)), "is not a database of Clientele"},
		"a short file":                {write("b", "x"), "is not a database of Clientele"},
		"a header without a database": {write("c", "SQLite format 3\x00"+strings.Repeat("\xff", 500)), "belongs to another program"},
		"another program's database":  {execute("other.db", "CREATE TABLE a (b)"), "belongs to another program"},
		"another program's number":    {execute("other2.db", "PRAGMA application_id = 7; CREATE TABLE a (b)"), "belongs to another program"},
		"a newer schema":              {ours, "newer version of Clientele"},
		"a directory":                 {dir, "is a directory"},
		"a missing directory":         {filepath.Join(dir, "none", "x.db"), "does not exist: create it first"},
	} {
		before, _ := os.ReadFile(c.file)
		d, err := store.Open(ctx, c.file, store.Options{})
		if err == nil {
			d.Close()
			t.Errorf("Open(%s) succeeded", name)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), filepath.Base(c.file)) {
			t.Errorf("Open(%s) = %v, want %q and the name of the file", name, err, c.want)
		}
		if after, _ := os.ReadFile(c.file); name != "a newer schema" && string(after) != string(before) {
			t.Errorf("Open(%s) changed the file", name)
		}
	}
	if os.Getuid() != 0 { // root may write everything
		file := write("read-only.db", "")
		os.Chmod(file, 0o400)
		if _, err := store.Open(ctx, file, store.Options{}); err == nil || !strings.Contains(err.Error(), "permissions") {
			t.Errorf("Open(read-only file) = %v, want one about permissions", err)
		}
	}
}

func TestOpen_OfANewFileByManyAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new.db")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			d, err := store.Open(ctx, file, store.Options{})
			if err != nil {
				t.Errorf("Open() = %v", err)
				return
			}
			if err := d.Ping(ctx); err != nil {
				t.Errorf("Ping() = %v", err)
			}
			if err := putOne(d, customer.Customer{ID: fmt.Sprint(i), Name: strings.Repeat("a", i+1), Workers: []string{"ann"}}); err != nil {
				t.Errorf("Put(%d) = %v", i, err)
			}
			if err := d.Close(); err != nil {
				t.Errorf("Close() = %v", err)
			}
		})
	}
	wg.Wait()
}

func TestOpen_ExplainsWhatIsWrongWithTheAddress(t *testing.T) {
	for _, test := range []struct{ address, want string }{
		{"postgres://ada:s3cret@127.0.0.1:1/none", "127.0.0.1:1/none: the database server cannot be reached"},
		{"postgres://ada:s3cret%@127.0.0.1/none", "the address of the database is not understood"},
		{"postgres://127.0.0.1:1/none?user=ada&password=s3cret", "the database server cannot be reached"},
		{"mysql://ada:s3cret@127.0.0.1/none", "the URL of PostgreSQL (postgres://...), not mysql://"},
	} {
		_, err := store.Open(ctx, test.address, store.Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Open(%q) = %v, want %q and no password", test.address, err, test.want)
		}
	}
}
