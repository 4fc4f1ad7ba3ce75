package text

import (
	"unicode"
	"unicode/utf8"
)

// A digitScan is a text with the positions of its digits.
type digitScan struct {
	text   string
	digits []digitPos
	runs   []run
}

// A digitPos is the position of a digit.
type digitPos struct {
	start, size int  // bytes
	separated   bool // something visible precedes it
	hide        bool
}

// A run is a range of digits with nothing between them but separators.
type run struct{ from, to int }

func (r run) len() int { return r.to - r.from }

// digitsIn counts the digits of a text, up to limit.
func digitsIn(s string, limit int) (n int) {
	for i := 0; i < len(s) && n < limit; {
		c := s[i]
		if c < utf8.RuneSelf {
			if c-'0' <= 9 {
				n++
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if isNumeral(r) {
			n++
		}
		i += size
	}
	return n
}

// separators selects what may separate the digits of one number. Each value includes
// those before it, except slashes, which are in every link.
type separators uint8

const (
	sepText separators = iota // blanks, dots, dashes, brackets, slashes
	sepLine                   // line ends
	sepName                   // commas and the like: lists of years are seldom in names
)

// scan finds the digits and runs of a text.
func scan(s string, sep separators) *digitScan {
	m := &digitScan{text: s, digits: make([]digitPos, 0, 16), runs: make([]run, 0, 2)}
	open, separated := false, false // in a run; after a separator
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case isNumeral(r):
			if !open {
				m.runs = append(m.runs, run{len(m.digits), len(m.digits)})
			}
			m.digits = append(m.digits, digitPos{start: i, size: size, separated: separated || !open})
			m.runs[len(m.runs)-1].to++
			open, separated = true, false
		case isInvisible(r):
		case isSeparator(r, sep):
			separated = true
		default:
			open, separated = false, true
		}
		i += size
	}
	return m
}

// hide hides a range of digits.
func (d *digitScan) hide(from, to int) {
	for i := from; i < to; i++ {
		d.digits[i].hide = true
	}
}

// hideLast hides the last four digits of a range.
func (d *digitScan) hideLast(from, to int) { d.hide(max(from, to-hiddenDigits), to) }

// end returns where the digit before an index ends, in bytes.
func (d *digitScan) end(i int) int { return d.digits[i-1].start + d.digits[i-1].size }

// endsGroup reports whether anything, visible or not, follows the digit before an index
// and precedes the next digit.
func (d *digitScan) endsGroup(i int) bool {
	return i == len(d.digits) || d.digits[i].start != d.end(i)
}

// isGroup reports whether nothing separates the digits of a run.
func (d *digitScan) isGroup(r run) bool {
	for i := r.from + 1; i < r.to; i++ {
		if d.endsGroup(i) {
			return false
		}
	}
	return true
}

// isInvisible reports whether r is invisible between two digits, or a mark on one.
func isInvisible(r rune) bool {
	if r < 0x80 {
		return false
	}
	switch {
	case r == utf8.RuneError, r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF:
		return true // not characters
	}
	return isIgnorable(r) || unicode.Is(unicode.M, r)
}

// isSeparator reports whether r may separate the digits of one number.
func isSeparator(r rune, sep separators) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x85, 0x2028, 0x2029:
		return sep >= sepLine
	case '/', '／', '⁄', '∕':
		return sep != sepLine
	case '\\', '|', ',', ';', ':', '_', '*', '#', '=', '\'', '’', '，', '：', '＿', '、', '،':
		return sep >= sepName
	case ' ', '-', '.', '(', ')', '[', ']', '{', '}', '~':
		return true
	case 0x387, 0x2023, 0x2218, 0x25CB, 0x25CF, 0x25E6, 0xA78F, 0xFE52, 0xB7, 0x2D9, 0x6D4, 0x66B, 0x2022, 0x2024, 0x2025, 0x2026, 0x2027, 0x2219, 0x22C5, 0x3002, 0x30FB, 0xFF0E, 0xFF61, 0xFF65:
		return true // dots
	case 0xAF, 0x2C9, 0x2DC, 0x2053, 0x223C, 0xFFE3, 0x2D7, 0x2043, 0x207B, 0x208B, 0x2212, 0x2500, 0x2501, 0x2796, 0x30FC, 0xFF5E, 0xFF70:
		return true // dashes and the like
	case 0x2800, 0x1D159:
		return true // blank Braille pattern, null notehead
	}
	if r < 0x80 {
		return r < ' ' || r == 0x7F
	}
	return unicode.In(r, unicode.Zs, unicode.Pd, unicode.Ps, unicode.Pe, unicode.Cc)
}
