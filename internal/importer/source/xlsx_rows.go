package source

import (
	"io"
	"slices"
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
	cells []string // of the row, from the first column of the sheet to its last
	ended bool
	err   error
}

func newSheetRows(s *sheet, strings *sharedStrings, numbers *numberFormats) (*sheetRows, error) {
	part, err := s.part.Open()
	if err != nil {
		return nil, errDamaged
	}
	return &sheetRows{sheet: s, strings: strings, numbers: numbers, part: part, tags: newTags(part), cells: make([]string, s.right-s.left)}, nil
}

func (r *sheetRows) close() { r.part.Close() }

func (r *sheetRows) failure() error { return r.err }

// next returns the next row that holds anything.
func (r *sheetRows) next() (Row, bool) {
	if !r.read() {
		return Row{}, false
	}
	var raw strings.Builder
	for i, cell := range r.cells {
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

// read reads the cells of the next row that holds anything.
func (r *sheetRows) read() (ok bool) {
	defer recoverDamaged(&r.err)
	filled, column := false, 0
	var c cell
	for r.err == nil && !r.ended && r.tags.next() {
		switch string(r.tags.name) {
		case "row":
			r.line = max(r.line+1, r.tags.number(" r=", 0))
			column, filled = 0, false
			clear(r.cells)
		case "c":
			column = columnOf(r.tags, column+1)
			c = cell{kind: string(r.tags.attribute(" t=")), style: r.tags.number(" s=", 0)}
		case "rPh":
			c.reading = true
		case "/rPh":
			c.reading = false
		case "/v":
			if c.kind != "inlineStr" {
				c.value = r.tags.plain()
			}
		case "/t":
			if !c.reading {
				c.value += r.tags.plain()
			}
		case "/c":
			i := column - r.sheet.left
			if c.value == "" || i < 0 || i >= len(r.cells) {
				continue
			}
			r.cells[i] = r.links.replace(r.shown(c), i, r.line)
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
		r.err = errDamaged // scan has seen the end
	}
	return false
}

// columnOf returns the column of a cell, of which many programs write none.
func columnOf(t *tags, otherwise int) int {
	if column, _, err := excelize.CellNameToCoordinates(string(t.attribute(" r="))); err == nil {
		return column
	}
	return otherwise
}

// cell is a cell as the sheet has it.
type cell struct {
	kind    string // s, str, inlineStr, b, d, e or n
	style   int
	value   string
	reading bool // inside the reading of characters
}

// shown returns the value of a cell as people write it.
func (r *sheetRows) shown(c cell) string {
	switch c.kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(c.value))
		text, ok := r.strings.text(n)
		if err != nil || !ok {
			r.err = errDamaged
		}
		return withoutError(text)
	case "str", "inlineStr":
		return withoutError(c.value)
	case "b":
		return map[string]string{"1": "TRUE", "0": "FALSE"}[c.value]
	case "d":
		date, time, _ := strings.Cut(strings.TrimSuffix(c.value, "Z"), "T")
		if time = strings.TrimSuffix(time, ":00"); time == "00:00" || time == "" {
			return date
		}
		return date + " " + time
	case "e":
		return ""
	}
	return r.numbers.show(c.value, c.style)
}

// errorValues are what cells with an error show.
var errorValues = []string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}

// withoutError returns a text that no formula has left as its error.
func withoutError(text string) string {
	if strings.HasPrefix(text, "#") && slices.Contains(errorValues, text) {
		return ""
	}
	return text
}
