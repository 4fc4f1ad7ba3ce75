package importer

import (
	"strings"
	"unicode/utf8"
)

// splitEscaped splits a value at separators that are not escaped, and unescapes
// the parts.
func splitEscaped(value string, separator byte) []string {
	var parts []string
	from := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case separator:
			parts = append(parts, unescape(value[from:i]))
			from = i + 1
		}
	}
	return append(parts, unescape(value[from:]))
}

// unescape undoes what a card writes with a backslash.
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

// decodeQuotedPrintable decodes a value; a byte that makes no sense stays.
func decodeQuotedPrintable(s, charset string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '=' && i+2 < len(s) {
			hi, lo := unhex(s[i+1]), unhex(s[i+2])
			if hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	if charset != "UTF-8" && (charset != "" || !utf8.Valid(out)) && strings.HasPrefix(charset+"ISO", "ISO") ||
		strings.HasPrefix(charset, "WINDOWS") {
		runes := make([]rune, len(out))
		for i, b := range out {
			runes[i] = windows1252(b)
		}
		return string(runes)
	}
	return strings.ReplaceAll(strings.ToValidUTF8(string(out), string(utf8.RuneError)), "\r\n", "\n")
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
