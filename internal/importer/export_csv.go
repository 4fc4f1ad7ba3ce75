package importer

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
)

// exportColumns are the columns that ExportCSV writes. A CSV with exactly these columns
// is read back exactly as it is.
//
// Lists have one element per line: "sms:+15557040102" in channels; a type, a name to show
// and an address with semicolons between in links; an identity in workers. In these a
// semicolon or backslash that is part of the text has a backslash before it, and line
// breaks are \n and \r.
var exportColumns = []string{"customer_id", "display_name", "company", "job_title", "channels", "links", "notes_title", "notes", "avatar", "workers"}

const byteOrderMark = "\uFEFF" // without it spreadsheets assume another character set

// ExportCSV writes every customer as a row of a CSV, in order of the ids, and returns how
// many it wrote. Run reads back the same customers. A spreadsheet evaluates no cell as
// a formula.
func ExportCSV(ctx context.Context, w io.Writer, store Store) (n int, err error) {
	out := bufio.NewWriterSize(w, 64<<10)
	out.WriteString(byteOrderMark)
	rows := csv.NewWriter(out) // leaves the line breaks inside cells as they are
	if err := rows.Write(exportColumns); err != nil {
		return 0, fmt.Errorf("writing the customers failed: %w", err)
	}
	for c, err := range store.All(ctx) {
		if err != nil {
			return n, fmt.Errorf("reading the customers failed: %w", err)
		}
		if err := rows.Write(exportRow(c)); err != nil {
			return n, fmt.Errorf("writing the customers failed: %w", err)
		}
		n++
	}
	rows.Flush()
	if err := cmp.Or(rows.Error(), out.Flush()); err != nil {
		return n, fmt.Errorf("writing the customers failed: %w", err)
	}
	return n, nil
}

// exportRow returns the cells of a customer.
func exportRow(c customer.Customer) []string {
	channels, links, workers := make([]string, len(c.Channels)), make([]string, len(c.Links)), make([]string, len(c.Workers))
	for i, ch := range c.Channels {
		channels[i] = ch.Type + ":" + escapeLine(ch.Value)
	}
	for i, l := range c.Links {
		links[i] = escapeLine(l.Type) + ";" + escapeLine(l.DisplayName) + ";" + escapeLine(l.Value)
	}
	for i, w := range c.Workers {
		workers[i] = escapeLine(w)
	}
	cells := []string{c.ID, c.Name, c.Company, c.JobTitle, strings.Join(channels, "\n"), strings.Join(links, "\n"),
		c.Details.Title, c.Details.Content, c.Avatar, strings.Join(workers, "\n")}
	for i, cell := range cells {
		cells[i] = escapeFormulas(cell)
	}
	return cells
}
