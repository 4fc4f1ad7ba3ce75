package store_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

var ctx = context.Background()

// openTest opens a database of its own for one test.
func openTest(t testing.TB, opts store.Options) *store.DB {
	t.Helper()
	return openFile(t, sqlitetest.File(t), opts)
}

// openTwice opens one file twice, as two processes would.
func openTwice(t testing.TB, first, second store.Options) (a, b *store.DB) {
	t.Helper()
	file := sqlitetest.File(t)
	return openFile(t, file, first), openFile(t, file, second)
}

func openFile(t testing.TB, file string, opts store.Options) *store.DB {
	t.Helper()
	d, err := store.Open(ctx, file, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return d
}

// openRaw opens the file of d without the store.
func openRaw(t testing.TB, file string) *sql.DB {
	t.Helper()
	raw, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	return raw
}

func putOne(d *store.DB, c customer.Customer) error {
	return d.Customers().Update(ctx, func(tx customer.Tx) error { return tx.Put(ctx, c) })
}
