package source

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// workbookOf returns the bytes of a workbook after fill was called on it.
func workbookOf(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sheetOf returns a workbook with one sheet of rows.
func sheetOf(t testing.TB, rows ...[]any) []byte {
	return workbookOf(t, func(f *excelize.File) { fillSheet(t, f, "Sheet1", rows...) })
}

func fillSheet(t testing.TB, f *excelize.File, sheet string, rows ...[]any) {
	t.Helper()
	if _, err := f.NewSheet(sheet); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
}

// archiveOf returns a ZIP archive.
func archiveOf(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range parts {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readTable returns the columns and the cells of all rows, with their lines, and the file
// at its end.
func readTable(t testing.TB, data []byte, opts Options) (*File, []string) {
	t.Helper()
	if opts.IsColumn == nil {
		opts.IsColumn = isColumn
	}
	if opts.TempDir == "" {
		opts.TempDir = t.TempDir()
	}
	f, err := Open(t.Context(), iotest.HalfReader(bytes.NewReader(data)), opts)
	if err != nil {
		t.Fatalf("Open() = %v", err)
	}
	defer f.Close()
	table := f.Reader.(*Table)
	lines := []string{strings.Join(table.Columns, "|")}
	for {
		row, ok := table.Next()
		if !ok {
			break
		}
		lines = append(lines, fmt.Sprintf("%d: %s", row.Line, strings.Join(table.Cells(nil, row), "|")))
	}
	if err := table.Err(); err != nil {
		t.Fatalf("Err() = %v", err)
	}
	return f, lines
}

func TestOpen_ShowsCellsOfWorkbooksAsPeopleWroteThem(t *testing.T) {
	day := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	number := func(code string) *excelize.Style { return &excelize.Style{CustomNumFmt: &code} }
	for name, c := range map[string]struct {
		value any
		style *excelize.Style
		want  string
	}{
		"a text":                            {"Zoë, \"Z\"", nil, `Zoë, "Z"`},
		"a text of two lines":               {"a\nb", nil, "a\nb"},
		"a number in a cell of no format":   {48500555101, nil, "48500555101"},
		"a long number in a bold cell":      {380993456789, &excelize.Style{Font: &excelize.Font{Bold: true}}, "380993456789"},
		"a number without decimals":         {15557040101.0, nil, "15557040101"},
		"a number in a scientific format":   {48500555101, &excelize.Style{NumFmt: 11}, "48500555101"},
		"a number in thousands":             {15557040101, &excelize.Style{NumFmt: 3}, "15557040101"},
		"a number with two decimals":        {15557040101, &excelize.Style{NumFmt: 2}, "15557040101"},
		"a number as text":                  {15557040101, &excelize.Style{NumFmt: 49}, "15557040101"},
		"a fraction":                        {0.1 + 0.2, nil, "0.3"},
		"zeros of the format":               {123, number("00000"), "00123"},
		"a telephone number of the US":      {5557040101, number("(000) 000-0000"), "(555) 704-0101"},
		"a telephone number of France":      {612345678, number(`0#" "##" "##" "##" "##`), "06 12 34 56 78"},
		"a plus of the format":              {48500555101, number(`"+"0`), "+48500555101"},
		"a plus of the format, bare":        {48500555101, number(`+0`), "+48500555101"},
		"a currency":                        {1234.5, number(`#,##0.00 "€"`), "1234.5"},
		"a currency with a code":            {1234.5, number(`[$€-407]#,##0.00`), "1234.5"},
		"a percentage":                      {0.05, &excelize.Style{NumFmt: 9}, "5%"},
		"a date":                            {day, &excelize.Style{NumFmt: 14}, "2024-05-01"},
		"a date of Germany":                 {day, number(`dd\.mm\.yyyy`), "2024-05-01"},
		"a date of the US in words":         {day, number(`[$-409]mmmm\ d\,\ yyyy;@`), "2024-05-01"},
		"a date of Japan":                   {day, number(`[$-411]ggge"年"m"月"d"日"`), "2024-05-01"},
		"a date with a time":                {day.Add(9*time.Hour + 30*time.Minute), &excelize.Style{NumFmt: 22}, "2024-05-01 09:30"},
		"a time":                            {0.75, number("h:mm AM/PM"), "18:00"},
		"a true value":                      {true, nil, "TRUE"},
		"a number of more than 15 digits":   {"", nil, ""},
		"a text with blanks around it":      {" a ", nil, "a"},
		"a text in a cell of a date format": {"soon", &excelize.Style{NumFmt: 14}, "soon"},
	} {
		data := workbookOf(t, func(f *excelize.File) {
			fillSheet(t, f, "Sheet1", []any{"name", "x"}, []any{"Anna", c.value})
			if c.style != nil {
				style, err := f.NewStyle(c.style)
				if err != nil {
					t.Fatal(err)
				}
				if err := f.SetCellStyle("Sheet1", "B2", "B2", style); err != nil {
					t.Fatal(err)
				}
			}
		})
		if _, got := readTable(t, data, Options{}); len(got) != 2 || got[1] != "2: Anna|"+c.want {
			t.Errorf("%s: rows = %q, want %q", name, got, c.want)
		}
	}
}

func TestOpen_ReadsSharedStringsThatDoNotFitInMemory(t *testing.T) {
	rows := [][]any{{"name", "notes"}}
	want := []string{"name|notes"}
	for i := range 3000 {
		name, note := fmt.Sprintf("Person %d", i), fmt.Sprint(strings.Repeat("long ", 30), i)
		rows = append(rows, []any{name, note})
		want = append(want, fmt.Sprintf("%d: %s|%s", i+2, name, note))
	}
	dir := t.TempDir()
	data := sheetOf(t, rows...)
	f, err := Open(t.Context(), bytes.NewReader(data), Options{IsColumn: isColumn, TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("Open() leaves %v while the rows are read", left)
	}
	f.Close()
	_, got := readTable(t, data, Options{})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%.2000s", diff)
	}
}
