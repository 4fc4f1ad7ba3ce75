package importer

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// rejectFormat writes rows that were not used so that they can be corrected and
// imported again: in the format of the file, each row whole and as it was, with
// its line and the reason added.
type rejectFormat interface {
	head(w io.Writer)
	row(w io.Writer, r item, reason string)
}

// rejectWriter keeps such rows; a nil one keeps nothing.
type rejectWriter struct {
	format rejectFormat
	out    *bufio.Writer
}

func newRejectWriter(w io.Writer, format rejectFormat) *rejectWriter {
	if w == nil {
		return nil
	}
	r := &rejectWriter{format: format, out: bufio.NewWriter(w)}
	format.head(r.out)
	return r
}

func (r *rejectWriter) keep(it item, reason string) {
	if r != nil {
		r.format.row(r.out, it, reason)
	}
}

// close answers the first error of writing.
func (r *rejectWriter) close() error {
	if r == nil {
		return nil
	}
	if err := r.out.Flush(); err != nil {
		return fmt.Errorf("the rejected rows could not be written: %w", err)
	}
	return nil
}

// csvRejects puts the line and the reason into two columns before the others, so
// that a row with too few or too many columns stays what it is.
type csvRejects struct {
	header string
	delim  byte
}

func (c csvRejects) head(w io.Writer) {
	fmt.Fprintf(w, "rejected_line%crejected_reason%c%s\r\n", c.delim, c.delim, c.header)
}

func (c csvRejects) row(w io.Writer, it item, reason string) {
	raw := it.raw
	if it.bad != "" {
		raw = csvCell(raw) // it would take the following rows with it
	}
	fmt.Fprintf(w, "%d%c%s%c%s\r\n", it.line, c.delim, csvCell(reason), c.delim, raw)
}

func csvCell(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// jsonRejects writes JSON lines. What is an object gets two more keys; what is
// not is kept as text.
type jsonRejects struct{}

func (jsonRejects) head(io.Writer) {}

func (jsonRejects) row(w io.Writer, it item, reason string) {
	var at string
	if it.number > 0 {
		at = fmt.Sprintf(`"rejected_item":%d,`, it.number)
	}
	inner, object := strings.CutPrefix(it.raw, "{")
	if !object || !json.Valid([]byte(it.raw)) {
		fmt.Fprintf(w, `{"rejected_line":%d,%s"rejected_reason":%s,"rejected_text":%s}`+"\n", it.line, at, jsonText(reason), jsonText(it.raw))
		return
	}
	if strings.TrimSpace(inner) != "}" {
		inner = "," + inner
	}
	// Between tokens a line break means nothing, and inside them it cannot be.
	inner = strings.NewReplacer("\r", " ", "\n", " ").Replace(inner)
	fmt.Fprintf(w, `{"rejected_line":%d,%s"rejected_reason":%s%s`+"\n", it.line, at, jsonText(reason), inner)
}

func jsonText(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

// cardRejects adds two properties to a card.
type cardRejects struct{}

func (cardRejects) head(io.Writer) {}

func (cardRejects) row(w io.Writer, it item, reason string) {
	added := fmt.Sprintf("X-REJECTED-LINE:%d\r\nX-REJECTED-REASON:%s\r\n", it.line, reason)
	for line := range strings.Lines(it.raw) {
		line = strings.TrimRight(line, "\r\n")
		if name, _, _ := strings.Cut(line, ":"); strings.HasPrefix(strings.ToUpper(name), "X-REJECTED-") {
			continue // from the time before
		}
		fmt.Fprintf(w, "%s\r\n", line)
		if isLine(line, "BEGIN:VCARD") {
			fmt.Fprint(w, added)
		}
	}
}

// isLine tells whether a line of a card says this and no more.
func isLine(line, what string) bool { return strings.EqualFold(strings.TrimSpace(line), what) }
