package importer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// kind is what sort of file it is.
type kind uint8

const (
	kindCSV kind = iota
	kindJSON
	kindVCard
)

func (k kind) String() string { return [...]string{"CSV", "JSON", "vCard"}[k] }

// sniffed is what the beginning of a file tells about it.
type sniffed struct {
	kind kind
	// delim is the delimiter of a CSV.
	delim byte
	// separator tells that the first line of a CSV only names the delimiter, as
	// spreadsheets write it.
	separator bool
	// oldMac tells that lines end with a carriage return alone.
	oldMac bool
}

// sampleSize is how much of a file's text is looked at to tell what it is.
const sampleSize = 64 << 10

var errEmpty = errors.New("the file is empty: there is nothing to import")

// sniff tells what r holds without taking anything from it.
func sniff(r *bufio.Reader, isColumn func(name string) bool) (sniffed, error) {
	sample, err := r.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return sniffed{}, err
	}
	var s sniffed
	s.oldMac = bytes.IndexByte(sample, '\r') >= 0 && bytes.IndexByte(sample, '\n') < 0
	if s.oldMac {
		sample = bytes.ReplaceAll(sample, []byte{'\r'}, []byte{'\n'})
	}
	head := bytes.TrimLeft(sample, " \t\r\n\v\f")
	switch {
	case len(head) == 0:
		return s, errEmpty
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("%PDF")):
		return s, errBinary
	case hasPrefixFold(head, "<!doctype"), hasPrefixFold(head, "<html"), hasPrefixFold(head, "<?xml"):
		return s, errors.New("this is a web page or XML, not an export of customers: import CSV, JSON or vCard")
	case hasPrefixFold(head, "BEGIN:VCARD"):
		s.kind = kindVCard
	case beginsJSON(head):
		s.kind = kindJSON
	default:
		s.delim, s.separator = separatorLine(head)
		if !s.separator {
			s.delim = sniffDelimiter(sample, err != nil, isColumn)
		}
	}
	return s, nil
}

func hasPrefixFold(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && strings.EqualFold(string(b[:len(prefix)]), prefix)
}

// beginsJSON tells JSON from a CSV whose first column has an odd name.
func beginsJSON(head []byte) bool {
	rest := bytes.TrimLeft(head[1:], " \t\r\n")
	switch head[0] {
	case '[':
		return len(rest) == 0 || rest[0] == '{' || rest[0] == ']' || rest[0] == '['
	case '{':
		return len(rest) == 0 || rest[0] == '"' || rest[0] == '}'
	}
	return false
}

// separatorLine reads a first line such as "sep=;".
func separatorLine(head []byte) (byte, bool) {
	line, _, _ := strings.Cut(string(head[:min(len(head), 16)]), "\n")
	line = unquote(line)
	if len(line) == 5 && strings.EqualFold(line[:4], "sep=") && strings.Contains(",;\t|", line[4:]) {
		return line[4], true
	}
	return 0, false
}

// sniffDelimiter tells the delimiter: the one that makes most sense of the
// header, then the one that gives the rows the most even widths.
func sniffDelimiter(sample []byte, whole bool, isColumn func(string) bool) byte {
	best, bestScore := byte(','), 0.0
	for _, delim := range []byte(",;\t|") {
		if score := delimiterScore(sample, whole, delim, isColumn); score > bestScore {
			best, bestScore = delim, score
		}
	}
	return best
}

func delimiterScore(sample []byte, whole bool, delim byte, isColumn func(string) bool) float64 {
	w := &window{buf: sample, line: 1, err: io.EOF}
	rows := rowReader{w: w, delim: delim}
	width, even, n, known := 0, 0, 0, 0
	for n < 100 {
		row, ok := rows.next()
		if !ok || (!whole && len(w.data()) == 0) {
			break // what may be cut off says nothing
		}
		if row.bad != "" || strings.TrimSpace(row.raw) == "" {
			continue
		}
		fields := splitRow(nil, row.raw, delim)
		if n++; n == 1 {
			width = len(fields)
			for _, name := range fields {
				if isColumn(name) {
					known++
				}
			}
		}
		if len(fields) == width {
			even++
		}
	}
	if width < 2 || n == 0 {
		return 0
	}
	return float64(known)*10 + float64(even)/float64(n) + float64(min(width, 50))/100
}

// macReader ends lines as everybody else does.
type macReader struct{ src io.Reader }

func (m macReader) Read(p []byte) (int, error) {
	n, err := m.src.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
