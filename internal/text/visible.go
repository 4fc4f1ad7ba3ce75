package text

import (
	"strings"
	"unicode"
)

// Visible returns s as one line that is safe to show amid other text: runs of blanks,
// line ends and control characters become one space (none at the ends), invisible
// characters and those that change the direction of text are removed, a character keeps
// at most eight combining marks, and an invalid byte becomes U+FFFD. Joiners of letters
// and emoji (U+200C, U+200D, variation selectors, the tags of flags) stay. If nothing
// visible would remain of a string that is not empty, the result is U+FFFD.
func Visible(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space, marks, seen := false, 0, false
	for _, r := range s { // an invalid byte comes as U+FFFD
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r) || r == 0x2028 || r == 0x2029:
			space = b.Len() > 0
			continue
		case isHidden(r):
			continue
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
			seen = seen || !isIgnorable(r) && r != 0x2800 // a Braille pattern of no dots
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	if !seen && s != "" {
		return string(unicode.ReplacementChar)
	}
	return b.String()
}

// DisplayName returns the visible form of a name, or unnamed if nothing is visible.
func DisplayName(name, unnamed string) string {
	name = Visible(name)
	if strings.Trim(name, "\ufffd ") == "" {
		return unnamed
	}
	return name
}

// isPlain is a quick check that s needs no change.
func isPlain(s string) bool {
	blank := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c >= 0x7F || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}

// isHidden reports whether r is a format character to remove from a line of text.
func isHidden(r rune) bool {
	switch {
	case r < 0x80:
		return false
	case r == 0x200C || r == 0x200D, r >= 0xE0020 && r <= 0xE007F:
		return false // non-joiner, joiner, tags
	case r >= 0x0600 && r <= 0x0605, r == 0x06DD, r == 0x070F, r == 0x08E2, r == 0x110BD, r == 0x110CD:
		return false // visible signs around digits
	case r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF:
		return true // not characters
	}
	return unicode.Is(unicode.Cf, r)
}

// Printable returns s as one line that is safe to print on a terminal, of at most so many
// characters: without control and direction characters, which become U+FFFD.
func Printable(s string, limit int) string {
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
