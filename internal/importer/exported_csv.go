package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
)

// readExportedCSV returns a row of a CSV that ExportCSV wrote exactly as it is. A row that
// was added later may have no id.
func (b *rowBuilder) readExportedCSV(cells []string) mappedRow {
	if len(cells) != len(exportColumns) {
		b.reject = fmt.Sprintf("it has %s where the header has %d", countColumns(len(cells)), len(exportColumns))
	}
	for len(cells) < len(exportColumns) { // pruning must know which customer it is about
		cells = append(cells, "")
	}
	for i := range cells {
		cells[i] = unescapeFormulas(cells[i])
	}
	b.id, b.name, b.company, b.title, b.avatar = cells[0], cells[1], cells[2], cells[3], cells[8]
	b.notes, b.wholeNotes = customer.Detail{Title: cells[6], Content: cells[7]}, true
	b.allChannels, b.allLinks = true, true
	for line := range listLines(cells[4]) {
		channelType, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(value) == "" && b.reject == "" {
			b.reject = fmt.Sprintf("its channel %s is not sms:, whatsapp:, email: or chat: and an address", quote(line))
		}
		b.channels = append(b.channels, customer.Channel{Type: channelType, Value: b.withRegion(channelType, unescapeLine(value))})
	}
	for line := range listLines(cells[5]) {
		parts := splitLine(line)
		if len(parts) != 3 && b.reject == "" {
			b.reject = fmt.Sprintf("its link %s is not a type, a name to show and an address with semicolons between", quote(line))
		}
		parts = append(parts, "", "")
		b.links = append(b.links, customer.Link{Type: parts[0], DisplayName: parts[1], Value: parts[2]})
	}
	for line := range listLines(cells[9]) {
		b.workers = append(b.workers, unescapeLine(line))
	}
	slices.Sort(b.workers)
	b.workers = slices.Compact(b.workers)
	b.has = allFields
	if b.reject == "" && strings.TrimSpace(b.name) == "" {
		b.reject = "it has no name"
	}
	if b.id == "" {
		b.identify()
	}
	return b.mappedRow
}

// listLines yields the lines of a cell that holds a list.
func listLines(cell string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.SplitSeq(cell, "\n") {
			if line = strings.TrimRight(line, "\r"); line != "" && !yield(line) {
				return
			}
		}
	}
}

var lineEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, "\n", `\n`, "\r", `\r`)

// escapeLine escapes a text that is part of a line.
func escapeLine(s string) string { return lineEscapes.Replace(s) }

// unescapeLine reverses escapeLine.
func unescapeLine(s string) string {
	parts := splitLine(s)
	return strings.Join(parts, ";")
}

// splitLine splits a line at its unescaped semicolons and unescapes the parts.
func splitLine(s string) (parts []string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == ';':
			parts = append(parts, b.String())
			b.Reset()
		case s[i] == '\\' && i+1 < len(s):
			switch i++; s[i] {
			case 'n':
				b.WriteByte('\n')
			case 'r':
				b.WriteByte('\r')
			default:
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return append(parts, b.String())
}
