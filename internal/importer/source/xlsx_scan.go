package source

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// maxSheetColumns is how many columns of a sheet are read.
const maxSheetColumns = 1000

// sheet is a sheet of a workbook.
type sheet struct {
	name   string
	number int // among all sheets, from 1
	hidden bool
	part   *zip.File
	id     string // its name in the normalized workbook
	// header is the row that names the columns, if it is one of the first; known is how many
	// usual columns it names.
	header []string
	known  int

	// rows is how many rows hold a value, last the number of the last of them; left and
	// right are the numbers of the first column with a value and of that after the last.
	rows, last, left, right int
	// errors is how many cells hold an error, pending how many a formula without a result.
	errors, pending int
	// hyperlinks are the ids of what cells link to.
	hyperlinks map[string]string
}

// scan reads the sheet once, without its values. It finds out how far the sheet goes,
// because the library does not say when it stops early at a damaged place. Scanning ends
// when src, although read, returns the error that its context has ended with.
func (s *sheet) scan(src io.Reader) error {
	r, err := s.part.Open()
	if err != nil {
		return errDamaged
	}
	defer r.Close()
	var (
		row, column                 int
		value, formula, bad, filled bool
		whole                       bool
	)
	var canceled error
	err = eachTag(r, func(name, tag []byte, text int) bool {
		switch string(name) {
		case "row":
			if row++; row%1000 == 0 {
				if _, err := src.Read(make([]byte, 1)); err != nil && !errors.Is(err, io.EOF) {
					canceled = err
				}
			}
			if n, err := strconv.Atoi(string(attribute(tag, " r="))); err == nil {
				row = n
			}
			column, filled = 0, false
		case "/row":
			if filled {
				s.rows, s.last = s.rows+1, row
			}
		case "c":
			column++
			if n, _, err := excelize.CellNameToCoordinates(string(attribute(tag, " r="))); err == nil {
				column = n
			}
			value, formula, bad = false, false, string(attribute(tag, " t=")) == "e"
		case "f":
			formula = true
		case "/v", "/t":
			value = value || text > 0
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
			if id := attribute(tag, ":id="); len(id) > 0 {
				if s.hyperlinks == nil {
					s.hyperlinks = map[string]string{}
				}
				ref, _, _ := bytes.Cut(attribute(tag, " ref="), []byte(":"))
				s.hyperlinks[string(ref)] = string(id)
			}
		}
		return canceled == nil
	})
	if canceled != nil {
		return canceled
	}
	if err != nil || !whole {
		return errDamaged
	}
	return nil
}

// eachTag calls visit for the tags of an XML text, with the name as "c" or "/c", without
// its prefix, the tag, and how long the text before it is, until it returns false. <c/>
// is <c></c>.
func eachTag(src io.Reader, visit func(name, tag []byte, text int) bool) error {
	r := bufio.NewReaderSize(src, 64<<10)
	for {
		text, err := r.ReadSlice('<')
		n := len(text) - 1
		for errors.Is(err, bufio.ErrBufferFull) {
			text, err = r.ReadSlice('<')
			n += len(text)
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		tag, err := r.ReadSlice('>')
		for errors.Is(err, bufio.ErrBufferFull) {
			tag, err = r.ReadSlice('>')
		}
		if err != nil {
			return err
		}
		tag, empty := bytes.CutSuffix(tag[:len(tag)-1], []byte{'/'})
		name, _, _ := bytes.Cut(tag, []byte{' '})
		name = bytes.TrimSpace(name)
		if colon := bytes.IndexByte(name, ':'); colon > 0 && name[0] == '/' {
			name = append([]byte{'/'}, name[colon+1:]...)
		} else {
			name = name[colon+1:]
		}
		if !visit(name, tag, n) || empty && !visit(append([]byte{'/'}, name...), tag, 0) {
			return nil
		}
	}
}

// attribute returns an attribute of a tag, by its name with what stands around it.
func attribute(tag []byte, name string) []byte {
	_, value, found := bytes.Cut(tag, []byte(name))
	if !found || len(value) < 2 {
		return nil
	}
	value, _, _ = bytes.Cut(value[1:], value[:1])
	return value
}
