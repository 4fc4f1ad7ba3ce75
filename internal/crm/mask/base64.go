package mask

import (
	"encoding/base64"
	"strings"
)

// Some services build ids and links from base64: "Q29udGFjdDorMTU1NTcwNDk3ODY" is
// "Contact:+15557049786". Names and texts are not searched for base64.

// minBase64Digits is how many consecutive digits in base64 are a number.
const minBase64Digits = 7

// hasBase64Number reports whether s, or s decoded, contains a number in base64, of
// either alphabet and at any offset. Only consecutive digits count, so that random
// characters do not match.
func hasBase64Number(s string) bool {
	return findBase64Number(s) || mayBeEscaped(s) && findBase64Number(decodeAll(s))
}

// findBase64Number looks for four characters that encode three digits: seven digits
// always contain such a group, whatever their offset.
func findBase64Number(s string) bool {
	for i := 0; i+4 <= len(s); i++ {
		if s[i] >= 'M' && s[i] <= 'O' && strings.IndexByte("DTjz", s[i+1]) >= 0 &&
			strings.IndexByte("AEIMQUYcgk", s[i+2]) >= 0 && strings.IndexByte("wxyz012345", s[i+3]) >= 0 &&
			digitsAround(s, i) >= minBase64Digits {
			return true
		}
	}
	return false
}

// digitsAround counts the consecutive digits around the three in s[at:at+4], up to
// six before and six after.
func digitsAround(s string, at int) (n int) {
	from, to := at, at+4
	for from >= 4 && from > at-8 && isBase64(s[from-4]) && isBase64(s[from-3]) && isBase64(s[from-2]) && isBase64(s[from-1]) {
		from -= 4
	}
	for to < len(s) && to < at+12 && isBase64(s[to]) {
		to++
	}
	if (to-from)%4 == 1 {
		to-- // one character encodes no byte
	}
	plain, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(s[from:to]))
	if err != nil {
		return 0
	}
	three := (at - from) / 4 * 3
	for i := three; i < len(plain) && plain[i]-'0' <= 9; i++ {
		n++
	}
	for i := three - 1; i >= 0 && plain[i]-'0' <= 9; i-- {
		n++
	}
	return n
}

func isBase64(c byte) bool {
	switch {
	case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		return true
	}
	return c == '+' || c == '/' || c == '-' || c == '_'
}
