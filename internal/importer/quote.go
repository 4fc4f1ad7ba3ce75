package importer

import (
	"strings"
	"unicode"
)

// maxQuoted bounds a text of the file in a message, in characters.
const maxQuoted = 60

// quote returns a text of the file for a message. It is safe to print: one line, no
// control or direction characters, shortened.
func quote(s string) string { return `"` + sanitize(s) + `"` }

// sanitize is quote without the quotation marks.
func sanitize(s string) string { return sanitizeTo(s, maxQuoted) }

// sanitizeTo is sanitize with another limit.
func sanitizeTo(s string, limit int) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.TrimSpace(s) {
		if n++; n > limit {
			b.WriteString("…")
			break
		}
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case !unicode.IsPrint(r):
			b.WriteRune(unicode.ReplacementChar)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// quoteAll quotes the names of columns, as many as fit on a screen.
func quoteAll(names []string) string {
	const limit = 40
	var quoted []string
	for _, name := range names[:min(len(names), limit)] {
		quoted = append(quoted, quote(name))
	}
	if len(names) > limit {
		quoted = append(quoted, "and more")
	}
	return strings.Join(quoted, ", ")
}
