package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
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
	strings *sharedStrings
	numbers *numberFormats
	rows    *sheetRows
}

// isWorkbook reports whether a file may be a workbook of today: a ZIP archive.
func isWorkbook(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// openWorkbook returns a table with the rows of one sheet of a workbook.
func openWorkbook(ctx context.Context, src io.Reader, opts Options) (*File, error) {
	w := &workbook{}
	f, err := w.open(ctx, src, opts)
	if err == nil {
		return f, nil
	}
	w.close()
	if file := (*fs.PathError)(nil); errors.As(err, &file) {
		err = fmt.Errorf("unpacking the workbook to a temporary file failed: %w", file.Err)
	}
	return nil, cmp.Or(ctx.Err(), err)
}

func (w *workbook) open(ctx context.Context, src io.Reader, opts Options) (_ *File, err error) {
	if w.dir, err = os.MkdirTemp(opts.TempDir, "workbook-*"); err != nil { // mode 0700
		return nil, err
	}
	if w.archive, err = openArchive(ctx, src, w.dir); err != nil {
		return nil, err
	}
	parts, err := w.archive.contents()
	if err != nil {
		return nil, err
	}
	if parts.strings != nil {
		if w.strings, err = w.archive.readSharedStrings(parts.strings, w.dir); err != nil {
			return nil, err
		}
	}
	if w.numbers, err = w.archive.newNumberFormats(parts.styles, parts.date1904); err != nil {
		return nil, err
	}
	for _, s := range parts.sheets {
		if err := w.addSheet(s, opts); err != nil {
			return nil, err
		}
	}
	chosen, err := w.choose(opts.Sheet)
	if err != nil {
		return nil, err
	}
	if w.rows, err = w.newSheetRows(chosen); err != nil {
		return nil, err
	}
	if w.rows.links, err = w.archive.links(chosen, opts); err != nil {
		return nil, err
	}
	w.numbers.truncated = 0 // in the first rows
	// The files are open; elsewhere than on Windows they can be deleted now, so that nothing
	// stays when the process is killed.
	os.RemoveAll(w.dir)
	table, err := newTable(w.rows, ',', opts)
	if err != nil {
		return nil, err
	}
	return &File{Reader: table, Format: "Excel", Sheets: w.names(), Sheet: chosen.name, workbook: w}, nil
}

// addSheet adds a sheet if it holds anything, and finds its header.
func (w *workbook) addSheet(s *sheet, opts Options) error {
	if err := s.scan(w.archive, w.strings); err != nil || s.rows == 0 {
		return err
	}
	w.sheets = append(w.sheets, s)
	rows, err := w.newSheetRows(s)
	if err != nil {
		return err
	}
	defer rows.close()
	table, err := newTable(rows, ',', opts)
	if wrong := (*OptionError)(nil); err != nil && !errors.As(err, &wrong) {
		return err
	} else if err == nil {
		s.header = table.Cells(nil, table.Header)
		s.known = countColumns(s.header, opts.IsColumn)
	}
	return nil
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
	if len(w.sheets) == 0 {
		return nil, errNoSheets
	}
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

// notes are things to know about the workbook as a whole.
func (w *workbook) notes() []string {
	var notes []string
	add := func(n int, one, many string) {
		switch {
		case n == 1:
			notes = append(notes, "1 "+one)
		case n > 1:
			notes = append(notes, fmt.Sprintf("%d %s", n, many))
		}
	}
	read := w.rows.sheet
	add(read.errors, "cell with an error, such as #N/A, was read as empty.", "cells with an error, such as #N/A, were read as empty.")
	add(read.pending, "formula without a result was read as empty. Open the workbook in a spreadsheet program and save it.",
		"formulas without a result were read as empty. Open the workbook in a spreadsheet program and save it.")
	add(w.numbers.truncated, "number has more than 15 digits. The program that saved the workbook lost the others.",
		"numbers have more than 15 digits. The program that saved the workbook lost the others.")
	if len(w.sheets) > 1 {
		others := slices.DeleteFunc(w.names(), func(name string) bool { return name == read.name })
		notes = append(notes, fmt.Sprintf("Sheet %s of %d was read. The others are %s.", quoteNames(read.name), len(w.sheets), quoteNames(others...)))
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
	w.strings.close()
	var err error
	if w.archive != nil {
		err = w.archive.file.Close()
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}
