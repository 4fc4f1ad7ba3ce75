package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// sheetRows reads the rows of a sheet as those of a CSV.
type sheetRows struct {
	sheet *sheet
	rows  *excelize.Rows
	links *sheetLinks
	line  int
	// truncated is how many numbers have more than 15 digits.
	truncated int
	err       error
}

func newSheetRows(f *excelize.File, s *sheet) (r *sheetRows, err error) {
	defer recoverDamaged(&err)
	rows, err := f.Rows(s.id)
	if err != nil {
		return nil, errDamaged
	}
	return &sheetRows{sheet: s, rows: rows}, nil
}

func (r *sheetRows) close() { r.rows.Close() }

func (r *sheetRows) failure() error { return r.err }

// next returns the next row that holds anything.
func (r *sheetRows) next() (Row, bool) {
	cells, ok := r.nextCells()
	if !ok {
		return Row{}, false
	}
	var raw strings.Builder
	for i, cell := range cells {
		if i > 0 {
			raw.WriteByte(',')
		}
		if strings.ContainsAny(cell, ",\"\r\n") || strings.TrimSpace(cell) != cell {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		raw.WriteString(cell)
	}
	return Row{Line: r.line, Raw: raw.String()}, true
}

// nextCells returns the cells of the next row that holds anything, from the first column
// of the sheet to its last.
func (r *sheetRows) nextCells() (cells []string, ok bool) {
	defer recoverDamaged(&r.err)
	for r.err == nil && r.line < r.sheet.last {
		if !r.rows.Next() {
			r.err = errDamaged
			return nil, false
		}
		r.line++
		cells, err := r.rows.Columns()
		if err != nil {
			r.err = errDamaged
			return nil, false
		}
		cells = cells[min(len(cells), r.sheet.left-1):min(len(cells), r.sheet.right-1)]
		filled := false
		for i, cell := range cells {
			cells[i] = r.links.replace(r.shown(cell), i, r.line)
			filled = filled || cells[i] != ""
		}
		if filled {
			return append(cells, make([]string, r.sheet.right-r.sheet.left-len(cells))...), true
		}
	}
	return nil, false
}

// errorValues are what cells with an error show.
var errorValues = []string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!",
	"#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#GETTING_DATA"}

// shown returns the value of a cell as people write it.
func (r *sheetRows) shown(value string) string {
	switch {
	case strings.HasPrefix(value, "#") && slices.Contains(errorValues, value):
		return ""
	case len(value) >= len("2024-05-01 00:00") && value[4] == '-' && value[7] == '-' && (value[10] == ' ' || value[10] == 'T'):
		date, time := value[:10], value[11:]
		if time == "00:00" || time == "00:00:00" {
			return date
		}
		return date + " " + time
	case strings.Contains(value, "E+") && strings.Trim(value, "0123456789.E+-") == "":
		r.truncated++
	}
	return value
}

// notes are things to know about the sheet as a whole.
func (r *sheetRows) notes() []string {
	var notes []string
	add := func(n int, one, many string) {
		switch {
		case n == 1:
			notes = append(notes, "1 "+one)
		case n > 1:
			notes = append(notes, fmt.Sprintf("%d %s", n, many))
		}
	}
	add(r.sheet.errors, "cell with an error, such as #N/A, was read as empty.", "cells with an error, such as #N/A, were read as empty.")
	add(r.sheet.pending, "formula without a result was read as empty. Open the workbook in a spreadsheet program and save it.",
		"formulas without a result were read as empty. Open the workbook in a spreadsheet program and save it.")
	add(r.truncated, "number has more than 15 digits. The program that saved the workbook lost the others.",
		"numbers have more than 15 digits. The program that saved the workbook lost the others.")
	return notes
}
