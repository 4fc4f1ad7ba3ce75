package source

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
)

const (
	// headerRows is how many rows are looked at to find the header.
	headerRows = 100
	// headerBytes is how long these rows may be together.
	headerBytes = 4 << 20
	// maxAbove is how many rows can be above the header for it to be found.
	maxAbove = 30
	// maxColumns is how many columns a table may have: as many as a sheet.
	maxColumns = 16_384
)

// readHeader reads the header from the line that the options say.
func (t *Table) readHeader(opts Options) error {
	for {
		row, ok := t.rows.next()
		switch {
		case !ok && t.Err() != nil:
			return t.Err()
		case !ok || row.Line > opts.HeaderLine || row.Line == opts.HeaderLine && isBlank(row.Raw):
			return &OptionError{"header", fmt.Sprintf("line %d has no header", opts.HeaderLine)}
		case row.Line == opts.HeaderLine:
			return t.setHeader(row)
		case !isBlank(row.Raw):
			t.skipAbove(row)
		}
	}
}

// findHeader reads the first rows and takes the one for the header that looks most like
// it.
func (t *Table) findHeader(opts Options) error {
	var filled []int // the rows that are not blank
	var cells [][]string
	for size := 0; len(t.pending) < headerRows && size < headerBytes; {
		row, ok := t.rows.next()
		if !ok {
			break
		}
		size += len(row.Raw)
		if !isBlank(row.Raw) {
			filled, cells = append(filled, len(t.pending)), append(cells, t.Cells(nil, row))
		}
		t.pending = append(t.pending, row)
	}
	if len(filled) == 0 {
		return cmp.Or(t.Err(), errEmpty)
	}
	above, _ := chooseHeader(cells, opts.IsColumn)
	for _, i := range filled[:above] {
		t.skipAbove(t.pending[i])
	}
	header := filled[above]
	row := t.pending[header]
	t.pending = t.pending[header+1:]
	return t.setHeader(row)
}

func (t *Table) skipAbove(row Row) {
	if t.above++; len(t.Above) < maxAbove {
		t.Above = append(t.Above, row)
	}
}

func (t *Table) setHeader(row Row) error {
	if t.Header = row; row.Malformed != "" {
		return &OptionError{"header", fmt.Sprintf("line %d, the header, cannot be read: %s", row.Line, row.Malformed)}
	}
	if strings.Count(row.Raw, string(rune(t.Delim))) >= maxColumns {
		return &OptionError{"header", fmt.Sprintf("line %d, the header, has more than %d columns", row.Line, maxColumns)}
	}
	return nil
}

// notes are things to know about the table as a whole.
func (t *Table) notes() []string {
	switch t.above {
	case 0:
		return nil
	case 1:
		return []string{fmt.Sprintf("1 line above the header on line %d was skipped.", t.Header.Line)}
	}
	return []string{fmt.Sprintf("%d lines above the header on line %d were skipped.", t.above, t.Header.Line)}
}

// chooseHeader returns the index of the row that looks most like the header of those
// below it, and how much it does: the first, unless a later one has usual columns.
func chooseHeader(rows [][]string, isColumn func(string) bool) (int, float64) {
	best, bestScore := 0, headerScore(rows, isColumn)
	for i := 1; i < min(len(rows), maxAbove); i++ {
		known := countColumns(rows[i], isColumn)
		if known == 0 || known == 1 && countFilled(rows[0]) > 1 || holdsData(rows[i]) {
			continue
		}
		if score := headerScore(rows[i:], isColumn); score >= bestScore+5 {
			best, bestScore = i, score
		}
	}
	return best, bestScore
}

// headerScore returns how much the first of rows looks like the header of the others:
// the usual columns that it names count most, then the even widths of the rows.
func headerScore(rows [][]string, isColumn func(string) bool) float64 {
	width, even := len(rows[0]), 0
	if width < 2 {
		return 0
	}
	for _, row := range rows {
		if len(row) == width {
			even++
		}
	}
	known := countColumns(rows[0], isColumn)
	return float64(known)*10 + float64(even)/float64(len(rows)) + float64(min(width, 50))/100
}

func countColumns(row []string, isColumn func(string) bool) int {
	n := 0
	for _, name := range row {
		if isColumn(name) {
			n++
		}
	}
	return n
}

func countFilled(row []string) int {
	n := 0
	for _, cell := range row {
		if cell != "" {
			n++
		}
	}
	return n
}

// holdsData reports whether a row has addresses, numbers or long texts, as a header
// has not.
func holdsData(row []string) bool {
	for _, cell := range row {
		digits := 0
		for _, r := range cell {
			if unicode.IsDigit(r) {
				digits++
			}
		}
		if digits > 4 || strings.Contains(cell, "@") || len(cell) > 100 {
			return true
		}
	}
	return false
}

// columnNames returns the names of columns. One without a name is called by its number,
// and one with the name of another has a number added, so that each can be mapped.
func columnNames(cells []string) (names []string, unnamed map[int]bool) {
	unnamed, seen := map[int]bool{}, map[string]int{}
	for i, name := range cells {
		key := strings.ToLower(name)
		if seen[key]++; name == "" {
			unnamed[i] = true
			name = fmt.Sprintf("Column %d", i+1)
		} else if seen[key] > 1 {
			name = fmt.Sprintf("%s (%d)", name, seen[key])
		}
		names = append(names, name)
	}
	return names, unnamed
}
