package store_test

import (
	"context"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

var ctx = context.Background()

// openTest opens a file of its own for one test.
func openTest(t testing.TB, opts store.Options) *store.DB {
	t.Helper()
	return dbtest.Open(t, sqlitetest.File(t), opts)
}

// openTwice opens one database twice, as two processes would.
func openTwice(t testing.TB, database string, first, second store.Options) (a, b *store.DB) {
	t.Helper()
	return dbtest.Open(t, database, first), dbtest.Open(t, database, second)
}

func putOne(d *store.DB, c customer.Customer) error {
	return d.Customers().Update(ctx, func(tx customer.Tx) error { return tx.Put(ctx, c) })
}
