package sqlite

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer/storetest"
)

// openTest opens a database of its own for one test.
func openTest(t testing.TB, opts Options) *DB {
	t.Helper()
	d, err := Open(context.Background(), filepath.Join(t.TempDir(), "test.db"), opts)
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
