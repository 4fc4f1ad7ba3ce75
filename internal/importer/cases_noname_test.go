package importer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/importer"
)

func TestImport_CallsCustomersWithoutANameByTheirAddress(t *testing.T) {
	const head = "name,phone,email,company\n"
	for _, c := range []struct {
		name  string
		files []string
		last  counts // of the last file
		names []string
	}{
		{"an email address, a number, neither", []string{head + ",+15557040101,bobby@example.com,\n,+15557040102,,\n,,n/a,\n"},
			counts{Rows: 3, Created: 2, Rejected: 1}, []string{"+1 555 704 0102", "bobby@example.com"}},
		{"no column of names", []string{"email,phone\nbobby@example.com,+15557040101\n,+15557040102\n"},
			counts{Rows: 2, Created: 2}, []string{"+1 555 704 0102", "bobby@example.com"}},
		{"a number without its country, an address of a messenger", []string{"name,phone,whatsapp\n,030 123456,\n,,+447700900015\n"},
			counts{Rows: 2, Created: 2}, []string{"+44 7700 900015", "030 123456"}},
		{"the same number twice", []string{head + ",+15557040102,,\n,+1 555 704-0102,,\n"},
			counts{Rows: 2, Created: 1, Skipped: 1}, []string{"+1 555 704 0102"}},
		{"a name that comes later, by email", []string{head + ",+15557040101,b@example.com,\n", head + "Bobby,+15557040101,b@example.com,\n"},
			counts{Rows: 1, Updated: 1}, []string{"Bobby"}},
		{"a name that comes later, by number", []string{head + ",+15557040102,,\n", head + "Bobby,+15557040102,,\n"},
			counts{Rows: 1, Updated: 1}, []string{"Bobby"}},
		{"a name that is gone later", []string{head + "Bobby,+15557040102,,\n", head + ",+15557040102,,\n"},
			counts{Rows: 1, Unchanged: 1}, []string{"Bobby"}},
		{"a name that came in between", []string{head + ",+15557040102,,\n", head + "Bobby,+15557040102,,\n", head + ",+15557040102,,\n"},
			counts{Rows: 1, Unchanged: 1}, []string{"Bobby"}},
		{"an email address that comes later", []string{head + ",+15557040102,,\n", head + ",+15557040102,b@example.com,\n"},
			counts{Rows: 1, Updated: 1}, []string{"b@example.com"}},
		{"another number of the same id", []string{"id,name,phone\n7,,+15557040102\n", "id,name,phone\n7,,+15557040103\n"},
			counts{Rows: 1, Updated: 1}, []string{"+1 555 704 0103"}},
		{"a number that two people have", []string{head + "Anna,+15557040102,,\nBert,+15557040102,,\n", head + ",+15557040102,,\n"},
			counts{Rows: 1, Unchanged: 1}, []string{"Anna", "Bert"}},
		{"a row with and one without a name", []string{head + "Anna,+15557040102,,\n,+15557040102,,\n", head + ",+15557040102,,\nAnna,+15557040102,,\n"},
			counts{Rows: 2, Unchanged: 2}, []string{"+1 555 704 0102", "Anna"}},
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
			if diff := cmp.Diff(c.names, names(t, store)); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			again := run(t, store, c.files[len(c.files)-1], importer.Options{Worker: "bob"})
			if again.Created+again.Updated != 0 {
				t.Errorf("the report of a second run = %+v", countsOf(again))
			}
		})
	}
}

func TestImport_CallsTheSharedCustomersWithoutANameByTheirAddress(t *testing.T) {
	store := newStore(t)
	run(t, store, shared(t, "cases/no-name.csv"), importer.Options{})
	if diff := cmp.Diff([]string{"+1 555 704 0102", "Ann", "bobby@example.com"}, names(t, store)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestImport_JoinsNamesInTheOrderOfTheirLanguage(t *testing.T) {
	const text = "first name,middle name,last name\n太郎,,山田\n철수,,김\n小龙,,李\nはなこ,,さとう\nジョン,,スミス\nPéter,,Kovács\nAnh,Thị,Nguyễn\n太郎,,Yamada\n,,山田\n"
	want := []string{"Anh Thị Nguyễn", "Péter Kovács", "さとうはなこ", "スミスジョン", "太郎 Yamada", "山田", "山田太郎", "李小龙", "김철수"}
	store := newStore(t)
	run(t, store, text, importer.Options{Worker: "bob"})
	if diff := cmp.Diff(want, names(t, store)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	list, _ := imported(t, `[{"first_name":"太郎","last_name":"山田","email":"t@example.com"}]`, importer.Options{})
	if len(list) != 1 || list[0].Name != "山田太郎" {
		t.Errorf("customers of a JSON file = %s", show(list))
	}
}
