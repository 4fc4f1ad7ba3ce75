package importer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/importer"
)

func TestImport_ImportsEverySharedFileWhole(t *testing.T) {
	for _, file := range []struct {
		name    string
		worker  string // Options.Worker
		first   counts
		format  string
		unused  []string
		numbers int // without a country code
	}{
		{name: "hubspot-contacts.csv", first: counts{Rows: 1200, Created: 1200}, format: "CSV", unused: []string{"Last Activity Date"}, numbers: 424},
		{name: "salesforce-contacts.csv", first: counts{Rows: 600, Created: 600}, format: "CSV", unused: []string{}, numbers: 209},
		{name: "airtable-customers.csv", first: counts{Rows: 300, Created: 300}, format: "CSV", unused: []string{"opt_out"}},
		{name: "google-contacts.csv", worker: "alice", first: counts{Rows: 500, Created: 500}, format: "CSV", unused: []string{"Labels"}, numbers: 177},
		{name: "contacts.vcf", worker: "alice", first: counts{Rows: 250, Created: 250}, format: "vCard", unused: []string{}, numbers: 39},
		{name: "customers.json", first: counts{Rows: 400, Created: 400}, format: "JSON", unused: []string{}},
	} {
		t.Run(file.name, func(t *testing.T) {
			text, store := shared(t, file.name), newStore(t)
			opts := importer.Options{Worker: file.worker}
			report := run(t, store, text, opts)
			if got := countsOf(report); got != file.first {
				t.Errorf("the first report = %+v, want %+v\n%s", got, file.first, show(report.Problems))
			}
			if report.Format != file.format {
				t.Errorf("Format = %q, want %q", report.Format, file.format)
			}
			if report.UnknownNumbers != file.numbers {
				t.Errorf("UnknownNumbers = %d, want %d", report.UnknownNumbers, file.numbers)
			}
			if diff := cmp.Diff(file.unused, report.UnusedColumns); diff != "" {
				t.Errorf("UnusedColumns (-want +got):\n%s", diff)
			}
			before := dump(t, store)
			again := run(t, store, text, opts)
			if got, want := countsOf(again), (counts{Rows: file.first.Rows, Unchanged: file.first.Rows}); got != want {
				t.Errorf("the second report = %+v, want %+v", got, want)
			}
			if diff := cmp.Diff(before, dump(t, store)); diff != "" {
				t.Errorf("the second run changed (-before +after):\n%s", diff)
			}
		})
	}
}
