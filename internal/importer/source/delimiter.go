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

// tableLayout is where a table begins, and what its cells are separated by.
type tableLayout struct {
	delim byte
	// headerLine is the line of the header, 0 for the first row that is not blank.
	headerLine int
}

// detectLayout returns the delimiter and the line that find most usual columns, then
// those that give the rows the most even widths. headerLine is the line if it is known.
func detectLayout(in *input, delims string, headerLine int) tableLayout {
	best, bestScore := tableLayout{delims[0], headerLine}, 0.0
	for _, delim := range []byte(delims) {
		rows, lines := sampleRows(in, delim)
		if headerLine > 0 {
			for len(lines) > 0 && lines[0] < headerLine {
				rows, lines = rows[1:], lines[1:]
			}
		}
		if len(rows) == 0 {
			continue
		}
		i, score := 0, headerScore(rows, in.isColumn)
		if headerLine == 0 {
			i, score = findHeader(rows, in.isColumn)
		}
		if score > bestScore && headerLine > 0 {
			best, bestScore = tableLayout{delim, headerLine}, score
		} else if score > bestScore {
			best, bestScore = tableLayout{delim, lines[i]}, score
		}
	}
	return best
}

// sampleRows returns the cells of the first rows that are not blank, and their lines.
func sampleRows(in *input, delim byte) (cells [][]string, lines []int) {
	b := &buffer{buf: in.sample, line: 1, err: io.EOF}
	rows := rowReader{text: b, delim: delim}
	for len(cells) < 100 {
		row, ok := rows.next()
		if !ok || (!in.whole && len(b.data()) == 0) {
			break // the last row may be cut off
		}
		if row.Malformed == "" && !isBlank(row.Raw) {
			cells, lines = append(cells, splitRow(nil, row.Raw, delim, unquote)), append(lines, row.Line)
		}
	}
	return cells, lines
}
