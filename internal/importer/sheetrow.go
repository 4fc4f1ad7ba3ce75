package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
)

// isSheet tells whether a header is that of ExportCSV.
func isSheet(names []string) bool { return slices.Equal(names, sheetColumns) }

// readSheet takes a row of a CSV that ExportCSV wrote exactly as it is. A row that
// somebody added may lack its id.
func (b *builder) readSheet(raw string, delim byte) record {
	cells := splitExact(raw, delim)
	if len(cells) != len(sheetColumns) {
		b.reject = fmt.Sprintf("it has %s where the header has %d", count(len(cells), "column"), len(sheetColumns))
	}
	for len(cells) < len(sheetColumns) { // to know whom it is about
		cells = append(cells, "")
	}
	for i := range cells {
		cells[i] = unguard(cells[i])
	}
	b.id, b.name, b.company, b.title, b.avatar = cells[0], cells[1], cells[2], cells[3], cells[8]
	b.notes, b.wholeNotes = customer.Detail{Title: cells[6], Content: cells[7]}, true
	b.allChannels, b.allLinks = true, true
	for line := range listed(cells[4]) {
		channelType, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(value) == "" && b.reject == "" {
			b.reject = fmt.Sprintf("its channel %s is not sms:, whatsapp:, email: or chat: and an address", quote(line))
		}
		b.channels = append(b.channels, customer.Channel{Type: channelType, Value: b.withRegion(channelType, unescapeLine(value))})
	}
	for line := range listed(cells[5]) {
		parts := splitLine(line)
		if len(parts) != 3 && b.reject == "" {
			b.reject = fmt.Sprintf("its link %s is not a type, a name to show and an address with semicolons between", quote(line))
		}
		parts = append(parts, "", "")
		b.links = append(b.links, customer.Link{Type: parts[0], DisplayName: parts[1], Value: parts[2]})
	}
	for line := range listed(cells[9]) {
		b.workers = append(b.workers, unescapeLine(line))
	}
	slices.Sort(b.workers)
	b.workers = slices.Compact(b.workers)
	b.has = sheetFields()
	if b.reject == "" && strings.TrimSpace(b.name) == "" {
		b.reject = "it has no name"
	}
	if b.id == "" {
		b.identify()
	}
	return b.record
}

// sheetFields are all that there are of a customer.
func sheetFields() (s fieldSet) {
	for _, f := range []field{fieldID, fieldName, fieldCompany, fieldJobTitle, fieldAvatar, fieldNotes, fieldPhone,
		fieldWhatsApp, fieldEmail, fieldChat, fieldLink, fieldOwner} {
		s.add(f)
	}
	return s
}

// splitExact answers the cells of a row, blanks and all.
func splitExact(raw string, delim byte) (cells []string) {
	for i := 0; ; {
		end, state := fieldEnd(raw, i, delim, true)
		if state != fieldDone {
			return append(cells, raw[i:])
		}
		cell := raw[i:end]
		if trimmed := strings.Trim(cell, " \r"); len(trimmed) > 1 && trimmed[0] == '"' && trimmed[len(trimmed)-1] == '"' {
			cell = strings.ReplaceAll(trimmed[1:len(trimmed)-1], `""`, `"`)
		}
		cells = append(cells, cell)
		if end == len(raw) {
			return cells
		}
		i = end + 1
	}
}

// listed yields the lines of a cell that holds a list.
func listed(cell string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.SplitSeq(cell, "\n") {
			if line = strings.TrimRight(line, "\r"); line != "" && !yield(line) {
				return
			}
		}
	}
}

var lineEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, "\n", `\n`, "\r", `\r`)

// escapeLine makes a text a part of one line.
func escapeLine(s string) string { return lineEscapes.Replace(s) }

// unescapeLine undoes escapeLine.
func unescapeLine(s string) string {
	parts := splitLine(s)
	return strings.Join(parts, ";")
}

// splitLine parts a line at the semicolons that are none of a text, and undoes
// escapeLine for each part.
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
