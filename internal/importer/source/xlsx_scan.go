package source

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
)

// maxSheetColumns is how many columns of a sheet are read.
const maxSheetColumns = 1000

// sheet is a sheet of a workbook.
type sheet struct {
	name   string
	number int // among all sheets, from 1
	hidden bool
	part   *zip.File
	// header is the row that names the columns, if it is one of the first; known is how many
	// usual columns it names.
	header []string
	known  int

	// rows is how many rows hold a value; left and right are the numbers of the first column
	// with a value and of that after the last.
	rows, left, right int
	// errors is how many cells hold an error, pending how many a formula without a result.
	errors, pending int
	// hyperlinks are the ids of what cells link to.
	hyperlinks map[string]string
}

// scan reads the sheet once, without its values: how large it is, and what it links to,
// which comes after the rows. It ends when src, although read, returns the error that its
// context has ended with.
func (s *sheet) scan(src io.Reader) error {
	r, err := s.part.Open()
	if err != nil {
		return errDamaged
	}
	defer r.Close()
	var (
		row, column                 int
		value, formula, bad, filled bool
		open                        int // elements
		whole                       bool
	)
	t := newTags(r)
	for t.next() {
		switch t.name[0] {
		case '/':
			open--
		case '?', '!':
		default:
			open++
		}
		switch string(t.name) {
		case "row":
			if row++; row%1000 == 0 {
				if _, err := src.Read(make([]byte, 1)); err != nil && !errors.Is(err, io.EOF) {
					return err
				}
			}
			column, filled = 0, false
		case "/row":
			if filled {
				s.rows++
			}
		case "c":
			column = columnOf(t, column+1)
			value, formula, bad = false, false, string(t.attribute(" t=")) == "e"
		case "f":
			formula = true
		case "/v", "/t":
			value = value || len(t.text) > 0
		case "/c":
			switch {
			case bad:
				s.errors++
			case value && column <= maxSheetColumns:
				if s.left == 0 || column < s.left {
					s.left = column
				}
				s.right, filled = max(s.right, column+1), true
			case formula && !value:
				s.pending++
			}
		case "/sheetData":
			whole = true
		case "hyperlink":
			if id := t.attribute(":id="); len(id) > 0 {
				if s.hyperlinks == nil {
					s.hyperlinks = map[string]string{}
				}
				ref, _, _ := bytes.Cut(t.attribute(" ref="), []byte(":"))
				s.hyperlinks[string(ref)] = string(id)
			}
		}
	}
	if !errors.Is(t.err, io.EOF) || !whole || open != 0 {
		return errDamaged
	}
	return nil
}
