package source

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// escape begins what only ISO-2022-JP has of all texts in ASCII.
const escape = 0x1B

// unicodeEncoding returns the encoding that a byte order mark names, or UTF-16 by its
// zeros.
func unicodeEncoding(head []byte) (namedEncoding, bool) {
	for _, mark := range []struct{ bytes, name string }{
		{"\xEF\xBB\xBF", "UTF-8"},
		{"\xFF\xFE\x00\x00", "UTF-32"},
		{"\x00\x00\xFE\xFF", "UTF-32"},
		{"\xFF\xFE", "UTF-16"},
		{"\xFE\xFF", "UTF-16"},
	} {
		if bytes.HasPrefix(head, []byte(mark.bytes)) {
			return mustEncoding(mark.name), true
		}
	}
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i&1]++
		}
	}
	switch few := len(head) / 20; {
	case zeros[1] > len(head)/5 && zeros[0] <= few:
		return mustEncoding("UTF-16LE"), true
	case zeros[0] > len(head)/5 && zeros[1] <= few:
		return mustEncoding("UTF-16BE"), true
	}
	return namedEncoding{}, false
}

// guess is the most likely encoding of a text.
type guess struct {
	encoding namedEncoding
	// assumed reports whether another encoding is nearly as likely. Then example is a text
	// that this one decodes differently.
	assumed bool
	example string
}

// detect returns the most likely encoding of a text that is not ASCII.
func detect(sample []byte) guess {
	switch {
	case isISO2022JP(sample):
		return guess{encoding: mustEncoding("ISO-2022-JP")}
	case isUTF8(sample):
		return guess{encoding: mustEncoding("UTF-8")}
	}
	return detectLegacy(sample)
}

// firstNotASCII returns where a text is more than ASCII, or -1.
func firstNotASCII(b []byte) int {
	if i := bytes.IndexByte(b, escape); i >= 0 && isISO2022JP(b[i:]) {
		return i
	}
	return slices.IndexFunc(b, func(c byte) bool { return c >= utf8.RuneSelf })
}

func isISO2022JP(b []byte) bool {
	for _, sequence := range []string{"\x1B$B", "\x1B$@", "\x1B(I", "\x1B(J"} {
		if bytes.Contains(b, []byte(sequence)) {
			return true
		}
	}
	return false
}

// isUTF8 reports whether b is UTF-8, even if some of it is broken.
func isUTF8(b []byte) bool {
	valid, broken := 0, 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size == 1 && (utf8.FullRune(b) || len(b) == 1):
			broken++
		case size > 1:
			valid++
		}
		b = b[size:]
	}
	return valid >= 2*broken
}
