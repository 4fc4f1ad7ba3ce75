package postgres_test

import (
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer/storetest"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/customers"
	"github.com/clientele-project/clientele/internal/store/postgres"
	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
)

// Small blocks, ranges and steps take the suite through the statements for large owners.
func TestCustomers(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
		db, err := postgres.Open(t.Context(), postgrestest.URL(t), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		sizes := searchindex.Sizes{Docs: 5, Bytes: 400, MinDocs: 2, FewBlocks: 2, StepRows: 7}
		store, err := customers.New(db.DB, customers.Options{Now: now, Index: sizes})
		if err != nil {
			t.Fatal(err)
		}
		return store
	})
}
