package source

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// unfold returns the lines of a card with those joined that continue another.
func unfold(raw string) []string {
	var lines []string
	var last []byte // the line that the next may continue
	quotedPrintable := false
	for line := range strings.Lines(raw) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case quotedPrintable && bytes.HasSuffix(last, []byte("=")):
			last = append(last[:len(last)-1], strings.TrimLeft(line, " \t")...)
		case len(lines) > 0 && line != "" && (line[0] == ' ' || line[0] == '\t'):
			last = append(last, line[1:]...)
		default:
			lines = append(lines, string(last))
			last = append(last[:0], line...)
			head, _, _ := strings.Cut(line, ":")
			quotedPrintable = strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
		}
	}
	return append(lines, string(last))
}

// parseProperty parses an unfolded line.
func parseProperty(line string) (Property, bool) {
	p := Property{}
	colon := outsideQuotes(line, ':')
	if colon < 0 {
		return p, false
	}
	head, charset, encoding := line[:colon], "", ""
	for i := 0; ; i++ {
		part, end := head, outsideQuotes(head, ';')
		if end >= 0 {
			part = head[:end]
		}
		if i == 0 {
			p.Name = strings.ToUpper(strings.TrimSpace(part))
			if dot := strings.LastIndexByte(p.Name, '.'); dot >= 0 {
				p.group, p.Name = p.Name[:dot], p.Name[dot+1:]
			}
		} else {
			name, value, named := strings.Cut(strings.ToUpper(part), "=")
			if !named {
				name, value = "TYPE", name
			}
			switch value = strings.Trim(value, `"`); name {
			case "TYPE":
				p.Types = append(p.Types, strings.Split(value, ",")...)
			case "X-SERVICE-TYPE":
				p.Service = value
			case "CHARSET":
				charset = value
			case "ENCODING":
				encoding = value
			}
		}
		if end < 0 {
			break
		}
		head = head[end+1:]
	}
	p.value = line[colon+1:]
	// Version 2.1 writes the encoding without its name.
	if encoding == "QUOTED-PRINTABLE" || slices.Contains(p.Types, "QUOTED-PRINTABLE") {
		p.value = decodeQuotedPrintable(p.value, charset)
	}
	return p, p.Name != ""
}

// outsideQuotes returns the index of the first b that is not inside quotation marks.
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

// decodeQuotedPrintable decodes a value; a byte that is not valid stays. The standard
// library's reader fails on such bytes.
func decodeQuotedPrintable(s, charset string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '=' && i+2 < len(s) {
			if b, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(b))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	if strings.HasPrefix(charset, "WINDOWS") || strings.HasPrefix(charset, "ISO") || charset == "" && !utf8.Valid(out) {
		return decodeText(mustEncoding("Windows-1252"), out)
	}
	return strings.ReplaceAll(strings.ToValidUTF8(string(out), string(utf8.RuneError)), "\r\n", "\n")
}

// isLine reports whether a line of a card says this and no more.
func isLine(line, what string) bool { return strings.EqualFold(strings.TrimSpace(line), what) }
