package source

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

var (
	errDamaged  = errors.New("the workbook is damaged: open it in a spreadsheet program, save it again, and import that file")
	errNoSheets = errors.New("the workbook has no sheet with rows")
)

// SheetError says that a workbook has no such sheet.
type SheetError struct {
	// Name is what was asked for, Sheets the sheets that there are.
	Name   string
	Sheets []string
}

func (e *SheetError) Error() string { return "no sheet " + strconv.QuoteToGraphic(e.Name) }

// workbook is an Excel workbook.
type workbook struct {
	dir     string // of temporary files; they are deleted, or gone when close returns
	archive *archive
	sheets  []*sheet // that hold anything
	file    *excelize.File
	rows    *sheetRows
}

// isWorkbook reports whether a file may be a workbook of today: a ZIP archive.
func isWorkbook(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// openWorkbook returns a table with the rows of one sheet of a workbook.
func openWorkbook(src io.Reader, opts Options) (f *File, err error) {
	w := &workbook{}
	if w.dir, err = os.MkdirTemp(opts.TempDir, "workbook-*"); err != nil { // mode 0700
		return nil, err
	}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.archive, err = openArchive(src, w.dir); err != nil {
		return nil, err
	}
	book, err := w.archive.book()
	if err != nil {
		return nil, err
	}
	w.sheets = book.sheets
	if len(w.sheets) == 0 {
		return nil, errNoSheets
	}
	if w.file, err = w.archive.openNormalized(book, w.dir); err != nil {
		return nil, err
	}
	chosen, err := w.choose(opts)
	if err != nil {
		return nil, err
	}
	if w.rows, err = newSheetRows(w.file, chosen); err != nil {
		return nil, err
	}
	if err := w.archive.close(); err != nil {
		return nil, err
	}
	// What is still read is open; elsewhere than on Windows it can be deleted now, so that
	// nothing stays when the process is killed.
	os.RemoveAll(w.dir)
	table, err := newTable(w.rows, ',', opts)
	if err != nil {
		return nil, err
	}
	return &File{Reader: table, Format: "Excel", Sheets: w.names(), Sheet: chosen.name, workbook: w}, nil
}

func (w *workbook) names() []string {
	names := make([]string, len(w.sheets))
	for i, s := range w.sheets {
		names[i] = s.name
	}
	return names
}

// choose returns the sheet of a name or number, or else the one that looks most like
// customers: with most usual columns in a row, then with most rows. A hidden sheet is
// chosen when there is no other.
func (w *workbook) choose(opts Options) (*sheet, error) {
	if name := strings.TrimSpace(opts.Sheet); name != "" {
		for _, s := range w.sheets {
			if strings.EqualFold(strings.TrimSpace(s.name), name) {
				return s, nil
			}
		}
		for _, s := range w.sheets {
			if strconv.Itoa(s.number) == name {
				return s, nil
			}
		}
		return nil, &SheetError{name, w.names()}
	}
	for _, s := range w.sheets {
		known, err := knownColumns(w.file, s, opts.IsColumn)
		if err != nil {
			return nil, err
		}
		s.known = known
	}
	return slices.MaxFunc(w.sheets, func(a, b *sheet) int {
		if a.hidden != b.hidden {
			return cmp.Compare(strconv.FormatBool(b.hidden), strconv.FormatBool(a.hidden))
		}
		return cmp.Or(cmp.Compare(a.known, b.known), cmp.Compare(a.rows, b.rows))
	}), nil
}

// knownColumns returns how many usual columns the best of the first rows names.
func knownColumns(f *excelize.File, s *sheet, isColumn func(string) bool) (best int, err error) {
	const headerWithin = 50
	rows, err := newSheetRows(f, s)
	if err != nil {
		return 0, err
	}
	defer rows.close()
	for range headerWithin {
		cells, ok := rows.nextCells()
		if !ok {
			break
		}
		known := 0
		for _, cell := range cells {
			if isColumn(cell) {
				known++
			}
		}
		best = max(best, known)
	}
	return best, rows.err
}

// close deletes the temporary files.
func (w *workbook) close() error {
	if w.rows != nil {
		w.rows.close()
	}
	if w.file != nil {
		w.file.Close() // it may fail to delete what is deleted
	}
	var err error
	if w.archive != nil {
		err = w.archive.close()
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}
