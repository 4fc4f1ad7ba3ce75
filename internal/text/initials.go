package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Initials stands for a person who has no picture: the first graphemes of the
// first and the last word of name in upper case, "BS" for "Bobby S."; one
// grapheme for one word, so that a name without blanks, as Han names are, has
// its first character. Punctuation before a word and words of punctuation do not
// count. Graphemes are whole: a letter with its accents, a flag, a family.
//
// Two letters of a cursive script have U+200C between them, or they would join
// and read as a word. A name of nothing but punctuation has its first character;
// only a name without anything visible has "".
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

// initial is the first grapheme of word that is a letter, a digit or a symbol,
// in upper case.
func initial(word string) string {
	for i, r := range word {
		if unicode.In(r, unicode.L, unicode.N, unicode.So) && !isIgnorable(r) {
			g := grapheme(word[i:])
			if isGeorgian(r) { // its capitals are for shouting
				return g
			}
			return strings.ToUpper(g)
		}
	}
	return ""
}

// maxGrapheme is more bytes than any grapheme that means something has.
const maxGrapheme = 64

// grapheme is the first grapheme of s that can be seen, without its marks where
// these are too many; "" when there is none.
func grapheme(s string) string {
	s = strings.TrimLeftFunc(s, func(r rune) bool {
		return isIgnorable(r) || r == unicode.ReplacementChar || unicode.In(r, unicode.Mn, unicode.Me)
	})
	g, rest, _, state := uniseg.FirstGraphemeClusterInString(s, -1)
	for endsInVirama(g) && rest != "" && len(g) <= maxGrapheme {
		// Consonants joined to one sign, which newer versions of Unicode hold together.
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

// endsInVirama tells whether g ends in the mark that joins consonants in
// Devanagari, Bengali, Gujarati, Oriya, Telugu and Malayalam.
func endsInVirama(g string) bool {
	switch r, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(g, "\u200d")); r {
	case 0x094D, 0x09CD, 0x0ACD, 0x0B4D, 0x0C4D, 0x0D4D:
		return true
	}
	return false
}

func isGeorgian(r rune) bool { return r >= 0x10A0 && r <= 0x10FF || r >= 0x1C90 && r <= 0x1CBF }

// isCursive tells whether s begins with a letter of a script whose letters join.
func isCursive(s string) bool {
	for _, r := range s {
		return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mandaic, unicode.Mongolian,
			unicode.Adlam, unicode.Hanifi_Rohingya)
	}
	return false
}
