package importer

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/source"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// fixedStore is a Store that can only be read.
type fixedStore []customer.Customer

func (l fixedStore) All(context.Context) iter.Seq2[customer.Customer, error] {
	return func(yield func(customer.Customer, error) bool) {
		for _, c := range l {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func (l fixedStore) Update(context.Context, func(customer.Tx) error) error { panic("not writable") }

// roundTrip exports customers as a CSV and imports that into a new store.
func roundTrip(t testing.TB, list []customer.Customer) (csv string, back []customer.Customer) {
	t.Helper()
	var b bytes.Buffer
	if n, err := ExportCSV(context.Background(), &b, fixedStore(list)); err != nil || n != len(list) {
		t.Fatalf("ExportCSV = %d, %v", n, err)
	}
	db, err := store.Open(context.Background(), sqlitetest.File(t), store.Options{Bulk: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	report, err := Run(context.Background(), bytes.NewReader(b.Bytes()), db.Customers(), Options{})
	if err != nil || report.Created != len(list) || len(report.Problems)+len(report.Remarks) > 0 {
		t.Fatalf("Import(export) = %+v, %v, want %d created", report, err, len(list))
	}
	for c, err := range db.Customers().All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		back = append(back, c)
	}
	return b.String(), back
}

// awkward returns customers with text that is special in a CSV, in a list in a cell, or in
// a spreadsheet.
func awkward() (list []customer.Customer) {
	for i, s := range []string{
		"plain", `=HYPERLINK("http://evil.example","x")`, "+1 555", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "'=quoted", "''=twice", "'plain", "'",
		"\t=tab", "\rreturn", " =blank", "a;=b", "a,=b", "a\n=b", "a\r\n- b\r\n- c", "a\t@b", "＝全角", "a\"b", "\"", "\"\"", "a\\nb", `\`, `\\;`,
		"; ;", " both ends ", "\n", "sep=;", "ünïcödé 🙂", "a\u2028b", "\uFEFFmark", "x\u0085", "customer_id", strings.Repeat("l\n", 100),
		"00123", "12E3", "1-2", "123456789012", "TRUE", "false", "1/2", "'00123", "''1-2", " 007", "' 1", "12:30", "MARCH1", "2 Jan", "1.50", "$5", "(5)", "5%", "007 ", "0", "360",
	} {
		list = append(list, customer.Customer{
			ID: string(rune('A'+i/26)) + string(rune('a'+i%26)) + s[:min(len(s), 2)][:1], Name: "n" + s, Company: s, JobTitle: s,
			Channels: []customer.Channel{{Type: customer.Email, Value: "x" + s}, {Type: customer.SMS, Value: "+15557040102"}, {Type: customer.Email, Value: "x" + s}},
			Links:    []customer.Link{{Type: s, Value: s, DisplayName: s}, {}},
			Details:  customer.Detail{Title: s, Content: s}, Workers: []string{"w" + s, "x"},
		})
	}
	list = append(list, customer.Customer{ID: "zz", Name: `|`}, customer.Customer{ID: "|", Name: ",;"}, customer.Customer{ID: " z ", Name: "A", Workers: []string{" "}})
	for i := range list {
		list[i].ID = strings.ToValidUTF8(list[i].ID, "?")
		slices.Sort(list[i].Workers)
	}
	slices.SortFunc(list, func(a, b customer.Customer) int { return strings.Compare(a.ID, b.ID) })
	return list
}

func TestExportCSV_IsReadBackToTheSameCustomers(t *testing.T) {
	list := awkward()
	_, back := roundTrip(t, list)
	if diff := cmp.Diff(list, back); diff != "" {
		t.Errorf("(-exported +imported):\n%s", diff)
	}
}

func TestExportCSV_WritesNoFormulas(t *testing.T) {
	csv, _ := roundTrip(t, awkward())
	// Split by the delimiter of the file, or by another that ignores quotation marks.
	for _, cells := range [][]string{
		cellsOf(t, csv),
		strings.FieldsFunc(csv, func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }),
		strings.FieldsFunc(csv, func(r rune) bool { return r == '\t' || r == '\n' || r == '\r' }),
	} {
		if len(cells) < 100 {
			t.Fatalf("only %d cells", len(cells))
		}
		for _, cell := range cells {
			if cell = strings.TrimLeft(cell, " \t\r\""); cell != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(cell)[0]) {
				t.Errorf("a spreadsheet could evaluate %q", cell)
			}
		}
	}
}

func cellsOf(t *testing.T, csv string) []string {
	t.Helper()
	file, err := source.Open(t.Context(), strings.NewReader(csv), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	table := file.Reader.(*source.Table)
	cells := table.ExactCells(table.Header)
	for row, ok := table.Next(); ok; row, ok = table.Next() {
		cells = append(cells, table.ExactCells(row)...)
	}
	return cells
}

func TestExportCSV_CanBeChangedInASpreadsheet(t *testing.T) {
	saved := "customer_id;display_name;company;job_title;channels;links;notes_title;notes;avatar;workers\r\n" +
		"7;Anna;'=A;;\"sms:+15557040102\r\nemail:a@example.com\";Website;;'- typed;;;ann\r\n" + // a cell too many
		"7;Anna;'=A;;\"sms:+15557040102\r\nemail:a@example.com\";\"CRM\\;x;Profile;https://example.com\";;- typed;;ann\r\n" +
		";Added by hand;;;email:new@example.com;;;;;\r\n8;;;;;;;;;\r\n9;Bert;;;5557040102;;;;;\r\n10;Carl;;;;https://example.com;;;;\r\n"
	db, err := store.Open(t.Context(), sqlitetest.File(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	report, err := Run(t.Context(), strings.NewReader(saved), db.Customers(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, p := range report.Problems {
		reasons = append(reasons, p.Where()+": "+p.Reason)
	}
	want := []string{"line 2: 11 columns, but the header has 10", "line 7: no name",
		`line 8: channel "5557040102" must be sms:, whatsapp:, email:, or chat: followed by an address`,
		`line 9: link "https://example.com" must be type;label;URL`}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Error(diff)
	}
	var got []customer.Customer
	for c, err := range db.Customers().All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, c)
	}
	if len(got) != 2 || got[1].Name != "Added by hand" || !report.NamesOwners {
		t.Fatalf("customers = %+v", got)
	}
	anna := customer.Customer{ID: "7", Name: "Anna", Company: "=A", Details: customer.Detail{Content: "- typed"}, Workers: []string{"ann"},
		Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "email", Value: "a@example.com"}},
		Links:    []customer.Link{{Type: "CRM;x", DisplayName: "Profile", Value: "https://example.com"}}}
	if diff := cmp.Diff(anna, got[0]); diff != "" {
		t.Error(diff)
	}
}

func FuzzExportedCSV(f *testing.F) {
	f.Add("a", "=b", "c;d\n", `\`, " ")
	f.Fuzz(func(t *testing.T, name, notes, link, worker, company string) {
		for _, s := range []string{name, notes, link, worker, company} {
			if strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "") != s {
				t.Skip()
			}
		}
		c := customer.Customer{ID: "x" + company, Name: name, Company: company, Details: customer.Detail{Title: link, Content: notes},
			Channels: []customer.Channel{{Type: customer.Chat, Value: "c" + notes}}, Links: []customer.Link{{Type: link, DisplayName: name, Value: worker}},
			Workers: []string{"w" + worker}}
		if customer.Validate(c) != nil {
			t.Skip()
		}
		var b bytes.Buffer
		if _, err := ExportCSV(t.Context(), &b, fixedStore{c}); err != nil {
			t.Fatal(err)
		}
		file, err := Open(t.Context(), &b, Options{})
		if err != nil {
			t.Fatalf("Open(%q) = %v", b.String(), err)
		}
		if len(file.first) != 1 {
			t.Fatalf("Open(%q) reads %d rows, want 1", b.String(), len(file.first))
		}
		r := file.mapper.convert(file.first[0])
		if got := r.apply(customer.Customer{ID: r.id}, ""); r.reject != "" || !same(c, got) {
			t.Errorf("convert(exported row) = %+v (%s), want %+v", got, r.reject, c)
		}
	})
}
