package source

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// sheetRows reads the rows of a sheet as those of a CSV.
type sheetRows struct {
	sheet   *sheet
	strings *sharedStrings
	numbers *numberFormats
	links   *sheetLinks

	part  io.ReadCloser
	tags  *tags
	line  int
	cell  cell     // that is read
	cells []string // of the row, from the first column of the sheet to its last
	size  int      // of the texts of the row
	ended bool
	err   error
}

func (w *workbook) newSheetRows(s *sheet) (*sheetRows, error) {
	part, err := w.archive.open(s.part)
	if err != nil {
		return nil, err
	}
	return &sheetRows{sheet: s, strings: w.strings, numbers: w.numbers, links: &sheetLinks{}, part: part, tags: newTags(part), cells: make([]string, s.right-s.left)}, nil
}

func (r *sheetRows) close() { r.part.Close() }

func (r *sheetRows) failure() error { return r.err }

// next returns the next row that holds anything.
func (r *sheetRows) next() (Row, bool) {
	if !r.read() {
		return Row{}, false
	}
	if r.size > maxRow {
		return Row{Line: r.line, Malformed: "the row is longer than 16 MiB"}, true
	}
	var raw strings.Builder
	for i, cell := range r.cells {
		if i > 0 {
			raw.WriteByte(',')
		}
		if cell == "" {
			continue
		}
		if strings.ContainsAny(cell, ",\"\r\n") || strings.TrimSpace(cell) != cell {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		raw.WriteString(cell)
	}
	return Row{Line: r.line, Raw: raw.String()}, true
}

// read reads the cells of the next row that holds anything.
func (r *sheetRows) read() (ok bool) {
	defer recoverDamaged(&r.err)
	filled, column := false, 0
	c := &r.cell
	for r.err == nil && !r.ended && r.tags.next() {
		switch string(r.tags.name) {
		case "row":
			r.line = max(r.line+1, r.tags.number("r", 0))
			column, filled, r.size = 0, false, 0
			clear(r.cells)
		case "c":
			column = columnOf(r.tags, column+1)
			*c = cell{kind: string(r.tags.attribute("t")), style: r.tags.number("s", 0), value: c.value[:0]}
		case "rPh":
			c.reading = true
		case "/rPh":
			c.reading = false
		case "/f":
			if bytes.Contains(r.tags.text, []byte("HYPERLINK")) {
				c.formula = r.tags.plain()
			}
		case "/v":
			if c.kind != "inlineStr" {
				c.value = append(c.value[:0], r.tags.plain()...)
			}
		case "/t":
			if !c.reading && len(c.value) <= maxRow {
				c.value = append(c.value, r.tags.plain()...)
			}
		case "/c":
			i := column - r.sheet.left
			if len(c.value) == 0 || i < 0 || i >= len(r.cells) || r.size > maxRow {
				continue
			}
			r.cells[i] = r.links.replace(r.shown(), c.formula, i, r.line)
			r.size += len(r.cells[i])
			filled = filled || r.cells[i] != ""
		case "/row":
			if filled {
				return true
			}
		case "/sheetData":
			r.ended = true
		}
	}
	if r.err == nil && !r.ended {
		r.err = r.tags.err
		if errors.Is(r.err, io.EOF) {
			r.err = errDamaged // scan has seen the end
		}
	}
	return false
}

// columnOf returns the column of a cell, of which many programs write none.
func columnOf(t *tags, otherwise int) int {
	if column, _, err := excelize.CellNameToCoordinates(string(t.attribute("r"))); err == nil {
		return column
	}
	return otherwise
}

// cell is a cell as the sheet has it.
type cell struct {
	kind    string // s, str, inlineStr, b, d, e or n
	style   int
	formula string
	value   []byte
	reading bool // inside the reading of characters
}

// shown returns the value of a cell as people write it.
func (r *sheetRows) shown() string {
	value := string(r.cell.value)
	switch r.cell.kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(value))
		text, ok := r.strings.text(n)
		if err != nil || !ok {
			r.err = cmp.Or(r.err, errDamaged)
		}
		return text
	case "str", "inlineStr":
		return value
	case "b":
		return map[string]string{"1": "TRUE", "0": "FALSE"}[value]
	case "d":
		date, time, _ := strings.Cut(strings.TrimSuffix(value, "Z"), "T")
		time, _, _ = strings.Cut(time, ".")
		if time = strings.TrimSuffix(time, ":00"); time == "00:00" || time == "" {
			return date
		}
		return date + " " + time
	case "e":
		return ""
	}
	return r.numbers.show(value, r.cell.style)
}
