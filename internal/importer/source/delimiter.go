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
	var cells [][]string
	for len(cells) < headerRows {
		row, ok := rows.next()
		if !ok || (!in.whole && len(b.data()) == 0) {
			break // the last row may be cut off
		}
		if row.Malformed == "" && !isBlank(row.Raw) && row.Line >= in.opts.HeaderLine {
			cells = append(cells, splitRow(nil, row.Raw, delim, unquote))
		}
	}
	switch {
	case len(cells) == 0:
		return 0
	case in.opts.HeaderLine > 0:
		return headerScore(cells, in.opts.IsColumn)
	}
	_, score := chooseHeader(cells, in.opts.IsColumn)
	return score
}
