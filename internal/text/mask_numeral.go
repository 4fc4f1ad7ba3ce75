package text

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// isNumeral reports whether r is read as one or more digits: digits of every script,
// superscript, subscript, circled, in brackets, of mathematics and of dates.
func isNumeral(r rune) bool {
	switch {
	case r < 0x80:
		return r >= '0' && r <= '9'
	case r <= 0xBE:
		return r == 0xB2 || r == 0xB3 || r == 0xB9 || r >= 0xBC
	case r < 0x0660, r >= 0x3400 && r < 0xA620, r >= 0xAC00 && r < 0xFF10:
		return false // most letters
	case r >= 0x32C0 && r <= 0x32CB, r >= 0x3358 && r <= 0x3370, r >= 0x33E0 && r <= 0x33FE:
		return true // months, hours and days: ㋀ is "1月"
	case r == 0x3378, r == 0x3379, r >= 0x339F && r <= 0x33A6, r == 0x33A8, r == 0x33AF:
		return true // units: ㎡ is "m2"
	}
	return unicode.In(r, unicode.Nd, unicode.No)
}

// appendValue appends the digits that r is read as, in ASCII.
func appendValue(dst []byte, r rune) []byte {
	if d, ok := digit(r); ok {
		return append(dst, '0'+byte(d))
	}
	switch { // circled digits without a decomposition
	case r == 0x24FF:
		return append(dst, '0')
	case r >= 0x24EB && r <= 0x24F3:
		return append(dst, '1', '1'+byte(r-0x24EB))
	case r == 0x24F4:
		return append(dst, '2', '0')
	case r >= 0x24F5 && r <= 0x24FD:
		return append(dst, '1'+byte(r-0x24F5))
	case r >= 0x2776 && r <= 0x2793:
		if n := byte(r-0x2776)%10 + 1; n < 10 {
			return append(dst, '0'+n)
		}
		return append(dst, '1', '0')
	case r == 0x24FE:
		return append(dst, '1', '0')
	}
	for _, c := range norm.NFKC.String(string(r)) {
		if d, ok := digit(c); ok {
			dst = append(dst, '0'+byte(d))
		}
	}
	return dst
}

// WithoutDigits returns s with a blank in place of each digit.
func WithoutDigits(s string) string {
	if digitsIn(s, 1) == 0 {
		return s
	}
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if isNumeral(r) {
			r = ' '
		}
		out = append(out, r)
	}
	return string(out)
}
