package importer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// workbook returns a workbook with the sheets Preise and Kunden.
func workbook(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for _, sheet := range []struct {
		name string
		rows [][]any
	}{
		{"Preise", [][]any{{"Artikel", "Preis"}, {"Schraube", 0.1}}},
		{"Kunden", [][]any{
			{"Kundennummer", "Vorname", "Nachname", "Telefon", "E-Mail", "Firma", "Notiz"},
			{7, "Anna", "Lee", 48500555101, "anna@example.com", "Zorza, \"Z\"", "zwei\nZeilen"},
			{8, nil, nil, nil, nil, nil, "ruft an"},
			{9, "Bert", "Kay", nil, nil, nil, nil},
		}},
	} {
		if _, err := f.NewSheet(sheet.name); err != nil {
			t.Fatal(err)
		}
		for i, row := range sheet.rows {
			if err := f.SetSheetRow(sheet.name, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestImport_ReadsAWorkbook(t *testing.T) {
	store, text := newStore(t), workbook(t)
	opts := importer.Options{Worker: "bob", Region: "PL", TempDir: t.TempDir()}
	report := run(t, store, text, opts)
	want := []customer.Customer{
		{ID: "7", Name: "Anna Lee", Company: `Zorza, "Z"`, Details: customer.Detail{Content: "zwei\nZeilen"}, Workers: []string{"bob"},
			Channels: []customer.Channel{sms("+48500555101"), email("anna@example.com")}},
		{ID: "9", Name: "Bert Kay", Workers: []string{"bob"}},
	}
	if diff := cmp.Diff(want, all(t, store)); diff != "" {
		t.Errorf("customers (-want +got):\n%s\n%s", diff, show(report))
	}
	if report.Format != "Excel" || report.Sheet != "Kunden" {
		t.Errorf("Format = %q, Sheet = %q, want Excel and Kunden", report.Format, report.Sheet)
	}
	if want := []string{`Sheet "Kunden" of 2 was read. The others are "Preise".`}; !cmp.Equal(want, report.Notes) {
		t.Errorf("Notes = %q, want %q", report.Notes, want)
	}
	if again := run(t, store, text, opts); again.Unchanged != 2 {
		t.Errorf("imported again: %+v, want 2 unchanged", countsOf(again))
	}
}

func TestImport_RejectsRowsOfAWorkbookAsCSV(t *testing.T) {
	file, err := importer.Open(t.Context(), strings.NewReader(workbook(t)), importer.Options{Worker: "bob", Region: "PL", TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	store := newStore(t)
	var rejects bytes.Buffer
	report, err := file.Import(context.Background(), store, &rejects)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems) != 1 || report.Problems[0].Line != 3 {
		t.Fatalf("Problems = %s, want row 3 of the sheet", show(report.Problems))
	}
	corrected := strings.Replace(rejects.String(), "8,,,", "8,Carl,Kay,", 1)
	if again := run(t, store, corrected, importer.Options{Worker: "bob", Region: "PL"}); again.Created != 1 {
		t.Errorf("the corrected rejects report %s", show(again))
	}
}

func TestOpen_NeedsASheetOfTheWorkbook(t *testing.T) {
	_, err := importer.Open(t.Context(), strings.NewReader(workbook(t)), importer.Options{Worker: "bob", Sheet: "Kundne\n", TempDir: t.TempDir()})
	var usage *importer.UsageError
	if !errors.As(err, &usage) || usage.Need != importer.NeedSheet || usage.Reason != `no sheet "Kundne" in this workbook; sheets: "Preise", "Kunden"` {
		t.Errorf("Open() = %v, want the need of a sheet", err)
	}
	file, err := importer.Open(t.Context(), strings.NewReader(workbook(t)), importer.Options{Worker: "bob", Sheet: "kunden", TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if want, got := []string{"Preise", "Kunden"}, file.Sheets(); !cmp.Equal(want, got) {
		t.Errorf("Sheets() = %q, want %q", got, want)
	}
}

func TestImport_TakesWhatCellsLinkTo(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range [][]any{
		{"Name", "E-Mail", "Website", "LinkedIn", "Notes"},
		{"Anna", "write to her", "Acme", "linkedin.com/in/anna", "see there"},
		{"Bert", "bert@example.com", "https://bert.example", "Profile", "no page"},
	} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("B%d", i+2), &row); err != nil {
			t.Fatal(err)
		}
	}
	for cell, target := range map[string]string{
		"B3": "https://people.example/anna", "C3": "mailto:anna@example.com?subject=x", "D3": "https://acme.example/", "E3": "https://old.example", "F3": "https://notes.example",
		"C4": "mailto:old@example.com", "E4": "https://linkedin.com/in/bert",
	} {
		if err := f.SetCellHyperLink("Sheet1", cell, target, "External"); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	list, report := imported(t, b.String(), importer.Options{TempDir: t.TempDir()})
	link := func(kind, url string) customer.Link { return customer.Link{Type: kind, Value: url, DisplayName: kind} }
	type addresses struct {
		Name, Email, Notes string
		Links              []customer.Link
	}
	want := []addresses{
		{"Anna", "anna@example.com", "see there", []customer.Link{link("Website", "https://acme.example/"), link("LinkedIn", "https://linkedin.com/in/anna")}},
		{"Bert", "bert@example.com", "no page", []customer.Link{link("Website", "https://bert.example"), link("LinkedIn", "https://linkedin.com/in/bert")}},
	}
	var got []addresses
	for _, c := range list {
		got = append(got, addresses{c.Name, c.Channels[0].Value, c.Details.Content, c.Links})
	}
	slices.SortFunc(got, func(a, b addresses) int { return strings.Compare(a.Name, b.Name) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("customers (-want +got):\n%s\n%s", diff, show(report))
	}
}

func TestImport_FindsTheHeaderOfAWorkbook(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range [][]any{{"Customers of May"}, {"exported by", "Alice"}, {}, {"Vorname", "Nachname", "Telefon"}, {"Anna", "Lee", "+15557040101"}} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, line := range []int{0, 4} {
		list, report := imported(t, b.String(), importer.Options{HeaderLine: line, TempDir: t.TempDir()})
		if len(list) != 1 || list[0].Name != "Anna Lee" || report.Rows != 1 {
			t.Errorf("with header line %d the customers are %+v", line, list)
		}
	}
	_, err := importer.Open(t.Context(), bytes.NewReader(b.Bytes()), importer.Options{Worker: "bob", HeaderLine: 3, TempDir: t.TempDir()})
	var usage *importer.UsageError
	if !errors.As(err, &usage) || usage.Need != importer.NeedHeader {
		t.Errorf("Open(header line 3) = %v, want the need of a header", err)
	}
}
