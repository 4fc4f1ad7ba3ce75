package source

import (
	"archive/zip"
	"bytes"
	"strconv"
)

const (
	// maxSheetColumns is how many columns of a sheet are read.
	maxSheetColumns = 1000
	// maxSheetRows is how many rows a sheet can have.
	maxSheetRows = 1 << 20
	// maxHyperlinks is how many of a sheet are read.
	maxHyperlinks = 200_000
)

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
// which comes after the rows.
func (s *sheet) scan(a *archive, texts *sharedStrings) error {
	var (
		rows, column                int
		value, formula, bad, filled bool
		shared                      bool
		size                        int64 // of the shared strings that cells name
		open                        int   // elements
		whole                       bool
	)
	err := a.eachTag(s.part, func(t *tags) {
		if t.name[0] == '/' {
			open--
		} else {
			open++
		}
		switch string(t.name) {
		case "row":
			rows++
			column, filled = 0, false
		case "/row":
			if filled {
				s.rows++
			}
		case "c":
			column = columnOf(t, column+1)
			kind := string(t.attribute("t"))
			value, formula, bad, shared = false, false, kind == "e", kind == "s"
		case "f":
			formula = true
		case "/v", "/t":
			value = value || len(t.text) > 0
			if shared {
				n, _ := strconv.Atoi(string(t.text))
				from, to, _ := texts.bounds(n)
				size += to - from
			}
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
			if id := t.attribute("id"); len(id) > 0 && len(s.hyperlinks) < maxHyperlinks {
				if s.hyperlinks == nil {
					s.hyperlinks = map[string]string{}
				}
				ref, _, _ := bytes.Cut(t.attribute("ref"), []byte(":"))
				s.hyperlinks[string(ref)] = string(id)
			}
		}
		if t.err == nil && (rows > maxSheetRows || size > maxUnpacked) {
			t.err = errTooLarge
		}
	})
	if err == nil && (!whole || open != 0) {
		err = errDamaged
	}
	return err
}
