package mask

import (
	"html"
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// maxLevels is how many levels of escapes are decoded.
const maxLevels = 5

// decodeOnce decodes one level of HTML and URL escapes. Anything else is unchanged.
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

// mayBeEscaped is a quick check before decoding.
func mayBeEscaped(s string) bool {
	return strings.IndexByte(s, '%') >= 0 || strings.IndexByte(s, '&') >= 0
}

// decodeAll decodes up to maxLevels of escapes.
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

// maskDecoded masks a text that people or browsers may decode. If mask changes any
// level of it, the result is the decoded text, masked at all levels; otherwise s.
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
	return text.WithoutDigits(plain) // escaped more than maxLevels times
}

func maskName(s string) string { return maskDecoded(s, text.MaskName) }

// Name masks everything that looks like a number in a name, decoded first.
func Name(s string) string { return maskName(s) }

// hasNumber reports whether s shows a number at any level of escapes.
func hasNumber(s string) bool { return maskName(s) != s }

// idHasNumber reports whether id contains a number, also in base64.
func idHasNumber(id string) bool { return hasNumber(id) || hasBase64Number(id) }
