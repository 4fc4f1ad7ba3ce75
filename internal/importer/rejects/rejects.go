// Package rejects writes the rows of a file that an import did not use, so that they can be
// corrected and imported again: in the format of the file, with line and reason.
package rejects

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/clientele-project/clientele/internal/importer/cell"
	"github.com/clientele-project/clientele/internal/importer/source"
)

// format writes rows: each whole and as it was, with its line and the reason added.
type format interface {
	writeHeader(io.Writer)
	writeRow(w io.Writer, row source.Row, reason string)
}

// Writer writes rows that were not used. A nil Writer writes nothing.
type Writer struct {
	format format
	out    *bufio.Writer
}

// New returns a Writer of rows of r, or nil if w is nil.
func New(w io.Writer, r source.Reader) *Writer {
	if w == nil {
		return nil
	}
	out := &Writer{out: bufio.NewWriter(w)}
	switch r := r.(type) {
	case *source.Table:
		out.format = csvRows{r}
	case *source.Objects:
		out.format = jsonRows{}
	case *source.Cards:
		out.format = cards{}
	default:
		panic("rejects: a source of another kind")
	}
	out.format.writeHeader(out.out)
	return out
}

// Write writes a row, and why it was not used.
func (w *Writer) Write(row source.Row, reason string) {
	if w != nil {
		w.format.writeRow(w.out, row, reason)
	}
}

// Close returns the first error of writing.
func (w *Writer) Close() error {
	if w == nil {
		return nil
	}
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("writing the rejected rows failed: %w", err)
	}
	return nil
}

// csvRows writes the line and the reason in two columns before the others, so that a
// row with too few or too many columns stays as it is.
type csvRows struct{ table *source.Table }

func (c csvRows) writeHeader(w io.Writer) {
	fmt.Fprintf(w, "rejected_line%crejected_reason%c%s\r\n", c.table.Delim, c.table.Delim, c.guarded(c.table.Header))
}

func (c csvRows) writeRow(w io.Writer, row source.Row, reason string) {
	raw := c.guarded(row)
	if row.Malformed != "" {
		raw = csvCell(cell.Guard(row.Raw)) // it would take the following rows with it
	}
	fmt.Fprintf(w, "%d%c%s%c%s\r\n", row.Line, c.table.Delim, csvCell(cell.Escape(reason)), c.table.Delim, raw)
}

// guarded returns a row as it was, unless a spreadsheet would evaluate a cell.
func (c csvRows) guarded(row source.Row) string {
	cells := c.table.ExactCells(row)
	changed := false
	for i, text := range cells {
		safe := cell.Guard(text)
		if strings.ContainsAny(text, ";\t\n") { // a spreadsheet may begin a cell there
			safe = cell.Escape(text)
		}
		changed = changed || safe != text
		cells[i] = csvCell(safe)
	}
	if !changed {
		return row.Raw
	}
	return strings.Join(cells, string(rune(c.table.Delim)))
}

func csvCell(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// jsonRows writes JSON lines: an object with two more keys, anything else as text.
type jsonRows struct{}

func (jsonRows) writeHeader(io.Writer) {}

func (jsonRows) writeRow(w io.Writer, row source.Row, reason string) {
	var at string
	if row.Item > 0 {
		at = fmt.Sprintf(`"rejected_item":%d,`, row.Item)
	}
	inner, object := strings.CutPrefix(row.Raw, "{")
	if !object || !json.Valid([]byte(row.Raw)) {
		fmt.Fprintf(w, `{"rejected_line":%d,%s"rejected_reason":%s,"rejected_text":%s}`+"\n", row.Line, at, jsonText(reason), jsonText(row.Raw))
		return
	}
	if strings.TrimSpace(inner) != "}" {
		inner = "," + inner
	}
	// Line breaks are only between tokens.
	inner = strings.NewReplacer("\r", " ", "\n", " ").Replace(inner)
	fmt.Fprintf(w, `{"rejected_line":%d,%s"rejected_reason":%s%s`+"\n", row.Line, at, jsonText(reason), inner)
}

func jsonText(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

// cards adds two properties to a card.
type cards struct{}

func (cards) writeHeader(io.Writer) {}

func (cards) writeRow(w io.Writer, row source.Row, reason string) {
	added := fmt.Sprintf("X-REJECTED-LINE:%d\r\nX-REJECTED-REASON:%s\r\n", row.Line, reason)
	for line := range strings.Lines(row.Raw) {
		line = strings.TrimRight(line, "\r\n")
		if name, _, _ := strings.Cut(line, ":"); strings.HasPrefix(strings.ToUpper(name), "X-REJECTED-") {
			continue // of an earlier import
		}
		fmt.Fprintf(w, "%s\r\n", line)
		if strings.EqualFold(strings.TrimSpace(line), "BEGIN:VCARD") {
			fmt.Fprint(w, added)
			added = "" // a card may have another inside
		}
	}
}
