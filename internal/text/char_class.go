package text

import "unicode"

// A charClass is how folding and searching treat a character.
type charClass uint8

const (
	classDrop     charClass = iota // is removed: invisible, an apostrophe, a tatweel
	classSpace                     // separates words: blanks, punctuation, controls
	classWord                      // a letter or digit of a script with spaces between words
	classUnspaced                  // a letter of a script without: Han, kana, Hangul, Thai…
	classSymbol                    // an emoji or another pictorial symbol, a word of its own
	classMark                      // combines with the character before it
)

// classOf returns the class of a decomposed character that is not ASCII.
func classOf(r rune) charClass {
	switch {
	case r <= 0x02FF && isASCIIorLatin(r):
		return classWord
	case r >= 0x0300 && r <= 0x036F:
		if r == 0x034F { // combining grapheme joiner
			return classDrop
		}
		return classMark
	case r >= 0x0370 && r <= 0x0481 && unicode.IsLetter(r):
		return classWord
	case r >= 0x4E00 && r <= 0x9FFF, r >= 0xAC00 && r <= 0xD7A3:
		return classUnspaced
	case isIgnorable(r):
		return classDrop
	case isUnspaced(r):
		return classUnspaced
	case unicode.Is(unicode.M, r):
		return classMark
	case unicode.In(r, unicode.L, unicode.N):
		return classWord
	case r == unicode.ReplacementChar, r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF:
		return classSpace
	case unicode.Is(unicode.So, r):
		return classSymbol
	case unicode.In(r, unicode.P, unicode.S, unicode.Z, unicode.Cc):
		return classSpace
	}
	// Private use, and characters newer than the tables.
	return classWord
}

func isASCIIorLatin(r rune) bool {
	return r >= 0xC0 && r != 0xD7 && r != 0xF7 && r < 0x02B9
}

// isIgnorable reports whether r is invisible (a format character, variation selector or
// filler) or a skin tone of emoji, which is rarely typed.
func isIgnorable(r rune) bool {
	switch {
	case r == 0x034F, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x3164, r == 0xFFA0:
		return true
	case r >= 0x180B && r <= 0x180F, r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0000 && r <= 0xE0FFF:
		return true
	case r >= 0x1F3FB && r <= 0x1F3FF:
		return true
	}
	return unicode.Is(unicode.Cf, r)
}

// isApostrophe reports whether r is used as an apostrophe or within a word like one.
func isApostrophe(r rune) bool {
	switch r {
	case '\'', '`', 0x00B4, 0x00B7, 0x02B9, 0x02BB, 0x02BC, 0x02BD, 0x02BE, 0x02BF, 0x02C8, 0x02CA, 0x02CB,
		0x055A, 0x05F3, 0x05F4, 0x2018, 0x2019, 0x201A, 0x201B, 0x2032, 0x2035, 0xA78B, 0xA78C, 0xFF07, 0xFF40:
		return true
	}
	return false
}

// isUnspaced reports whether r is of a script without spaces between words.
func isUnspaced(r rune) bool {
	switch {
	case r < 0x0E00:
		return false
	case r >= 0x4E00 && r <= 0x9FFF, r >= 0xAC00 && r <= 0xD7A3, isHan(r):
		return true
	case r == 0x30FC, r == 0x3005, r == 0x3006, r == 0x3007:
		return true
	case r >= 0x1100 && r <= 0x11FF, r >= 0xA960 && r <= 0xA97F, r >= 0xD7B0 && r <= 0xD7FF: // jamo
		return true
	}
	return unicode.In(r, unspacedScripts()...) && !unicode.In(r, unicode.M, unicode.N, unicode.P, unicode.S)
}

func unspacedScripts() []*unicode.RangeTable {
	return []*unicode.RangeTable{unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Yi}
}

// isHan reports whether r is a Han character, including all of planes 2 and 3, to which
// every version of Unicode adds.
func isHan(r rune) bool {
	return r >= 0x20000 && r <= 0x3FFFD || unicode.Is(unicode.Han, r) && unicode.IsLetter(r)
}

// dropsMarks reports whether marks on base are accents, which folding removes. In other
// scripts (Devanagari, Thai, …) they are vowels.
func dropsMarks(base rune) bool {
	switch {
	case base < 0x0780: // Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Syriac
		return true
	case base >= 0x0870 && base <= 0x08FF: // Arabic
		return true
	case base >= 0x1C80 && base <= 0x1C8F, base >= 0x1D00 && base <= 0x2DFF, base >= 0xA640 && base <= 0xA69F:
		return true
	case base >= 0xA720 && base <= 0xA7FF, base >= 0xAB30 && base <= 0xAB6F, base >= 0xFB00 && base <= 0xFDFF:
		return true
	}
	return false
}
