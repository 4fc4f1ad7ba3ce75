package source

import (
	"bytes"
	"iter"
	"strings"
)

// unfold yields the lines of a card, with those joined that continue another.
//
// A line that begins with a blank continues the one before, without that blank. After a
// quoted-printable line that ends in "=" the whole next line does. Base64 goes on without
// blanks in old cards, and so does a note of a program that does not escape line breaks,
// up to the next property.
func unfold(raw string) iter.Seq[string] {
	return func(yield func(string) bool) {
		var last []byte // the line that the next may continue
		begun, soft := false, false
		var quoted, base64, note bool // what the last line is
		for line := range strings.Lines(raw) {
			line = strings.TrimRight(line, "\r\n")
			folded := isFolded(line)
			frame := !folded && (isLine(line, beginCard) || isLine(line, endCard))
			property := strings.Contains(line, ":")
			switch {
			case soft && !frame:
				last = append(last, line...)
			case begun && folded:
				last = append(last, line[1:]...)
			case strings.TrimSpace(line) == "":
			case base64 && !property:
				last = append(last, line...)
			case note && !property:
				last = append(append(last, '\n'), line...)
			default:
				if begun && !yield(string(last)) {
					return
				}
				begun, last = true, append(last[:0], line...)
				head, _, _ := strings.Cut(line, ":")
				head = strings.ToUpper(head)
				name, _, _ := strings.Cut(head, ";")
				note = name == "NOTE"
				quoted = strings.Contains(head, "QUOTED-PRINTABLE")
				base64 = strings.Contains(head, "BASE64") || strings.Contains(head, "ENCODING=B")
			}
			soft = false
			if quoted && strings.HasSuffix(strings.TrimRight(line, " \t"), "=") {
				soft = true
				last = bytes.TrimRight(last, " \t")
				last = last[:len(last)-1]
			}
		}
		if begun {
			yield(string(last))
		}
	}
}
