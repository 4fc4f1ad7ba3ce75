package importer

import (
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/source"
)

// Preview is the beginning of a file, and what would become of it.
type Preview struct {
	// Encoding is how the characters of a text are written, as far as it was read, "" for a
	// workbook. EncodingAssumed is set if that is a guess that may be wrong.
	Encoding        string
	EncodingAssumed bool
	// Sheets are the sheets of a workbook, and Sheet is the one that is read.
	Sheets []string
	Sheet  string
	// HeaderLine is the line of a table that names its columns, 0 in any other file. Above
	// are the first lines before it that are not blank.
	HeaderLine int
	Above      []PreviewRow
	Rows       []PreviewRow
}

// PreviewRow is one of the first rows of a file.
type PreviewRow struct {
	// Line and Item are as in Problem.
	Line, Item int
	// Cells are the values of the row, one for each of File.Columns, on one line, shortened.
	Cells []string
	// Customer is what the row would become in an empty store.
	Customer customer.Customer
	// Outcome and Reason are as in Problem, and "" for a row that would be used. Remarks
	// are things to know about such a row.
	Outcome, Reason string
	Remarks         []string
}

// maxCell bounds a value of a preview, in characters.
const maxCell = 120

// Preview returns the first n rows at most, without blank ones. It does not read further
// than Open did.
func (f *File) Preview(n int) Preview {
	p := Preview{Sheets: f.source.Sheets, Sheet: f.source.Sheet}
	if p.Encoding, p.EncodingAssumed = f.source.Encoding(); len(p.Sheets) > 0 {
		p.Encoding = "" // a workbook is no text
	}
	if table, ok := f.source.Reader.(*source.Table); ok {
		p.HeaderLine = table.Header.Line
		for _, row := range table.Above[:min(len(table.Above), n)] {
			p.Above = append(p.Above, PreviewRow{Line: row.Line, Cells: shortened(table.Cells(nil, row))})
		}
	}
	columns := f.Columns()
	for _, row := range f.first {
		if len(p.Rows) == n {
			break
		}
		if mapped := f.mapper.convert(row); !mapped.blank {
			f.opts.matchOwners(&mapped)
			p.Rows = append(p.Rows, f.previewRow(mapped, columns))
		}
	}
	return p
}

func (f *File) previewRow(r mappedRow, columns []Column) PreviewRow {
	row := PreviewRow{Line: r.Line, Item: r.Item, Cells: shortened(f.mapper.values(r.Row, columns))}
	switch {
	case r.reject != "":
		row.Outcome, row.Reason = Rejected, r.reject
	case r.skip != "":
		row.Outcome, row.Reason = Skipped, r.skip
	default:
		row.Customer, row.Remarks = r.apply(customer.Customer{ID: r.id}, f.opts.person(f.opts.Worker)), r.remarks
	}
	return row
}

// shortened makes cells short and safe to show.
func shortened(cells []string) []string {
	for i := range cells {
		cells[i] = sanitizeTo(cells[i], maxCell)
	}
	return cells
}

func (t *tableMapper) values(row source.Row, columns []Column) []string {
	cells := t.table.Cells(nil, row)
	values := make([]string, len(columns))
	for i, c := range columns {
		if c.Position <= len(cells) {
			values[i] = cells[c.Position-1]
		}
	}
	return values
}

func valuesByName(texts map[string]string, columns []Column) []string {
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = texts[c.Name]
	}
	return values
}
