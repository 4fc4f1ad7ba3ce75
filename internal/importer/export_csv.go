package importer

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/cell"
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
// many it wrote. Importing the file gives the same customers. A spreadsheet evaluates no
// cell as a formula.
func ExportCSV(ctx context.Context, w io.Writer, store Store) (n int, err error) {
	rows := csv.NewWriter(w) // leaves the line breaks inside cells as they are
	err = rows.Write(append([]string{byteOrderMark + exportColumns[0]}, exportColumns[1:]...))
	for c, readErr := range store.All(ctx) {
		if readErr != nil {
			return n, fmt.Errorf("reading the customers failed: %w", readErr)
		}
		if err != nil {
			break
		}
		err = rows.Write(exportRow(c))
		n++
	}
	rows.Flush()
	if err := cmp.Or(err, rows.Error()); err != nil {
		return n, fmt.Errorf("writing the customers failed: %w", err)
	}
	return n, nil
}

// exportRow returns the cells of a customer.
func exportRow(c customer.Customer) []string {
	channels, links, workers := make([]string, len(c.Channels)), make([]string, len(c.Links)), make([]string, len(c.Workers))
	for i, ch := range c.Channels {
		channels[i] = ch.Type + ":" + cell.EscapePart(ch.Value)
	}
	for i, l := range c.Links {
		links[i] = cell.EscapePart(l.Type) + ";" + cell.EscapePart(l.DisplayName) + ";" + cell.EscapePart(l.Value)
	}
	for i, w := range c.Workers {
		workers[i] = cell.EscapePart(w)
	}
	cells := []string{c.ID, c.Name, c.Company, c.JobTitle, strings.Join(channels, "\n"), strings.Join(links, "\n"),
		c.Details.Title, c.Details.Content, c.Avatar, strings.Join(workers, "\n")}
	for i := range cells {
		cells[i] = cell.Escape(cells[i])
	}
	return cells
}

// readExportedCSV returns a row of a CSV that ExportCSV wrote exactly as it is. A row that
// was added later may have no id.
func (b *rowBuilder) readExportedCSV(cells []string) mappedRow {
	if len(cells) != len(exportColumns) {
		b.reject = fmt.Sprintf("%s, but the header has %d", countColumns(len(cells)), len(exportColumns))
	}
	for len(cells) < len(exportColumns) { // pruning must know which customer it is about
		cells = append(cells, "")
	}
	for i := range cells {
		cells[i] = cell.Unescape(cells[i])
	}
	b.exported = true
	b.setID(cells[0])
	b.name, b.company, b.title, b.avatar = cells[1], cells[2], cells[3], cells[8]
	b.notes, b.wholeNotes = customer.Detail{Title: cells[6], Content: cells[7]}, true
	b.allChannels, b.allLinks = true, true
	for line := range cell.Lines(cells[4]) {
		channelType, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(value) == "" && b.reject == "" {
			b.reject = fmt.Sprintf("channel %s must be sms:, whatsapp:, email:, or chat: followed by an address", quote(line))
		}
		b.channels = append(b.channels, customer.Channel{Type: channelType, Value: b.withRegion(channelType, cell.UnescapePart(value))})
	}
	for line := range cell.Lines(cells[5]) {
		parts := cell.SplitParts(line)
		if len(parts) != 3 && b.reject == "" {
			b.reject = fmt.Sprintf("link %s must be type;label;URL", quote(line))
		}
		parts = append(parts, "", "")
		b.links = append(b.links, customer.Link{Type: parts[0], DisplayName: parts[1], Value: parts[2]})
	}
	for line := range cell.Lines(cells[9]) {
		b.workers = append(b.workers, cell.UnescapePart(line))
	}
	slices.Sort(b.workers)
	b.workers = slices.Compact(b.workers)
	b.fields = allFields
	if b.reject == "" && strings.TrimSpace(b.name) == "" {
		b.reject = "no name"
	}
	if b.id == "" {
		b.identify()
	}
	return b.mappedRow
}
