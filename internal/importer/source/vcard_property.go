package source

import (
	"strconv"
	"strings"
)

// Property is one property of a card.
type Property struct {
	// Name is upper case, without its group.
	Name string
	// Label is what the card calls the property, as Apple writes it, or "".
	Label string
	// Types are the values of TYPE and those without a name, Service is that of
	// SERVICE-TYPE or X-SERVICE-TYPE; upper case.
	Types   []string
	Service string
	// Preference is 1 for the property to use first, up to 100, and 101 without any.
	Preference int

	group, charset, encoding string // upper case
	value                    string // not yet unescaped
}

// maxLabel bounds a label, in bytes: many properties may have the same.
const maxLabel = 200

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

// Properties returns the properties of a card, without those of a card inside it. A line
// that is no property is left out.
func (c *Cards) Properties(row Row) []Property {
	var found []Property
	labels := map[string]string{}
	depth := 0
	for line := range unfold(row.Raw) {
		switch {
		case isLine(line, beginCard):
			depth++
		case isLine(line, endCard):
			depth--
		}
		p, ok := parseProperty(line)
		if !ok || depth > 1 {
			continue
		}
		if len(found) == maxProperties {
			break // Next says that there are too many
		}
		p.value = c.decode(p)
		found = append(found, p)
		if p.Name == "X-ABLABEL" && p.group != "" && len(p.value) <= maxLabel {
			labels[p.group] = strings.TrimSuffix(strings.TrimPrefix(p.Text(), "_$!<"), ">!$_")
		}
	}
	for i, p := range found {
		found[i].Label = labels[p.group]
	}
	return found
}

// parseProperty parses an unfolded line. The value stays encoded.
func parseProperty(line string) (Property, bool) {
	p := Property{Preference: 101}
	colon := indexUnquoted(line, ':')
	if colon < 0 {
		return p, false
	}
	p.value = line[colon+1:]
	params := splitUnquoted(line[:colon], ';')
	p.Name = strings.ToUpper(strings.TrimSpace(params[0]))
	if dot := strings.LastIndexByte(p.Name, '.'); dot >= 0 {
		p.group, p.Name = p.Name[:dot], p.Name[dot+1:]
	}
	for _, param := range params[1:] {
		name, value, named := strings.Cut(strings.ToUpper(param), "=")
		if !named {
			name, value = "TYPE", name
		}
		switch value = strings.Trim(value, `" `); strings.TrimSpace(name) {
		case "TYPE":
			p.Types = append(p.Types, strings.Split(value, ",")...)
		case "SERVICE-TYPE", "X-SERVICE-TYPE":
			p.Service = value
		case "PREF":
			if n, err := strconv.Atoi(value); err == nil {
				p.Preference = min(p.Preference, n)
			}
		case "CHARSET":
			p.charset = value
		case "ENCODING":
			p.encoding = value
		}
	}
	for _, t := range p.Types {
		switch t {
		case "PREF":
			p.Preference = 1
		case "QUOTED-PRINTABLE", "BASE64": // version 2.1 writes it without its name
			p.encoding = t
		}
	}
	return p, p.Name != ""
}

// indexUnquoted returns the index of the first b that is not inside quotation marks.
func indexUnquoted(s string, b byte) int {
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

// splitUnquoted splits s at every b that is not inside quotation marks.
func splitUnquoted(s string, b byte) []string {
	if strings.Count(s, `"`)%2 > 0 {
		return strings.Split(s, string(b))
	}
	var parts []string
	for i := indexUnquoted(s, b); i >= 0; i = indexUnquoted(s, b) {
		parts = append(parts, s[:i])
		s = s[i+1:]
	}
	return append(parts, s)
}

// unescape replaces what a card writes with a backslash.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n', 'N':
			b.WriteByte('\n')
		case '\\', ';', ',', ':':
			b.WriteByte(s[i])
		default:
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
