package source

import (
	"strings"
)

// Cards is a file of vCards. What is between them, and a card that does not end
// before another begins, is a malformed row.
type Cards struct {
	text *buffer
	// pending is a line that begins a card, read while looking for the end of the one
	// before.
	pending     string
	pendingLine int
}

func isVCard(head []byte) bool { return hasPrefixFold(head, "BEGIN:VCARD") }

func openCards(in *input) (Reader, error) { return &Cards{text: in.text}, nil }

// Err returns the error that reading ended with.
func (c *Cards) Err() error { return c.text.failure() }

// Next returns the next card.
func (c *Cards) Next() (Row, bool) {
	row, raw := Row{Line: c.pendingLine}, strings.Builder{}
	inside := c.pending != ""
	if inside {
		raw.WriteString(c.pending + "\n")
		c.pending = ""
	}
	for {
		at := c.text.line
		line, ok := c.text.takeLine()
		begins := ok && isLine(line, "BEGIN:VCARD")
		switch {
		case ok && !begins && raw.Len() == 0 && strings.TrimSpace(line) == "":
			continue
		case !ok && raw.Len() == 0:
			return Row{}, false
		case !ok || begins && raw.Len() > 0:
			if begins {
				c.pending, c.pendingLine = line, at
			}
			row.Malformed = "text outside a card"
			if inside {
				row.Malformed = "the card has no END:VCARD"
			}
		case raw.Len() == 0:
			row.Line, inside = at, begins
		}
		if row.Malformed == "" && raw.Len() < maxRow {
			raw.WriteString(line + "\n")
		}
		if row.Malformed == "" && inside && isLine(line, "END:VCARD") {
			if raw.Len() >= maxRow {
				row.Malformed = "the card is longer than 16 MiB"
			}
		} else if row.Malformed == "" {
			continue
		}
		row.Raw = raw.String()
		return row, true
	}
}

// Property is one property of a card.
type Property struct {
	// Name is upper case, without its group.
	Name string
	// Label is what the card calls the property, as Apple writes it, or "".
	Label string
	// Types are the values of TYPE and those without a name, Service is that of
	// X-SERVICE-TYPE; upper case.
	Types   []string
	Service string

	group, value string // not yet unescaped
}

// Text returns the value.
func (p Property) Text() string { return unescape(p.value) }

// Parts returns the parts of a value such as a name's, which has semicolons between.
func (p Property) Parts() []string {
	var parts []string
	from := 0
	for i := 0; i < len(p.value); i++ {
		switch p.value[i] {
		case '\\':
			i++
		case ';':
			parts = append(parts, unescape(p.value[from:i]))
			from = i + 1
		}
	}
	return append(parts, unescape(p.value[from:]))
}

// Properties returns the properties of a card. A line that is no property is left out.
func (c *Cards) Properties(row Row) []Property {
	var found []Property
	labels := map[string]string{}
	for _, line := range unfold(row.Raw) {
		p, ok := parseProperty(line)
		if !ok {
			continue
		}
		found = append(found, p)
		if p.Name == "X-ABLABEL" && p.group != "" {
			labels[p.group] = strings.TrimSuffix(strings.TrimPrefix(p.Text(), "_$!<"), ">!$_")
		}
	}
	for i, p := range found {
		found[i].Label = labels[p.group]
	}
	return found
}
