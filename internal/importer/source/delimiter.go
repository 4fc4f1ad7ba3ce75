package source

import (
	"io"
	"strings"
)

// separatorLine returns the delimiter that a first line such as "sep=;", as
// spreadsheets write it, names.
func separatorLine(head []byte) (byte, bool) {
	line, _, _ := strings.Cut(string(head[:min(len(head), 16)]), "\n")
	line = unquote(line)
	if len(line) == 5 && strings.EqualFold(line[:4], "sep=") && strings.Contains(",;\t|", line[4:]) {
		return line[4], true
	}
	return 0, false
}

// detectDelimiter returns the delimiter that finds most usual columns in the header,
// then the one that gives the rows the most even widths.
func detectDelimiter(in *input) byte {
	best, bestScore := byte(','), 0.0
	for _, delim := range []byte(",;\t|") {
		if score := delimiterScore(in, delim); score > bestScore {
			best, bestScore = delim, score
		}
	}
	return best
}

func delimiterScore(in *input, delim byte) float64 {
	b := &buffer{buf: in.sample, line: 1, err: io.EOF, limit: maxRow}
	rows := rowReader{text: b, delim: delim}
	width, even, n, known := 0, 0, 0, 0
	for n < 100 {
		row, ok := rows.next()
		if !ok || (!in.whole && len(b.data()) == 0) {
			break // the last row may be cut off
		}
		if row.Malformed != "" || strings.TrimSpace(row.Raw) == "" {
			continue
		}
		cells := splitRow(nil, row.Raw, delim, unquote)
		if n++; n == 1 {
			width = len(cells)
			for _, name := range cells {
				if in.isColumn(name) {
					known++
				}
			}
		}
		if len(cells) == width {
			even++
		}
	}
	if width < 2 || n == 0 {
		return 0
	}
	return float64(known)*10 + float64(even)/float64(n) + float64(min(width, 50))/100
}
