package text

import (
	"iter"
	"unicode"
	"unicode/utf8"
)

// A digitScan is a text with all the digits in it.
type digitScan struct {
	text   string
	digits []digitPos
	runs   []run
}

// A digitPos is a digit.
type digitPos struct {
	start, size int // bytes
	// separated tells that something that can be seen is between the one before and this.
	separated bool
	hide      bool
}

// A run is digits from one spot to another with nothing between them but what may
// be in a number.
type run struct {
	from, to int
	// hidden is how many hidden digits follow it.
	hidden int
}

func (r run) len() int { return r.to - r.from }

// digitsIn counts the digits of a text, most to the number given.
func digitsIn(s string, most int) (n int) {
	for i := 0; i < len(s) && n < most; {
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

// A separators says what may be between the digits of one number, each what those before
// it let be as well.
type separators uint8

const (
	sepText separators = iota // blanks, dots, dashes, brackets
	sepLine                   // line ends
	sepName                   // slashes, commas and the like: dates are seldom in names
)

// scan finds the digits of a text and the runs that they make.
func scan(s string, w separators) *digitScan {
	m := &digitScan{text: s, digits: make([]digitPos, 0, 16), runs: make([]run, 0, 2)}
	open, tail, apart := false, false, false // a run, what follows one, something between
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case isNumeral(r):
			if !open {
				m.runs = append(m.runs, run{from: len(m.digits), to: len(m.digits)})
			}
			m.digits = append(m.digits, digitPos{start: i, size: size, separated: apart || !open})
			m.runs[len(m.runs)-1].to++
			open, tail, apart = true, false, false
		case r == maskedDigit && (open || tail):
			m.runs[len(m.runs)-1].hidden++
			open, tail = false, true
		case isInvisible(r):
		case isSeparator(r, w):
			apart = true
		default:
			open, tail, apart = false, false, true
		}
		i += size
	}
	return m
}

// hide hides the digits of some spots.
func (m *digitScan) hide(from, to int) {
	for i := from; i < to; i++ {
		m.digits[i].hide = true
	}
}

// hideLast hides the last four digits of some spots.
func (m *digitScan) hideLast(from, to int) { m.hide(max(from, to-hiddenDigits), to) }

// groups are the parts of a run with nothing between their digits.
func (m *digitScan) groups(r run) iter.Seq[run] {
	return func(yield func(run) bool) {
		from := r.from
		for i := r.from + 1; i <= r.to; i++ {
			if i < r.to && !m.digits[i].separated {
				continue
			}
			if !yield(run{from: from, to: i}) {
				return
			}
			from = i
		}
	}
}

func (m *digitScan) oneGroup(r run) bool {
	for group := range m.groups(r) {
		return group.to == r.to
	}
	return true
}

// isInvisible tells what nobody sees between two digits, or only as a part of one.
func isInvisible(r rune) bool {
	if r < 0x80 {
		return false
	}
	switch {
	case r == utf8.RuneError, r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF:
		return true // no characters
	}
	return isIgnorable(r) || unicode.Is(unicode.M, r)
}

// isSeparator tells what may be between the digits of one number.
func isSeparator(r rune, w separators) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x85, 0x2028, 0x2029:
		return w >= sepLine
	case '/', '\\', '|', ',', ';', ':', '_', '*', '#', '=', '\'', '’', '／', '，', '：', '＿', '、', '،', '⁄', '∕':
		return w >= sepName
	case ' ', '-', '.', '(', ')', '[', ']', '{', '}', '~':
		return true
	case 0x387, 0x2023, 0x2218, 0x25CB, 0x25CF, 0x25E6, 0xA78F, 0xFE52, 0xB7, 0x2D9, 0x6D4, 0x66B, 0x2022, 0x2024, 0x2025, 0x2026, 0x2027, 0x2219, 0x22C5, 0x3002, 0x30FB, 0xFF0E, 0xFF61, 0xFF65:
		return true // dots
	case 0xAF, 0x2C9, 0x2DC, 0x2053, 0x223C, 0xFFE3, 0x2D7, 0x2043, 0x207B, 0x208B, 0x2212, 0x2500, 0x2501, 0x2796, 0x30FC, 0xFF5E, 0xFF70:
		return true // what reads as a dash
	case 0x2800, 0x1D159:
		return true // a Braille pattern of no dots, a note of no head
	}
	if r < 0x80 {
		return r < ' ' || r == 0x7F
	}
	return unicode.In(r, unicode.Zs, unicode.Pd, unicode.Ps, unicode.Pe, unicode.Cc)
}
