package importer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// newStore returns an empty store in a file of its own.
func newStore(t testing.TB) customer.Store { return openStore(t, store.Options{Bulk: true}) }

func openStore(t testing.TB, opts store.Options) *store.Customers {
	t.Helper()
	db, err := store.Open(context.Background(), sqlitetest.File(t), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db.Customers()
}

// run imports text, and fails the test on an error.
func run(t testing.TB, store customer.Store, text string, opts importer.Options) importer.Report {
	t.Helper()
	report, err := importer.Run(context.Background(), strings.NewReader(text), store, opts)
	if err != nil {
		t.Fatalf("Import: %v", err)
	}
	return report
}

// imported imports text for bob into an empty store and returns its customers.
func imported(t testing.TB, text string, opts importer.Options) ([]customer.Customer, importer.Report) {
	t.Helper()
	if opts.Worker == "" {
		opts.Worker = "bob"
	}
	store := newStore(t)
	report := run(t, store, text, opts)
	return all(t, store), report
}

func all(t testing.TB, store customer.Store) []customer.Customer {
	t.Helper()
	var list []customer.Customer
	for c, err := range store.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// dump returns the export of a store, to compare two stores.
func dump(t testing.TB, store customer.Store) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := importer.ExportJSON(context.Background(), &b, store); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shared reads a file of the shared data, which a clean clone does not have.
func shared(t testing.TB, name string) string {
	t.Helper()
	file := filepath.Join("..", "..", "..", "shared", "data", name)
	data, err := os.ReadFile(file)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("CI must have the shared data: %v", err)
		}
		t.Skipf("SKIPPED, the shared data is missing: %v", err)
	}
	return string(data)
}

// counts is the numbers of a report.
type counts struct{ Rows, Created, Updated, Unchanged, Skipped, Rejected, Unassigned int }

func countsOf(r importer.Report) counts {
	return counts{r.Rows, r.Created, r.Updated, r.Unchanged, r.Skipped, r.Rejected, r.Unassigned}
}

// show returns a value for a failure message.
func show(v any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}
