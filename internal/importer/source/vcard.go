package source

import (
	"fmt"
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// Cards is a file of vCards. What is between them, and a card that does not end
// before another begins, is a malformed row.
//
// The properties of a card may be written in different character sets, and a line may
// be folded inside a character. So Raw of a row has the bytes of the file, and
// Properties decodes them.
type Cards struct {
	text *buffer
	// decoder has the encoding of text that does not name its character set, known from
	// the beginning of the file. It reads nothing, unless decoded is set: then text is
	// decoded already, as UTF-16 must be.
	decoder *decoder
	decoded bool

	// line is the next line of the file if peeked is set, number is its number, and rest
	// is what follows on the line of the file.
	peeked     bool
	line, rest string
	number     int
}

const (
	beginCard = "BEGIN:VCARD"
	endCard   = "END:VCARD"
	agentCard = "AGENT:" // its value is a card
	// maxProperties is how many properties a card may have: its members, if it is a group.
	maxProperties = 50_000
	// cardSample is how much of a file is looked at to detect how its text is written.
	cardSample = 1 << 20
)

func isVCard(head []byte) bool { return hasPrefixFold(head, beginCard) }

func openCards(in *input) (Reader, error) {
	c := &Cards{text: in.text, decoder: in.decoder, decoded: !in.raw}
	if c.decoded {
		return c, nil
	}
	for len(c.text.data()) < cardSample && !c.text.ended() {
		c.text.fill()
	}
	return c, c.detect(c.text.data())
}

// Err returns the error that reading ended with.
func (c *Cards) Err() error { return c.text.failure() }

// Next returns the next card.
func (c *Cards) Next() (Row, bool) {
	var row Row
	var raw strings.Builder
	depth := 0 // of cards inside cards
	properties := 0
	agent := false // the value of an AGENT may begin: a card
	for {
		line, ok := c.peek()
		begins := ok && isLine(line, beginCard) && (depth == 0 || !isFolded(line))
		switch {
		case !ok && raw.Len() == 0:
			return Row{}, false
		case raw.Len() == 0 && strings.TrimSpace(line) == "":
			c.skip()
			continue
		case raw.Len() == 0:
			row.Line = c.number
		case !ok, begins && !agent:
			row.Raw, row.Malformed = raw.String(), "text outside a card"
			if depth > 0 {
				row.Malformed = "the card has no END:VCARD"
			}
			return row, true
		}
		c.skip()
		if !isFolded(line) && strings.Contains(line, ":") {
			properties++
		}
		if raw.Len() < maxRow {
			raw.WriteString(line)
			raw.WriteByte('\n')
		}
		switch {
		case begins:
			depth++
		case depth > 0 && isLine(line, endCard) && !isFolded(line):
			depth--
			if depth > 0 {
				break
			}
			row.Raw = raw.String()
			if len(row.Raw) >= maxRow {
				row.Malformed = "the card is longer than 16 MiB"
			} else if properties > maxProperties {
				row.Malformed = fmt.Sprintf("the card has more than %d properties", maxProperties)
			}
			return row, true
		}
		agent = isAgent(line) || agent && strings.TrimSpace(line) == ""
	}
}

// peek returns the next line of the file; false at the end. A carriage return ends a
// line, too, and so does END:VCARD, and AGENT: before a card.
func (c *Cards) peek() (line string, ok bool) {
	if c.peeked {
		return c.line, true
	}
	if c.rest == "" {
		c.number = c.text.line
		if c.rest, ok = c.text.takeLine(); !ok {
			return "", false
		}
		c.rest = strings.ReplaceAll(c.rest, byteOrderMark, "")
		if zeros := strings.Count(c.rest, "\x00"); zeros > 0 {
			c.decoder.zeros += zeros
			c.rest = strings.ReplaceAll(c.rest, "\x00", "")
		}
	}
	c.peeked = true
	whole := c.rest
	c.line, c.rest, _ = strings.Cut(whole, "\r")
	for _, before := range []string{endCard, agentCard} {
		if after, ok := text.CutPrefixFold(c.line, before); ok && isLine(after, beginCard) {
			c.line, c.rest = whole[:len(before)], whole[len(before):]
		}
	}
	return c.line, true
}

// skip moves behind the line that peek returned.
func (c *Cards) skip() { c.peeked = false }

// isLine reports whether a line of a card says this and no more.
func isLine(line, what string) bool { return strings.EqualFold(strings.TrimSpace(line), what) }

// isFolded reports whether a line continues the one before.
func isFolded(line string) bool { return line != "" && (line[0] == ' ' || line[0] == '\t') }

// isAgent reports whether a line is the property of version 2.1 that has a card as
// value, on the following lines.
func isAgent(line string) bool {
	name, value, _ := strings.Cut(line, ":")
	name, _, _ = strings.Cut(name, ";")
	return strings.EqualFold(name, "AGENT") && strings.TrimSpace(value) == ""
}
