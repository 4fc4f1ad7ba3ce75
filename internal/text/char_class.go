package text

import "unicode"

// A charClass says what a character is to a search.
type charClass uint8

const (
	classDrop     charClass = iota // leaves no trace: invisible, an apostrophe, a tatweel
	classSpace                     // stands between words: blanks, punctuation, controls
	classWord                      // a letter or digit of a script that puts blanks between words
	classUnspaced                  // a letter of a script that does not: Han, kana, Hangul, Thai…
	classSymbol                    // an emoji or another pictorial symbol, a word of its own
	classMark                      // combines with the character before it
)

// classOf classifies a character that is not ASCII and already decomposed.
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
	// Private use, and characters newer than our tables: findable as they are.
	return classWord
}

func isASCIIorLatin(r rune) bool {
	return r >= 0xC0 && r != 0xD7 && r != 0xF7 && r < 0x02B9
}

// isIgnorable tells the characters that are never seen: format characters,
// variation selectors, fillers, and the skin tones of emoji, which are seen but
// hardly typed.
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

// isApostrophe tells the characters that people write for an apostrophe or
// within a word as one, and leave out as easily.
func isApostrophe(r rune) bool {
	switch r {
	case '\'', '`', 0x00B4, 0x00B7, 0x02B9, 0x02BB, 0x02BC, 0x02BD, 0x02BE, 0x02BF, 0x02C8, 0x02CA, 0x02CB,
		0x055A, 0x05F3, 0x05F4, 0x2018, 0x2019, 0x201A, 0x201B, 0x2032, 0x2035, 0xA78B, 0xA78C, 0xFF07, 0xFF40:
		return true
	}
	return false
}

// isUnspaced tells the scripts whose words run together, so that a word's beginning
// cannot be seen and one character already says much.
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

// isHan tells Chinese characters, among them those of planes 2 and 3, which grow
// with every version of Unicode.
func isHan(r rune) bool {
	return r >= 0x20000 && r <= 0x3FFFD || unicode.Is(unicode.Han, r) && unicode.IsLetter(r)
}

// dropsMarks tells whether the marks on a letter are accents, which a search
// does without. In other scripts (Devanagari, Thai, …) they are vowels, and a
// word without them is another word or none.
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
