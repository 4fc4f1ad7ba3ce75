package source

import (
	"bytes"
	"strings"
)

// Table is a file of rows and columns.
type Table struct {
	// Header is the row that names the columns. Above are the first rows before it that are
	// not blank.
	Header Row
	Above  []Row
	// Columns are the names of the columns, each different: one without a name is called
	// by its number, as "Column 2", and a second "Email" is "Email (2)".
	Columns []string
	// Delim is what cells are separated by.
	Delim byte

	rows rowSource
	// pending are rows below the header that were read to find it.
	pending []Row
	unnamed map[int]bool
	// above is how many rows above the header were skipped.
	above int
}

// rowSource reads rows of cells that are separated by Table.Delim.
type rowSource interface {
	next() (Row, bool)
	failure() error
}

// openTable detects the delimiter.
func openTable(in *input) (Reader, error) {
	delim, named := separatorLine(in.head)
	if named {
		in.text.skipAll(blanks)
		in.text.takeLine()
	} else {
		delim = detectDelimiter(in)
	}
	return newTable(&rowReader{text: in.text, delim: delim}, delim, in.opts)
}

// newTable reads the header.
func newTable(rows rowSource, delim byte, opts Options) (*Table, error) {
	t := &Table{Delim: delim, rows: rows}
	read := t.readHeader
	if opts.HeaderLine == 0 {
		read = t.findHeader
	}
	if err := read(opts); err != nil {
		return nil, err
	}
	t.Columns, t.unnamed = columnNames(t.Cells(nil, t.Header))
	return t, nil
}

// Unnamed reports whether a column has no name in the file.
func (t *Table) Unnamed(i int) bool { return t.unnamed[i] }

// Next returns the next row below the header.
func (t *Table) Next() (Row, bool) {
	if len(t.pending) > 0 {
		row := t.pending[0]
		t.pending = t.pending[1:]
		return row, true
	}
	return t.rows.next()
}

// Err returns the error that reading ended with.
func (t *Table) Err() error { return t.rows.failure() }

// Blank reports whether no cell of a row holds anything.
func (t *Table) Blank(row Row) bool { return isBlank(row.Raw) }

func isBlank(raw string) bool { return strings.Trim(raw, " \t\r\n\",;|") == "" }

// Cells appends the cells of a row to cells, without their quotation marks and without
// blanks around them. There may be more or fewer of them than columns. A malformed
// row has some, too.
func (t *Table) Cells(cells []string, row Row) []string {
	return splitRow(cells, row.Raw, t.Delim, unquote)
}

// ExactCells returns the cells of a row with the blanks around them.
func (t *Table) ExactCells(row Row) []string { return splitRow(nil, row.Raw, t.Delim, unquoteExact) }

const badQuote = "a quotation mark is never closed"

// rowReader splits a CSV into rows. It is lenient: a quotation mark inside a cell is
// a character, and one that is never closed spoils only its own line.
type rowReader struct {
	text  *buffer
	delim byte
}

func (r *rowReader) failure() error { return r.text.failure() }

// next returns the next row, false at the end.
func (r *rowReader) next() (Row, bool) {
	for {
		data := r.text.data()
		line := bytes.IndexByte(data, '\n') + 1
		switch {
		case line == 0 && !r.text.ended() && !r.text.full():
			r.text.fill()
			continue
		case len(data) == 0:
			return Row{}, false
		case line > 0 && bytes.IndexByte(data[:line], '"') < 0:
			return r.take(line), true
		}
		window, whole, full := r.text.window()
		n, state := rowEnd(window, r.delim, whole)
		switch {
		case state == cellDone:
			return r.take(n), true
		case state == cellUnfinished && !full:
			r.text.fill()
			continue
		}
		r.text.giveUp(n)
		row := Row{Line: r.text.line, Malformed: badQuote}
		if bytes.IndexByte(data, '"') < 0 {
			row.Malformed = "the line is longer than 16 MiB"
		}
		row.Raw, _ = r.text.takeLine()
		return row, true
	}
}

// take takes a row of n bytes.
func (r *rowReader) take(n int) Row {
	row := Row{Line: r.text.line, AtEOF: r.text.data()[n-1] != '\n'}
	row.Raw = trimLineEnd(r.text.take(n))
	return row
}

// cellState is the result of looking for the end of a cell.
type cellState uint8

const (
	cellDone       cellState = iota
	cellUnfinished           // it goes on after the text that was read
	cellMalformed            // its quotation mark is never closed
)

// rowEnd returns how long the first row of data is with its line end, or how much of data
// it looked at.
func rowEnd(data []byte, delim byte, ended bool) (int, cellState) {
	for i := 0; ; {
		end, state := cellEnd(data, i, delim, ended)
		switch {
		case state != cellDone:
			return end, state
		case end == len(data):
			return end, cellDone
		case data[end] == '\n':
			return end + 1, cellDone
		}
		i = end + 1
	}
}

// cellEnd returns where the cell that begins at i ends: the index of a delimiter, of
// a newline, or the end of s; else where it stopped looking.
func cellEnd[T string | []byte](s T, i int, delim byte, ended bool) (int, cellState) {
	for i < len(s) && s[i] == ' ' {
		i++
	}
	if i == len(s) && !ended {
		return i, cellUnfinished
	}
	if i == len(s) || s[i] != '"' {
		for ; i < len(s); i++ {
			if s[i] == delim || s[i] == '\n' {
				return i, cellDone
			}
		}
		if !ended {
			return i, cellUnfinished
		}
		return i, cellDone
	}
	newline := false
	for i++; i < len(s); i++ {
		if s[i] == '\n' {
			newline = true
		}
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			i++
			continue
		}
		after := i + 1
		for after < len(s) && (s[after] == ' ' || s[after] == '\r') {
			after++
		}
		switch {
		case after == len(s) && !ended:
			return after, cellUnfinished
		case after == len(s) || s[after] == delim || s[after] == '\n':
			return after, cellDone
		case newline:
			// A mark that neither ends the cell nor is doubled, on a later line: it
			// begins a cell of another row.
			return i, cellMalformed
		}
	}
	if !ended {
		return i, cellUnfinished
	}
	return i, cellMalformed
}

// splitRow appends the cells of a row to cells, each as content returns it. The last of very
// many is the rest of the row.
func splitRow(cells []string, raw string, delim byte, content func(string) string) []string {
	for i := 0; ; {
		end, state := cellEnd(raw, i, delim, true)
		if state != cellDone || len(cells) == maxColumns {
			return append(cells, raw[i:])
		}
		cells = append(cells, content(raw[i:end]))
		if end == len(raw) {
			return cells
		}
		i = end + 1
	}
}

// unquote returns the content of a cell.
func unquote(s string) string {
	s = strings.Trim(s, " \r\n")
	if len(s) > 2 && s[0] == byteOrderMark[0] {
		s = strings.TrimLeft(s, byteOrderMark+" ")
	}
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '"') >= 0 {
		s = strings.ReplaceAll(s, `""`, `"`)
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
	}
	return strings.TrimSpace(strings.TrimPrefix(s, byteOrderMark))
}

// unquoteExact returns the content of a cell with the blanks in and around it.
func unquoteExact(s string) string {
	if t := strings.Trim(s, " \r"); len(t) > 1 && t[0] == '"' && t[len(t)-1] == '"' {
		return strings.ReplaceAll(t[1:len(t)-1], `""`, `"`)
	}
	return s
}
