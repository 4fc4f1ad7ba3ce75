package text

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold writes s as a search compares it: compatibility forms, case and accents
// gone (José → jose, Łukasz → lukasz, ß → ss, ﬁ → fi, ② → 2), digits of any
// script as ASCII, apostrophes of all kinds removed (O’Neil → oneil), any other
// run of punctuation and blanks as one space, none at the ends. Accents are those
// of Latin, Greek, Cyrillic, Hebrew and Arabic; elsewhere marks are vowels and
// stay. Symbols such as emoji are words of their own, and so are runs of Han,
// kana, Hangul and other scripts without blanks: "株式会社ABC" → "株式会社 abc".
//
// Folding what is folded changes nothing. The result holds no control character.
func Fold(s string) string {
	if isFolded(s) {
		return s
	}
	return string(AppendFold(make([]byte, 0, len(s)+8), s))
}

// isFolded tells quickly that an ASCII string needs no folding.
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

// asciiFold is what each ASCII character folds to; 0 means that it is dropped.
// It is spelled out in the order of ASCII, so that it needs no start-up work.
const asciiFold = "" +
	"                                " + // controls
	"       \x00        0123456789      " + // the apostrophe
	" abcdefghijklmnopqrstuvwxyz     " +
	"\x00abcdefghijklmnopqrstuvwxyz     " // the grave accent

// AppendFold appends Fold(s) to dst.
func AppendFold(dst []byte, s string) []byte {
	start, space := len(dst), false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return appendFoldUnicode(dst, start, space, s[i:])
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
	return dst
}

// appendFoldUnicode folds the rest of a string from its first character that is
// not ASCII; dst[start:] is what came before, space whether a space is due.
func appendFoldUnicode(dst []byte, start int, space bool, s string) []byte {
	f := folder{dst: dst, start: start, space: space}
	if len(dst) > start {
		f.last, f.base = classWord, rune(dst[len(dst)-1])
	}
	if space {
		f.base = ' '
	}
	f.feed(s)
	f.compose(start)
	return f.dst
}

// maxMarks is how many marks a character keeps. No orthography needs more, and
// heaps of them are vandalism.
const maxMarks = 8

// A folder folds text piece by piece; between pieces it remembers what a space
// or a mark would belong to.
type folder struct {
	dst   []byte
	start int
	space bool      // a space is due before the next word
	last  charClass // of the last character written
	base  rune      // what a mark would combine with
	marks int       // how many it has
	loose bool      // something was written that may have to be composed
	order bool      // fold for a sort key: punctuation stays
}

// compose brings what was written from start on into normal form C.
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
		case r >= 'а' && r <= 'я' && r != 'й', r >= 'α' && r <= 'ω' && r != 'ς': // as they are, and common
			f.write(classWord, r)
		case r == utf8.RuneError:
			f.other(r)
		case isApostrophe(r) && !f.order:
			// Before decomposition, which makes a space of some.
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

// other takes a decomposed character that is not ASCII.
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
		if c == classUnspaced && r >= 0x3400 {
			f.write(c, r)
			return
		}
		one, two := foldLetter(r)
		f.write(c, one)
		if two != 0 {
			f.write(c, two)
		}
	}
}

// boundary takes a character that stands between words.
func (f *folder) boundary(r rune) {
	if f.order {
		f.punctuation(r)
		return
	}
	f.space = len(f.dst) > f.start
	f.base = ' '
}

// mark takes a combining mark.
func (f *folder) mark(r rune) {
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

// write takes a character as it shall stand.
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
