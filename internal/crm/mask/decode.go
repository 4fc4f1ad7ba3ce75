package mask

import (
	"html"
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// maxLevels is how often what is escaped may be escaped again.
const maxLevels = 5

// decodeOnce is a text with one level of escapes undone, those of HTML and those of
// URLs. What is none stays.
func decodeOnce(s string) string {
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

// mayBeEscaped tells quickly that there may be something to decode.
func mayBeEscaped(s string) bool {
	return strings.IndexByte(s, '%') >= 0 || strings.IndexByte(s, '&') >= 0
}

// decodeAll is a text with its escapes undone, or as it is when it has none.
func decodeAll(s string) string {
	for range maxLevels {
		next := decodeOnce(s)
		if next == s {
			return s
		}
		s = next
	}
	return s
}

// maskDecoded masks a text that people or browsers may decode, once or again: when
// something is to be hidden at whatever level, the answer is the text decoded, so
// that no level shows it. Otherwise it is the text as it was.
func maskDecoded(s string, mask func(string) string) string {
	if !mayBeEscaped(s) {
		return mask(s)
	}
	plain, found := s, mask(s) != s
	for range maxLevels {
		next := decodeOnce(plain)
		if next == plain {
			break
		}
		plain = next
		found = found || mask(plain) != plain
	}
	if !found && decodeOnce(plain) == plain {
		return s
	}
	hidden := mask(plain)
	level := hidden
	for range maxLevels {
		next := decodeOnce(level)
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

// maskName masks a name.
func maskName(s string) string { return maskDecoded(s, text.MaskName) }

// hasNumber tells whether a text shows a number, at whatever level.
func hasNumber(s string) bool { return maskName(s) != s }

// idHasNumber tells whether an id holds a number, in base64 too.
func idHasNumber(id string) bool { return hasNumber(id) || hasBase64Number(id) }
