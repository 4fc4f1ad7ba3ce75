package importer

import (
	"bytes"
	"fmt"
	"strings"
)

// item is one row, record or card as it stands in the file.
type item struct {
	// line is the one that it begins on; the first of a file is 1.
	line int
	// number counts the values of a JSON array from 1, of which several may begin on
	// one line; 0 in any other file.
	number int
	// raw is the decoded text of it, without the end of its last line.
	raw string
	// bad tells why it could not be read, "" when it could.
	bad string
	// last: the file ends with it, and not with the end of a line.
	last bool
}

// problem is something to know about the item.
func (it item) problem(outcome, reason string) Problem {
	return Problem{Line: it.line, Item: it.number, Outcome: outcome, Reason: reason}
}

// place is the item's line, or in a JSON array its number, negated.
func (it item) place() int {
	if it.number > 0 {
		return -it.number
	}
	return it.line
}

// placed says in words where an item is that had this place.
func placed(place int) string {
	if place < 0 {
		return fmt.Sprintf("item %d", -place)
	}
	return fmt.Sprintf("on line %d", place)
}

const badQuote = "a quotation mark is opened and never closed"

// rowReader splits a CSV into rows. It is forgiving: a quotation mark inside a
// field is a character, and one that is never closed costs only its own line.
type rowReader struct {
	w     *window
	delim byte
}

// next answers the following row; false at the end.
func (r *rowReader) next() (item, bool) {
	for {
		data := r.w.data()
		n, state := rowEnd(data, r.delim, r.w.ended())
		switch {
		case state == fieldUnfinished && !r.w.full():
			r.w.more()
		case len(data) == 0:
			return item{}, false
		case state == fieldDone:
			row := item{line: r.w.line}
			row.last = data[n-1] != '\n'
			row.raw = trimLineEnd(r.w.take(n))
			return row, true
		default:
			row := item{line: r.w.line, bad: badQuote}
			if bytes.IndexByte(data, '"') < 0 {
				row.bad = "the line is longer than 16 MiB"
			}
			row.raw, _ = r.w.takeLine()
			return row, true
		}
	}
}

// fieldState tells how looking for the end of a field came out.
type fieldState uint8

const (
	fieldDone       fieldState = iota
	fieldUnfinished            // it goes on after the text that can be seen
	fieldMalformed             // its quotation mark is never closed
)

// rowEnd answers how long the first row of data is, its line end included.
func rowEnd(data []byte, delim byte, ended bool) (int, fieldState) {
	if line := bytes.IndexByte(data, '\n'); line >= 0 && bytes.IndexByte(data[:line], '"') < 0 {
		return line + 1, fieldDone
	} else if line < 0 && !ended {
		return 0, fieldUnfinished
	}
	for i := 0; ; {
		end, state := fieldEnd(data, i, delim, ended)
		if state != fieldDone {
			return 0, state
		}
		switch {
		case end == len(data):
			return end, fieldDone
		case data[end] == '\n':
			return end + 1, fieldDone
		}
		i = end + 1
	}
}

// fieldEnd answers where the field that begins at i ends: the place of a
// delimiter, of a newline, or the end of s.
func fieldEnd[T string | []byte](s T, i int, delim byte, ended bool) (int, fieldState) {
	for i < len(s) && s[i] == ' ' {
		i++
	}
	if i == len(s) && !ended {
		return 0, fieldUnfinished
	}
	if i == len(s) || s[i] != '"' {
		for ; i < len(s); i++ {
			if s[i] == delim || s[i] == '\n' {
				return i, fieldDone
			}
		}
		if !ended {
			return 0, fieldUnfinished
		}
		return i, fieldDone
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
			return 0, fieldUnfinished
		case after == len(s) || s[after] == delim || s[after] == '\n':
			return after, fieldDone
		case newline:
			// A mark that neither ends the field nor is doubled, on a later line:
			// it is the beginning of another row's field.
			return 0, fieldMalformed
		}
	}
	if !ended {
		return 0, fieldUnfinished
	}
	return 0, fieldMalformed
}

// splitRow appends the fields of one row to fields: without their quotation marks
// and without blanks around them.
func splitRow(fields []string, raw string, delim byte) []string {
	for i := 0; ; {
		end, state := fieldEnd(raw, i, delim, true)
		if state != fieldDone {
			return append(fields, raw[i:])
		}
		fields = append(fields, unquote(raw[i:end]))
		if end == len(raw) {
			return fields
		}
		i = end + 1
	}
}

// unquote answers the content of a field.
func unquote(s string) string {
	s = strings.Trim(s, " \r\n")
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
	return strings.TrimSpace(s)
}
