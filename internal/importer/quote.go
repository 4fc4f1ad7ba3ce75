package importer

import (
	"strings"
	"unicode"
)

// maxQuoted is how much of a text of the file is repeated in a message, in characters.
const maxQuoted = 60

// quote repeats a text of the file in a message so that it is harmless wherever
// the message is shown: one line, no control or direction characters, not long.
func quote(s string) string { return `"` + plain(s) + `"` }

// plain is quote without the quotation marks.
func plain(s string) string { return plainTo(s, maxQuoted) }

// plainTo is plain with another limit.
func plainTo(s string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.TrimSpace(s) {
		if n++; n > most {
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

// quoteAll repeats names of columns, not more than a screen can take.
func quoteAll(names []string) string {
	const most = 40
	var quoted []string
	for _, name := range names[:min(len(names), most)] {
		quoted = append(quoted, quote(name))
	}
	if len(names) > most {
		quoted = append(quoted, "and more")
	}
	return strings.Join(quoted, ", ")
}
