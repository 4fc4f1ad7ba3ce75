package frontline

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// param is a decoded parameter of a form. broken reports a percent sign that begins no
// escape.
type param struct {
	name, value string
	broken      bool
}

// parseForm appends the parameters of a form-encoded body to dst, in their order. It
// decodes as browsers and most servers do, unlike net/url: a semicolon is an ordinary
// character, and a percent sign that begins no escape stands for itself. In the latter
// case ok is false.
func parseForm(dst []param, body string) (params []param, ok bool) {
	ok = true
	dst = slices.Grow(dst, strings.Count(body, "&")+1)
	for body != "" {
		var pair string
		pair, body, _ = strings.Cut(body, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, nameOK := unescape(name)
		value, valueOK := unescape(value)
		broken := !nameOK || !valueOK
		ok = ok && !broken
		dst = append(dst, param{name, value, broken})
	}
	return dst, ok
}

// unescape decodes percent escapes and plus signs.
func unescape(s string) (decoded string, ok bool) {
	if strings.IndexByte(s, '%') < 0 {
		return strings.ReplaceAll(s, "+", " "), true
	}
	b := make([]byte, 0, len(s))
	ok = true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			b = append(b, ' ')
		case '%':
			if i+2 < len(s) {
				hi, lo := unhex(s[i+1]), unhex(s[i+2])
				if hi|lo < 16 {
					b = append(b, hi<<4|lo)
					i += 2
					continue
				}
			}
			ok = false
			b = append(b, c)
		default:
			b = append(b, c)
		}
	}
	return string(b), ok
}

// unhex returns the value of a hexadecimal digit, 0xff for anything else.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

// sortParams sorts parameters into signing order.
func sortParams(params []param) {
	slices.SortFunc(params, func(a, b param) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
}

// appendParams appends sorted parameters as they are signed. An exact repetition counts
// once.
func appendParams(b []byte, sorted []param) []byte {
	for i, p := range sorted {
		if i > 0 && p.name == sorted[i-1].name && p.value == sorted[i-1].value {
			continue
		}
		b = append(append(b, p.name...), p.value...)
	}
	return b
}

// isText reports whether s is valid UTF-8 without NUL.
func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
