package importer

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/clientele-project/clientele/internal/importer/cell"
)

// problemWriter writes all problems and remarks as a CSV for people, in order of the
// file; a nil one writes nothing.
type problemWriter struct{ rows *csv.Writer }

func newProblemWriter(w io.Writer) (*problemWriter, error) {
	if w == nil {
		return nil, nil
	}
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return nil, fmt.Errorf("writing the list of problems failed: %w", err)
	}
	p := &problemWriter{csv.NewWriter(w)}
	return p, p.rows.Write([]string{"line", "item", "outcome", "reason"})
}

// write writes a problem. A note about the whole file has no line.
func (w *problemWriter) write(p Problem) {
	if w == nil {
		return
	}
	line, item := "", ""
	if p.Line > 0 {
		line = strconv.Itoa(p.Line)
	}
	if p.Item > 0 {
		item = strconv.Itoa(p.Item)
	}
	outcome := p.Outcome
	if outcome == PreviouslyDeleted {
		outcome = "previously deleted"
	}
	// An error is kept, and close returns it.
	_ = w.rows.Write([]string{line, item, outcome, cell.Escape(p.Reason)})
}

// close adds the notes about the whole file. It returns the first error of writing.
func (w *problemWriter) close(notes []string) error {
	if w == nil {
		return nil
	}
	for _, note := range notes {
		w.write(Problem{Outcome: Noted, Reason: note})
	}
	w.rows.Flush()
	if err := w.rows.Error(); err != nil {
		return fmt.Errorf("writing the list of problems failed: %w", err)
	}
	return nil
}
