package source

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
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
	for _, s := range w.sheets {
		if err := s.findHeader(w.file, opts); err != nil {
			return nil, err
		}
	}
	chosen, err := w.choose(opts.Sheet)
	if err != nil {
		return nil, err
	}
	if w.rows, err = newSheetRows(w.file, chosen); err != nil {
		return nil, err
	}
	if w.rows.links, err = w.archive.links(chosen, opts); err != nil {
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
func (w *workbook) choose(name string) (*sheet, error) {
	if name = strings.TrimSpace(name); name != "" {
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
		return nil, &OptionError{"sheet", "no sheet " + quoteNames(name) + " in this workbook; sheets: " + quoteNames(w.names()...)}
	}
	return slices.MaxFunc(w.sheets, func(a, b *sheet) int {
		if a.hidden != b.hidden {
			return cmp.Compare(strconv.FormatBool(b.hidden), strconv.FormatBool(a.hidden))
		}
		return cmp.Or(cmp.Compare(a.known, b.known), cmp.Compare(a.rows, b.rows))
	}), nil
}

// findHeader finds the header among the first rows, as newTable will.
func (s *sheet) findHeader(f *excelize.File, opts Options) error {
	rows, err := newSheetRows(f, s)
	if err != nil {
		return err
	}
	defer rows.close()
	var first [][]string
	for len(first) < headerRows {
		cells, ok := rows.nextCells()
		if !ok {
			break
		}
		if first = append(first, cells); rows.line == opts.HeaderLine {
			s.header = cells
		}
	}
	if opts.HeaderLine == 0 && len(first) > 0 {
		i, _ := chooseHeader(first, opts.IsColumn)
		s.header = first[i]
	}
	s.known = countColumns(s.header, opts.IsColumn)
	return rows.err
}

// notes are things to know about the workbook as a whole.
func (w *workbook) notes() []string {
	notes := w.rows.notes()
	if len(w.sheets) > 1 {
		read := w.rows.sheet.name
		others := slices.DeleteFunc(w.names(), func(name string) bool { return name == read })
		notes = append(notes, fmt.Sprintf("Sheet %s of %d was read. The others are %s.", quoteNames(read), len(w.sheets), quoteNames(others...)))
	}
	return notes
}

// quoteNames quotes names for a message, as many as fit on a screen.
func quoteNames(names ...string) string {
	const limit = 20
	var quoted []string
	for _, name := range names[:min(len(names), limit)] {
		quoted = append(quoted, strconv.QuoteToGraphic(name))
	}
	if len(names) > limit {
		quoted = append(quoted, "and more")
	}
	return strings.Join(quoted, ", ")
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
