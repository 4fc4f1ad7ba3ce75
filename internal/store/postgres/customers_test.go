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

func TestCustomers(t *testing.T) {
	for name, sizes := range map[string]searchindex.Sizes{
		"usual sizes": {},
		"small sizes": {Docs: 5, Bytes: 400, MinDocs: 2, FewBlocks: 2, StepRows: 7},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
				db, err := postgres.Open(t.Context(), postgrestest.URL(t), postgres.Options{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { db.Close() })
				store, err := customers.New(db.DB, customers.Options{Now: now, Index: sizes})
				if err != nil {
					t.Fatal(err)
				}
				return store
			})
		})
	}
}
