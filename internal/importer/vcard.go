package importer

import (
	"strings"
)

// cardReader splits a file into cards. What stands between them, and a card that
// does not end before another begins, is an item that could not be read.
type cardReader struct {
	w *window
	// pending is a line that begins a card, taken while looking for the end of
	// the one before.
	pending     string
	pendingLine int
}

// next answers the following card; false at the end.
func (r *cardReader) next() (item, bool) {
	it, raw := item{line: r.pendingLine}, strings.Builder{}
	inside := r.pending != ""
	if inside {
		raw.WriteString(r.pending + "\n")
		r.pending = ""
	}
	for {
		at := r.w.line
		line, ok := r.w.takeLine()
		begins := ok && isLine(line, "BEGIN:VCARD")
		switch {
		case ok && !begins && raw.Len() == 0 && strings.TrimSpace(line) == "":
			continue
		case !ok && raw.Len() == 0:
			return item{}, false
		case !ok || begins && raw.Len() > 0:
			if begins {
				r.pending, r.pendingLine = line, at
			}
			it.bad = "it stands outside any card"
			if inside {
				it.bad = "the card has no END:VCARD"
			}
		case raw.Len() == 0:
			it.line, inside = at, begins
		}
		if it.bad == "" && raw.Len() < maxRecord {
			raw.WriteString(line + "\n")
		}
		if it.bad == "" && inside && isLine(line, "END:VCARD") {
			if raw.Len() >= maxRecord {
				it.bad = "the card is longer than 16 MiB"
			}
		} else if it.bad == "" {
			continue
		}
		it.raw = raw.String()
		return it, true
	}
}

// property is one of a card, its value not yet unescaped.
type property struct {
	// name is upper case, without its group.
	name string
	// group ties properties together, as in item1.TEL and item1.X-ABLabel.
	group string
	// params are upper case, name and value; types are all values of TYPE and
	// those without a name.
	params map[string]string
	types  []string
	value  string
}

func (p property) is(kind string) bool {
	for _, t := range p.types {
		if t == kind {
			return true
		}
	}
	return false
}

// cardProperties reads the lines of a card: folded ones joined, parameters taken
// apart, quoted-printable values of version 2.1 decoded. A line that is no
// property is left out.
func cardProperties(raw string) []property {
	var lines []string
	quotedPrintable := false
	for line := range strings.Lines(raw) {
		line = strings.TrimRight(line, "\r\n")
		last := len(lines) - 1
		switch {
		case last >= 0 && quotedPrintable && strings.HasSuffix(lines[last], "="):
			lines[last] = strings.TrimSuffix(lines[last], "=") + strings.TrimLeft(line, " \t")
		case last >= 0 && line != "" && (line[0] == ' ' || line[0] == '\t'):
			lines[last] += line[1:]
		default:
			lines = append(lines, line)
			head, _, _ := strings.Cut(line, ":")
			quotedPrintable = strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
		}
	}
	var found []property
	for _, line := range lines {
		if p, ok := parseProperty(line); ok {
			found = append(found, p)
		}
	}
	return found
}

// parseProperty reads one unfolded line.
func parseProperty(line string) (property, bool) {
	p := property{params: map[string]string{}}
	colon := outsideQuotes(line, ':')
	if colon < 0 {
		return p, false
	}
	head, value := line[:colon], line[colon+1:]
	for i := 0; ; i++ {
		part, end := head, outsideQuotes(head, ';')
		if end >= 0 {
			part = head[:end]
		}
		if i == 0 {
			p.name = strings.ToUpper(strings.TrimSpace(part))
			if dot := strings.LastIndexByte(p.name, '.'); dot >= 0 {
				p.group, p.name = p.name[:dot], p.name[dot+1:]
			}
		} else {
			name, paramValue, named := strings.Cut(strings.ToUpper(part), "=")
			if !named {
				name, paramValue = "TYPE", name
			}
			p.params[name] = strings.Trim(paramValue, `"`)
			if name == "TYPE" {
				p.types = append(p.types, strings.Split(strings.Trim(paramValue, `"`), ",")...)
			}
		}
		if end < 0 {
			break
		}
		head = head[end+1:]
	}
	// Version 2.1 writes the encoding without its name.
	if p.params["ENCODING"] == "QUOTED-PRINTABLE" || p.is("QUOTED-PRINTABLE") {
		value = decodeQuotedPrintable(value, p.params["CHARSET"])
	}
	p.value = value
	return p, p.name != ""
}

// outsideQuotes answers the place of the first b that is not inside quotation marks.
func outsideQuotes(s string, b byte) int {
	inside := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			inside = !inside
		case s[i] == b && !inside:
			return i
		}
	}
	if inside { // a lone mark is a character
		return strings.IndexByte(s, b)
	}
	return -1
}
