package store_test

import (
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
)

// A replica is another database here, whose customers have other names, so that names tell
// where they were read.
func TestDB_ReadsFromAReplicaThatHasTheLatestChange(t *testing.T) {
	first, second := postgrestest.URL(t), postgrestest.URL(t)
	primary := dbtest.Open(t, first, store.Options{ReadDatabase: second})
	replica := dbtest.Open(t, second, store.Options{})
	put := func(d *store.DB, name string) {
		t.Helper()
		if err := putOne(d, customer.Customer{ID: "1", Name: name, Workers: []string{"ann"}}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(when string, d *store.DB, name string) {
		t.Helper()
		customers := d.Customers()
		for range 3 { // the third is answered from memory
			list, err := customers.List(ctx, customer.ListQuery{Worker: "ann", Limit: 10})
			if err != nil || len(list.Rows) != 1 || list.Rows[0].Name != name {
				t.Errorf("%s: List() = %v, %v, want %s", when, list.Rows, err, name)
			}
		}
		found, err := customers.Search(ctx, customer.SearchQuery{Worker: "ann", Query: "database", Limit: 10})
		if err != nil || len(found.Rows) != 1 || found.Rows[0].Name != name {
			t.Errorf("%s: Search() = %v, %v, want %s", when, found.Rows, err, name)
		}
		details, err := customers.Customer(ctx, "ann", "1")
		if err != nil || details.Name != name {
			t.Errorf("%s: Customer() = %s, %v, want %s", when, details.Name, err, name)
		}
	}
	put(primary, "In the database")
	want("the replica has received nothing", primary, "In the database")
	put(replica, "In the replica of the database")
	details, err := primary.Customers().Customer(ctx, "ann", "1")
	if err != nil || details.Name != "In the replica of the database" {
		t.Errorf("the replica has received the change: Customer() = %s, %v, want that of the replica", details.Name, err)
	}
	put(primary, "In the database, again")
	want("the replica is late", primary, "In the database, again")

	away := dbtest.Open(t, first, store.Options{ReadDatabase: "postgres://clientele@/none?host=/nowhere"})
	want("the replica does not respond", away, "In the database, again")
}
