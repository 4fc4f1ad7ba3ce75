package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer/storetest"
)

// empty is the content of an empty database, as package sqlitetest has it too.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "clientele-empty-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "empty.db")
	d, err := Open(context.Background(), file, Options{})
	if err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// emptyFile returns the path of an empty database of the test's own.
func emptyFile(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "test.db")
	data, err := empty()
	if err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// openTest opens a database of its own for one test.
func openTest(t testing.TB, opts Options) *DB {
	t.Helper()
	d, err := Open(context.Background(), emptyFile(t), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return d
}

func TestCustomers(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
		return openTest(t, Options{Now: now}).Customers()
	})
}

func TestCustomersInBulk(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
		d := openTest(t, Options{Now: now, Bulk: true})
		d.giveWay = 0 // nobody else wants to write
		return d.Customers()
	})
}

// Small blocks, short arcs and short steps make the suite go the ways of large
// owners: blocks that part and join, searches that two connections share, and
// compaction in many pieces.
func TestCustomersInSmallBlocks(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
		d := openTest(t, Options{Now: now})
		d.customers.blocks, d.giveWay = tinyPieces, 0
		return d.Customers()
	})
}
