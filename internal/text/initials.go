package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Initials returns the first graphemes of the first and the last word of name in upper
// case, "BS" for "Bobby S."; one grapheme for a single word. Punctuation before a word
// and words of punctuation are skipped. Graphemes are whole: a letter with its accents,
// a flag, a family.
//
// Two letters of a cursive script are separated by U+200C, so that they do not join. The
// initials of a name of punctuation are its first character, of a name without
// anything visible "".
func Initials(name string) string {
	var first, last, fallback string
	for word := range strings.FieldsFuncSeq(name, isBlank) {
		g := initial(word)
		switch {
		case g == "" && fallback == "":
			fallback = grapheme(word)
		case g == "":
		case first == "":
			first = g
		default:
			last = g
		}
	}
	if first == "" {
		return fallback
	}
	if last != "" && isCursive(first) && isCursive(last) {
		return first + "\u200c" + last
	}
	return first + last
}

func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == 0x200B }

// initial returns the first grapheme of word that is a letter, digit or symbol, in
// upper case.
func initial(word string) string {
	for i, r := range word {
		if unicode.In(r, unicode.L, unicode.N, unicode.So) && !isIgnorable(r) {
			g := grapheme(word[i:])
			if isGeorgian(r) { // its capitals are for text all in capitals
				return g
			}
			return strings.ToUpper(g)
		}
	}
	return ""
}

// maxGrapheme is more bytes than any meaningful grapheme has.
const maxGrapheme = 64

// grapheme returns the first visible grapheme of s, without its marks if these are too
// many; "" if there is none.
func grapheme(s string) string {
	s = strings.TrimLeftFunc(s, func(r rune) bool {
		return isIgnorable(r) || r == unicode.ReplacementChar || unicode.In(r, unicode.Mn, unicode.Me)
	})
	g, rest, _, state := uniseg.FirstGraphemeClusterInString(s, -1)
	for endsInVirama(g) && rest != "" && len(g) <= maxGrapheme {
		// A conjunct consonant, one grapheme in newer versions of Unicode.
		var next string
		next, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if r, _ := utf8.DecodeRuneInString(next); !unicode.IsLetter(r) {
			break
		}
		g = s[:len(g)+len(next)]
	}
	if len(g) <= maxGrapheme {
		return strings.ToValidUTF8(g, "")
	}
	for _, r := range g {
		return string(r)
	}
	return ""
}

// endsInVirama reports whether g ends in the mark that joins consonants in
// Devanagari, Bengali, Gujarati, Oriya, Telugu and Malayalam.
func endsInVirama(g string) bool {
	switch r, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(g, "\u200d")); r {
	case 0x094D, 0x09CD, 0x0ACD, 0x0B4D, 0x0C4D, 0x0D4D:
		return true
	}
	return false
}

func isGeorgian(r rune) bool { return r >= 0x10A0 && r <= 0x10FF || r >= 0x1C90 && r <= 0x1CBF }

// isCursive reports whether s begins with a letter of a script whose letters join.
func isCursive(s string) bool {
	for _, r := range s {
		return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mandaic, unicode.Mongolian,
			unicode.Adlam, unicode.Hanifi_Rohingya)
	}
	return false
}
