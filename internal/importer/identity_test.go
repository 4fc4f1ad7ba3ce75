package importer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// names returns the names of all customers in alphabetical order.
func names(t *testing.T, store customer.Store) []string {
	t.Helper()
	var list []string
	for _, c := range all(t, store) {
		list = append(list, c.Name)
	}
	slices.Sort(list)
	return list
}

func TestImport_FindsTheCustomersOfRowsWithoutIDs(t *testing.T) {
	const head = "name,phone,email,company\n"
	for _, c := range []struct {
		name  string
		files []string
		last  counts // of the last file
		names []string
	}{
		{"the same file twice", []string{head + "Anna Lee,+15557040102,a@example.com,\n", head + "Anna Lee,+15557040102,a@example.com,\n"},
			counts{Rows: 1, Unchanged: 1}, []string{"Anna Lee"}},
		{"a new number, the same email", []string{head + "Anna Lee,+15557040102,a@example.com,\n", head + "Anna Lee,+15557040199,A@Example.com,\n"},
			counts{Rows: 1, Updated: 1}, []string{"Anna Lee"}},
		{"a new email, the same number", []string{head + "Anna Lee,+15557040102,a@example.com,\n", head + "Anna Lee,+1 555 704-0102,b@example.com,\n"},
			counts{Rows: 1, Updated: 1}, []string{"Anna Lee"}},
		{"the name in another order and case", []string{head + "Anna Lee,+15557040102,,\n", head + "\"LEE, Anná\",+15557040102,,Acme\n"},
			counts{Rows: 1, Updated: 1}, []string{"LEE, Anná"}},
		{"a new name, the same email", []string{head + "Anna Lee,+15557040102,a@example.com,\n", head + "Anna Kim,+15557040102,a@example.com,\n"},
			counts{Rows: 1, Updated: 1}, []string{"Anna Kim"}},
		{"a new name, the same number: a colleague", []string{head + "Anna Lee,+15557040102,,\n", head + "Bert Kim,+15557040102,,\n"},
			counts{Rows: 1, Created: 1}, []string{"Anna Lee", "Bert Kim"}},
		{"two people with the company's number and email in one file", []string{head + "Anna Lee,+15557040102,info@example.com,\nBert Kim,+15557040102,info@example.com,\n"},
			counts{Rows: 2, Created: 2}, []string{"Anna Lee", "Bert Kim"}},
		{"these two again", []string{head + "Anna Lee,+15557040102,info@example.com,\nBert Kim,+15557040102,info@example.com,\n",
			head + "Bert Kim,+15557040102,info@example.com,\nAnna Lee,+15557040102,info@example.com,\n"},
			counts{Rows: 2, Unchanged: 2}, []string{"Anna Lee", "Bert Kim"}},
		{"the same person twice in a file", []string{head + "Anna Lee,+15557040102,,\nAnna Lee,+1 (555) 704 0102,a@example.com,\n"},
			counts{Rows: 2, Created: 1, Skipped: 1}, []string{"Anna Lee"}},
		{"the same name with other addresses: another person", []string{head + "Anna Lee,+15557040102,,\nAnna Lee,+15557040103,,\n"},
			counts{Rows: 2, Created: 2}, []string{"Anna Lee", "Anna Lee"}},
		{"the same name without addresses, other companies", []string{head + "Anna Lee,,,Acme\nAnna Lee,,,Hooli\nAnna Lee,,,Acme\n"},
			counts{Rows: 3, Created: 2, Skipped: 1}, []string{"Anna Lee", "Anna Lee"}},
		{"no email address is no address", []string{head + "Anna Lee,,n/a,\n", head + "Bert Kim,,n/a,\n"},
			counts{Rows: 1, Created: 1}, []string{"Anna Lee", "Bert Kim"}},
		{"an export with ids first", []string{"id,name,email\n7,Anna Lee,a@example.com\n", head + "Anna Lee,+15557040102,a@example.com,Acme\n"},
			counts{Rows: 1, Updated: 1}, []string{"Anna Lee"}},
		{"two with ids share name and email, and one says it all", []string{"id,name,email,phone,company\n7,Anna Lee,a@example.com,,\n8,Anna Lee,a@example.com,+15557040102,Acme\n",
			head + "Anna Lee,+15557040102,a@example.com,Acme\n"},
			counts{Rows: 1, Unchanged: 1}, []string{"Anna Lee", "Anna Lee"}},
		{"two with ids share name and email, and neither says it all", []string{"id,name,email\n7,Anna Lee,a@example.com\n8,Anna Lee,a@example.com\n",
			head + "Anna Lee,+15557040102,a@example.com,Acme\n", head + "Anna Lee,+15557040102,a@example.com,Acme\n"},
			counts{Rows: 1, Unchanged: 1}, []string{"Anna Lee", "Anna Lee", "Anna Lee"}},
		// The first row equals what both hold: whichever it matches, nothing changes.
		{"rows with and without an id, twice", []string{"id,name,email\n9,Anna Lee,a@example.com\n", "id,name,email\n,Anna Lee,a@example.com\n7,Anna Lee,a@example.com\n",
			"id,name,email\n,Anna Lee,a@example.com\n7,Anna Lee,a@example.com\n"},
			counts{Rows: 2, Unchanged: 1, Skipped: 1}, []string{"Anna Lee", "Anna Lee"}},
		{"ids that differ in one customer's rows", []string{"id,name,email\n7,Anna Lee,a@example.com\n7,Anna Kim,k@example.com\n"},
			counts{Rows: 2, Created: 1, Skipped: 1}, []string{"Anna Lee"}},
		{"a crowd behind one number", []string{head + maxSharing(130) + "Zoe Last,+15557040102,z@example.com,\n", head + "Zoe Last,+15557040102,z@example.com,Acme\n"},
			counts{Rows: 1, Updated: 1}, append(crowdNames(130), "Zoe Last")},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			var report importer.Report
			for _, file := range c.files {
				report = run(t, store, file, importer.Options{Worker: "bob"})
			}
			if got := countsOf(report); got != c.last {
				t.Errorf("report = %+v, want %+v: %s", got, c.last, show(report.Problems))
			}
			slices.Sort(c.names)
			if diff := cmp.Diff(c.names, names(t, store)); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			before := dump(t, store)
			again := run(t, store, c.files[len(c.files)-1], importer.Options{Worker: "bob"})
			if again.Created+again.Updated != 0 {
				t.Errorf("the report of a second run = %+v", countsOf(again))
			}
			if diff := cmp.Diff(before, dump(t, store)); diff != "" {
				t.Errorf("a second run changed (-before +after):\n%s", diff)
			}
		})
	}
}

func maxSharing(n int) string {
	var b strings.Builder
	for _, name := range crowdNames(n) {
		b.WriteString(name + ",+15557040102,,\n")
	}
	return b.String()
}

func crowdNames(n int) []string {
	var list []string
	for i := range n {
		list = append(list, "Colleague "+string(rune('A'+i%26))+string(rune('a'+i/26)))
	}
	return list
}

func TestImport_FindsTheSameCustomersWithARegion(t *testing.T) {
	const text = "name,phone\nAnna Lee,(555) 704-0102\n"
	store := newStore(t)
	run(t, store, text, importer.Options{Worker: "bob"})
	report := run(t, store, text, importer.Options{Worker: "bob", Region: "us"})
	if got, want := countsOf(report), (counts{Rows: 1, Updated: 1}); got != want {
		t.Errorf("report = %+v, want %+v", got, want)
	}
	if diff := cmp.Diff([]customer.Channel{sms("+15557040102")}, all(t, store)[0].Channels); diff != "" {
		t.Errorf("channels (-want +got):\n%s", diff)
	}
}
