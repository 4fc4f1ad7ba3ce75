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

// Small blocks and short arcs make the suite go the ways of large owners: blocks
// that part and join, and searches that two connections share.
func TestCustomersInSmallBlocks(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
		s := openTest(t, Options{Now: now}).Customers()
		s.blocks = blockSizes{docs: 5, bytes: 400, few: 2, perArc: 2, perStep: 7, dense: 20}
		return s
	})
}
