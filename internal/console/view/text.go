package view

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The most bytes of external text that a page shows.
const (
	// MaxCell is for a name or address in a table cell: more than any screen is wide.
	MaxCell = 240
	// MaxValue is for a header, a URL or an error text.
	MaxValue = 500
)

// Line returns external text on one line, at most n bytes of it.
func Line(s string, n int) string {
	if len(s) > n {
		s = s[:n] + "…"
	}
	return Plain(s, "")
}

// Plain replaces the characters of external text that would reorder, hide or break the
// text around them, except those in keep.
func Plain(s, keep string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(keep, r), r == '\u200C', r == '\u200D': // the latter join letters and emoji
			return r
		case r == '\r':
			return -1
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
}

// Clip cuts s to at most n bytes, at a character boundary.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
