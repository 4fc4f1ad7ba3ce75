package sqlite

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

func TestOpen_NewFileHasLargePagesAndALog(t *testing.T) {
	d, err := Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var size int
	var mode string
	if err := d.Readers.QueryRow("SELECT page_size, journal_mode FROM pragma_page_size, pragma_journal_mode").Scan(&size, &mode); err != nil {
		t.Fatal(err)
	}
	if size != pageSize || mode != "wal" {
		t.Errorf("a new file has pages of %d bytes and journal mode %s, want %d and wal", size, mode, pageSize)
	}
}

// 2 is FULL, which waits for the disk at every commit; 1 is NORMAL.
func TestDB_WaitsForTheDiskAtEveryCommit(t *testing.T) {
	for name, c := range map[string]struct {
		opts Options
		want int64
	}{
		"serving":                  {Options{}, 2},
		"without waiting":          {Options{NoSync: true}, 1},
		"a bulk import":            {Options{Bulk: true}, 1},
		"only to check or to copy": {Options{AsIs: true}, 2},
	} {
		d, err := Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), c.opts)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		synchronous := func() (n int64) {
			t.Helper()
			if err := d.Writer.QueryRow("PRAGMA synchronous").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if got := synchronous(); got != c.want {
			t.Errorf("synchronous of %s = %d, want %d", name, got, c.want)
		}
		if !c.opts.AsIs {
			err := d.WriteTxUnsynced(t.Context(), func(tx *sql.Tx) error {
				var n int64
				if err := tx.QueryRow("PRAGMA synchronous").Scan(&n); err != nil || n != 1 {
					t.Errorf("synchronous of %s in WriteTxUnsynced = %d, %v, want 1", name, n, err)
				}
				_, err := tx.Exec("DELETE FROM person")
				return err
			})
			if got := synchronous(); err != nil || got != c.want {
				t.Errorf("synchronous of %s after WriteTxUnsynced = %d, %v, want %d", name, got, err, c.want)
			}
		}
		if !c.opts.Bulk {
			continue
		}
		if err := d.Update(t.Context(), func(c *sqldb.Conn) error { return c.Exec("DELETE FROM person") }); err != nil {
			t.Fatal(err)
		}
		if err := d.syncBulk(); err != nil {
			t.Errorf("syncBulk() = %v", err)
		}
		if got := synchronous(); got != 2 {
			t.Errorf("synchronous at the end of %s = %d, want 2", name, got)
		}
	}
}

// The commits of a bulk import do not wait for the disk; one more, which does, ends it.
func TestDB_CloseAfterABulkImportCommitsOnceMore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "test.db")
	d, err := Open(t.Context(), file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	observer, err := d.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer observer.Close()
	version := func() int64 { // changes with every commit of another connection
		t.Helper()
		n, err := observer.Count("PRAGMA data_version")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, writes := range []bool{false, true} {
		bulk, err := Open(t.Context(), file, Options{Bulk: true})
		if err != nil {
			t.Fatal(err)
		}
		if writes {
			if err := bulk.Update(t.Context(), func(c *sqldb.Conn) error { return c.Exec("DELETE FROM person") }); err != nil {
				t.Fatal(err)
			}
		}
		before := version()
		if err := bulk.Close(); err != nil {
			t.Fatal(err)
		}
		if committed := version() != before; committed != writes {
			t.Errorf("Close() committed: %v, want %v, after a bulk import that wrote: %v", committed, writes, writes)
		}
	}
}
