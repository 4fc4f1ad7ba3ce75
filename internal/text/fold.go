package text

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns s in the form in which texts are compared: without compatibility forms, case
// and accents (José → jose, Łukasz → lukasz, ß → ss, ﬁ → fi, ② → 2), digits of any
// script as ASCII, apostrophes removed (O’Neil → oneil), any other run of punctuation
// and blanks as one space, none at the ends. Accents are those of Latin, Greek,
// Cyrillic, Hebrew and Arabic; elsewhere marks are vowels and stay. Symbols such as
// emoji are words of their own, and so are runs of Han, kana, Hangul and other scripts
// without spaces: "株式会社ABC" → "株式会社 abc".
//
// Folding is idempotent. The result contains no control character.
func Fold(s string) string {
	if isFolded(s) {
		return s
	}
	return string(AppendFold(make([]byte, 0, len(s)+8), s))
}

// isFolded is a quick check that an ASCII string needs no folding.
func isFolded(s string) bool {
	space := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == ' ' {
			if space {
				return false
			}
			space = true
			continue
		}
		if c >= utf8.RuneSelf || asciiFold[c] != c {
			return false
		}
		space = false
	}
	return !space || s == ""
}

// asciiFold maps ASCII characters to their folded form; 0 means that one is dropped.
const asciiFold = "" +
	"                                " + // controls
	"       \x00        0123456789      " + // the apostrophe
	" abcdefghijklmnopqrstuvwxyz     " +
	"\x00abcdefghijklmnopqrstuvwxyz     " // the grave accent

// AppendFold appends Fold(s) to dst.
func AppendFold(dst []byte, s string) []byte {
	dst, _ = appendFold(dst, s, folded)
	return dst
}

// appendFold appends s in a form, and reports whether it has umlauts.
func appendFold(dst []byte, s string, as form) (out []byte, umlauts bool) {
	start, space := len(dst), false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return appendFoldUnicode(dst, start, space, s[i:], as)
		}
		switch c = asciiFold[c]; c {
		case 0:
		case ' ':
			space = len(dst) > start
		default:
			if space {
				dst = append(dst, ' ')
				space = false
			}
			dst = append(dst, c)
		}
	}
	return dst, false
}

// appendFoldUnicode folds the rest of a string from its first character that is not
// ASCII. dst[start:] is the part before; space reports whether a space is due.
func appendFoldUnicode(dst []byte, start int, space bool, s string, as form) (out []byte, umlauts bool) {
	f := folder{dst: dst, start: start, space: space, as: as}
	if len(dst) > start {
		f.last, f.base = classWord, rune(dst[len(dst)-1])
	}
	if space {
		f.base = ' '
	}
	f.feed(s)
	f.compose(start)
	return f.dst, f.umlauts
}

// maxMarks is how many marks a character keeps, more than any orthography needs.
const maxMarks = 8

// A folder folds text piece by piece.
type folder struct {
	dst   []byte
	start int
	space bool      // a space is due before the next word
	last  charClass // of the last character written
	base  rune      // what a mark combines with
	marks int       // how many it has
	loose bool      // dst may need composing
	order bool      // fold for a sort key: keep punctuation
	as    form

	umlauts bool // some were met, unless as is folded
}

// compose converts dst[start:] to normal form C.
func (f *folder) compose(start int) {
	if f.loose && !norm.NFC.IsNormal(f.dst[start:]) {
		f.dst = append(f.dst[:start], norm.NFC.Bytes(f.dst[start:])...)
	}
	f.loose = false
}

func (f *folder) feed(s string) {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			f.ascii(c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r >= 'а' && r <= 'я' && r != 'й', r >= 'α' && r <= 'ω' && r != 'ς': // common, and unchanged
			f.write(classWord, r)
		case r == utf8.RuneError:
			f.other(r)
		case isApostrophe(r) && !f.order:
			// Before decomposition, which turns some into spaces.
		case r == '™' || r == '℠':
			f.boundary(' ') // not "TM", which would become part of the word
		case r == 0x0140 || r == 0x013F: // l with a middle dot
			f.ascii('l')
		default:
			d := norm.NFKD.PropertiesString(s[i:]).Decomposition()
			if d == nil {
				f.other(r)
				break
			}
			for len(d) > 0 {
				r, n := utf8.DecodeRune(d)
				if r < utf8.RuneSelf {
					f.ascii(byte(r))
				} else if !isApostrophe(r) || f.order {
					f.other(r)
				}
				d = d[n:]
			}
		}
		i += size
	}
}

func (f *folder) ascii(c byte) {
	b := asciiFold[c]
	switch {
	case b == 0 && !f.order:
	case b == ' ' || b == 0:
		f.boundary(rune(c))
	default:
		f.write(classWord, rune(b))
	}
}

// other folds a decomposed character that is not ASCII.
func (f *folder) other(r rune) {
	switch c := classOf(r); c {
	case classDrop:
	case classSpace:
		f.boundary(r)
	case classMark:
		f.mark(r)
	case classSymbol:
		f.write(c, r)
	default:
		if r == 0x0640 { // tatweel only lengthens
			return
		}
		if c == classUnspaced && f.as != folded {
			f.writeTyped(r)
			return
		}
		if c == classUnspaced && r >= 0x3400 {
			f.write(c, r)
			return
		}
		one, two := foldLetter(r)
		f.write(c, one)
		if two != 0 {
			f.write(c, two)
		}
		if f.as != folded && unicode.ToLower(r) == 'ø' {
			f.umlaut('e')
		}
	}
}

// boundary folds a character that separates words.
func (f *folder) boundary(r rune) {
	if f.order {
		f.punctuation(r)
		return
	}
	f.space = len(f.dst) > f.start
	f.base = ' '
}

// mark folds a combining mark.
func (f *folder) mark(r rune) {
	if f.as != folded {
		switch {
		case r == 0x0308 && (f.base == 'a' || f.base == 'o' || f.base == 'u'):
			f.umlaut('e')
		case r == 0x030A && f.base == 'a':
			f.umlaut('a')
		}
	}
	if len(f.dst) == f.start || f.last == classSymbol || f.marks >= maxMarks || dropsMarks(f.base) {
		return
	}
	if f.order && (r == 0x3099 || r == 0x309A) { // が is listed with か
		return
	}
	if f.space && !f.order {
		return
	}
	f.dst = utf8.AppendRune(f.dst, r)
	f.marks++
	f.loose = true
}

// write appends a folded character.
func (f *folder) write(c charClass, r rune) {
	if !f.order && len(f.dst) > f.start && (f.space || c != f.last && (c != classWord || f.last != classWord)) {
		f.dst = append(f.dst, ' ')
	}
	f.space = false
	f.dst = utf8.AppendRune(f.dst, r)
	f.last, f.base, f.marks = c, r, 0
	if r >= 0x1100 && r <= 0x11FF || r >= 0xD7B0 && r <= 0xD7FF { // jamo make syllables
		f.loose = true
	}
}
