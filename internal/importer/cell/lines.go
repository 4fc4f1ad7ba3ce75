package cell

import (
	"iter"
	"strings"
)

// Lines yields the lines of a cell that holds a list.
func Lines(s string) iter.Seq[string] {
	return strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\n' || r == '\r' })
}

var partEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, "\n", `\n`, "\r", `\r`)

// EscapePart escapes a text that is part of a line.
func EscapePart(s string) string { return partEscapes.Replace(s) }

// UnescapePart reverses EscapePart.
func UnescapePart(s string) string { return strings.Join(SplitParts(s), ";") }

// SplitParts splits a line at its unescaped semicolons and unescapes the parts.
func SplitParts(s string) (parts []string) {
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
