package mask

import (
	"html"
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// maxLevels is how often what is escaped may be escaped again.
const maxLevels = 5

// decoded is a text with one level of escapes undone, those of HTML and those of
// URLs. What is none stays.
func decoded(s string) string {
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := hexValue(s[i+1]), hexValue(s[i+2]); hi < 16 && lo < 16 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func hexValue(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}

// isEscaped tells quickly that there may be something to decode.
func isEscaped(s string) bool {
	return strings.IndexByte(s, '%') >= 0 || strings.IndexByte(s, '&') >= 0
}

// deepest is a text with its escapes undone, or as it is when it has none.
func deepest(s string) string {
	for range maxLevels {
		next := decoded(s)
		if next == s {
			return s
		}
		s = next
	}
	return s
}

// written masks a text that people or browsers may decode, once or again: when
// something is to be hidden at whatever level, the answer is the text decoded, so
// that no level shows it. Otherwise it is the text as it was.
func written(s string, mask func(string) string) string {
	if !isEscaped(s) {
		return mask(s)
	}
	plain, found := s, mask(s) != s
	for range maxLevels {
		next := decoded(plain)
		if next == plain {
			break
		}
		plain = next
		found = found || mask(plain) != plain
	}
	if !found && decoded(plain) == plain {
		return s
	}
	hidden := mask(plain)
	level := hidden
	for range maxLevels {
		next := decoded(level)
		switch {
		case mask(level) != level:
			return text.WithoutDigits(plain)
		case next == level:
			return hidden
		}
		level = next
	}
	return text.WithoutDigits(plain) // escaped deeper than anybody writes
}

// writtenName masks a name.
func writtenName(s string) string { return written(s, text.MaskName) }

// numbered tells whether a text shows a number, at whatever level.
func numbered(s string) bool { return writtenName(s) != s }

// numberedID tells whether an id holds a number, in base64 too.
func numberedID(id string) bool { return numbered(id) || inBase64(id) }
