package importer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	file, err := importer.Open(strings.NewReader(workbook(t)), importer.Options{Worker: "bob", Region: "PL", TempDir: t.TempDir()})
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
	_, err := importer.Open(strings.NewReader(workbook(t)), importer.Options{Worker: "bob", Sheet: "Kundne\n", TempDir: t.TempDir()})
	var usage *importer.UsageError
	if !errors.As(err, &usage) || usage.Need != importer.NeedSheet || usage.Reason != `no sheet "Kundne" in this workbook; sheets: "Preise", "Kunden"` {
		t.Errorf("Open() = %v, want the need of a sheet", err)
	}
	file, err := importer.Open(strings.NewReader(workbook(t)), importer.Options{Worker: "bob", Sheet: "kunden", TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if want, got := []string{"Preise", "Kunden"}, file.Sheets(); !cmp.Equal(want, got) {
		t.Errorf("Sheets() = %q, want %q", got, want)
	}
}
