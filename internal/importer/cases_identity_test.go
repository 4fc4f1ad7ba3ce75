package importer_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store"
)

func TestImport_KeepsBothCustomersOfASharedEmail(t *testing.T) {
	store := openStore(t, store.Options{})
	run(t, store, shared(t, "cases/shared1.csv"), importer.Options{Worker: "alice@example.com"})
	for range 2 {
		run(t, store, shared(t, "cases/shared2.csv"), importer.Options{Worker: "bob@example.com"})
	}
	got := map[string]string{}
	for _, c := range all(t, store) {
		got[c.Name] = strings.Join(c.Workers, ",")
	}
	if diff := cmp.Diff(map[string]string{"Ann Lee": "alice@example.com", "Bob Ray": "bob@example.com"}, got); diff != "" {
		t.Errorf("customers (-want +got):\n%s", diff)
	}
	page, err := store.Duplicates(t.Context(), customer.DuplicateQuery{Limit: 10})
	if err != nil || len(page.Groups) != 1 || page.Groups[0].Shared != "info@acme.example" {
		t.Errorf("Duplicates() = %s, %v, want one group of info@acme.example", show(page), err)
	}
}

func TestImport_RenamesACustomerUnlessSomethingSpeaksAgainstIt(t *testing.T) {
	const head = "name,email,phone\n"
	for name, c := range map[string]struct {
		before, after string
		want          []string
	}{
		"the same number, another name":         {"Bobby Baker,b@example.com,+15557040101", "Robert Baker,b@example.com,+15557040101", []string{"Robert Baker"}},
		"the same number without country code":  {"Bobby Baker,b@example.com,+15557040101", "Robert Baker,b@example.com,(555) 704-0101", []string{"Robert Baker"}},
		"no number now, the same first name":    {"Anna Lee,a@example.com,+15557040101", "Anna Kim,a@example.com,", []string{"Anna Kim"}},
		"no number before, the same first name": {"\"Lee, Anna\",a@example.com,", "Anna Kim,a@example.com,+15557040101", []string{"Anna Kim"}},
		"no number, a name more":                {"Lee,a@example.com,", "Anna Lee,a@example.com,", []string{"Anna Lee"}},
		"called by the address":                 {"a@example.com,a@example.com,+15557040101", "Anna Lee,a@example.com,+15557040102", []string{"Anna Lee"}},
		"another number":                        {"Anna Lee,info@example.com,+15557040101", "Anna Kim,info@example.com,+15557040102", []string{"Anna Kim", "Anna Lee"}},
		"no number, another name":               {"Anna Lee,info@example.com,", "Bob Ray,info@example.com,", []string{"Anna Lee", "Bob Ray"}},
		"no number, the same family":            {"Peter Smith,smith@example.com,+15557040101", "Mary Smith,smith@example.com,", []string{"Mary Smith", "Peter Smith"}},
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			run(t, store, head+c.before+"\n", importer.Options{Worker: "bob"})
			for range 2 {
				run(t, store, head+c.after+"\n", importer.Options{Worker: "bob"})
			}
			if got := names(t, store); !slices.Equal(got, c.want) {
				t.Errorf("names = %q, want %q", got, c.want)
			}
		})
	}
}

func TestImport_KeepsTheIDsThatASpreadsheetRewrote(t *testing.T) {
	store := newStore(t)
	run(t, store, shared(t, "cases/ids.json"), importer.Options{Worker: "alice@example.com"})
	before := dump(t, store)
	var export bytes.Buffer
	if _, err := importer.ExportCSV(t.Context(), &export, store); err != nil {
		t.Fatal(err)
	}
	if r := run(t, store, export.String(), importer.Options{}); r.Unchanged != 5 || len(r.Remarks) > 0 {
		t.Errorf("Import(export) = %s", show(r))
	}
	resaved := shared(t, "cases/export-resaved-by-excel.csv")
	for _, prune := range []bool{false, true} {
		r := run(t, store, resaved, importer.Options{Prune: prune})
		if r.Unchanged != 5 || len(r.Remarks) != 5 || r.Pruned > 0 {
			t.Errorf("Import(saved by a spreadsheet) = %s, want 5 unchanged with remarks", show(r))
		}
	}
	if diff := cmp.Diff(before, dump(t, store)); diff != "" {
		t.Errorf("customers (-before +after):\n%s", diff)
	}
}

const exportHeader = "customer_id,display_name,company,job_title,channels,links,notes_title,notes,avatar,workers\n"

func TestImport_FindsTheCustomerOfARewrittenIDByNameAndAddress(t *testing.T) {
	store := newStore(t)
	const row = exportHeader + "0042,Ann Lee,,,sms:+15557040101,,,,,bob\n"
	run(t, store, row, importer.Options{})
	for _, c := range []struct {
		from, to string
		want     counts
	}{
		{"0042", "42", counts{Rows: 1, Unchanged: 1}},
		{"0042,Ann Lee", "4.2E+01,Eva Ode", counts{Rows: 1, Rejected: 1}},
		{"0042,Ann Lee", "42,Eva Ode", counts{Rows: 1, Created: 1}},
		{"0042", "43", counts{Rows: 1, Created: 1}},
	} {
		r := run(t, store, strings.Replace(row, c.from, c.to, 1), importer.Options{})
		if got := countsOf(r); got != c.want {
			t.Errorf("Import(%s in place of %s) = %+v, want %+v", c.to, c.from, got, c.want)
		}
	}
}

func TestImport_MatchesNoCustomerByAnIDThatLostDigits(t *testing.T) {
	list, report := imported(t, "Record ID,Name,Phone\n1.23457E+11,Ann Lee,+15557040101\n\"1,23457E+11\",Bob Ray,4.85E+10\n123.0,Cid Diaz,1.5557040103E+10\n", importer.Options{})
	want := map[string]int{"Ann Lee": 1, "Bob Ray": 0, "Cid Diaz": 0}
	got := map[string]int{}
	for _, c := range list {
		got[c.Name] = len(c.Channels)
		if c.Name == "Cid Diaz" && c.ID != "123" || strings.Contains(c.ID, "E+") {
			t.Errorf("the id of %s = %q", c.Name, c.ID)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("numbers of each (-want +got):\n%s", diff)
	}
	if len(report.Remarks) != 4 {
		t.Errorf("Remarks = %s, want two ids and two numbers", show(report.Remarks))
	}

	store := newStore(t)
	text := exportHeader + "1.23457E+11,Ann Lee,,,sms:+15557040101,,,,,bob\n"
	if r := run(t, store, text, importer.Options{}); r.Rejected != 1 || !strings.Contains(r.Problems[0].Reason, "lost its last digits") {
		t.Errorf("Import(own export, id of nobody) = %s, want a rejected row that says why", show(r))
	}
}

func TestImport_KeepsTheNumbersOfACustomerWhereTheFileLostThem(t *testing.T) {
	store := newStore(t)
	run(t, store, "id,name,phone\n7,Ann Lee,+15557040101\n", importer.Options{Worker: "bob"})
	for range 2 {
		run(t, store, "id,name,phone,mobile\n7,Ann Lee,1.55570E+10,+15557040102\n", importer.Options{Worker: "bob"})
	}
	if diff := cmp.Diff([]customer.Channel{sms("+15557040101"), sms("+15557040102")}, all(t, store)[0].Channels); diff != "" {
		t.Errorf("channels (-want +got):\n%s", diff)
	}
}
