package text

import (
	"strconv"
	"strings"
	"unicode"
)

// foldLetter folds a decomposed letter or digit: to lower case, letters with a stroke,
// hook or ligature to the plain letters that people type for them, digits of all
// scripts to ASCII. two is 0 unless r folds to two letters, as ß does.
func foldLetter(r rune) (one, two rune) {
	if r >= 'А' && r <= 'Я' || r >= 'Α' && r <= 'Ω' && r != 0x03A2 {
		return r + 0x20, 0
	}
	if r <= 0x058F || r >= 0x1D00 && r <= 0x1DFF || r >= 0x2C60 && r <= 0x2C7F || r >= 0xA720 && r <= 0xA7FF {
		r = unicode.ToLower(unicode.ToUpper(r))
		switch r {
		case 'ß', 'ẞ':
			return 's', 's'
		case 'æ':
			return 'a', 'e'
		case 'œ':
			return 'o', 'e'
		case 'þ':
			return 't', 'h'
		}
		if l := plainLetter(r); l != 0 {
			return l, 0
		}
		return r, 0
	}
	switch r {
	case 'ẞ':
		return 's', 's'
	case 'ى', 'ی': // alef maksura, Farsi yeh
		return 'ي', 0
	case 'ک': // keheh
		return 'ك', 0
	case 'ة': // teh marbuta
		return 'ه', 0
	case 'ٱ': // alef wasla
		return 'ا', 0
	}
	if d, ok := digit(r); ok {
		return '0' + rune(d), 0
	}
	if r < 0x10A0 || r >= 0x2E80 && r <= 0xA63F || r >= 0xAC00 && r <= 0xFAFF {
		return r, 0 // scripts without case
	}
	return unicode.ToLower(unicode.ToUpper(r)), 0
}

// plainLetter returns the ASCII (or plain Cyrillic) letter that people type for a
// lower-case letter that Unicode does not decompose; 0 if there is none.
func plainLetter(r rune) rune {
	switch r {
	case 'ł', 'ƚ', 'ɫ', 'ɬ', 'ꝉ', 'ⱡ':
		return 'l'
	case 'ø', 'ɔ', 'ɵ', 'ꝋ':
		return 'o'
	case 'đ', 'ð', 'ɖ', 'ɗ', 'ƌ':
		return 'd'
	case 'ı', 'ɨ', 'ɩ':
		return 'i'
	case 'ȷ', 'ɉ':
		return 'j'
	case 'ħ', 'ɦ', 'ⱨ':
		return 'h'
	case 'ŧ', 'ƭ', 'ʈ', 'ⱦ':
		return 't'
	case 'ŋ', 'ɲ', 'ƞ':
		return 'n'
	case 'ĸ', 'ƙ', 'ⱪ':
		return 'k'
	case 'ƀ', 'ɓ', 'ƃ':
		return 'b'
	case 'ƈ', 'ȼ', 'ꞓ':
		return 'c'
	case 'ə', 'ǝ', 'ɛ', 'ɇ', 'ⱸ':
		return 'e'
	case 'ƒ':
		return 'f'
	case 'ǥ', 'ɠ', 'ɣ', 'ꞡ':
		return 'g'
	case 'ɱ':
		return 'm'
	case 'ƥ', 'ᵽ':
		return 'p'
	case 'ɋ':
		return 'q'
	case 'ɍ', 'ɽ':
		return 'r'
	case 'ș', 'ʂ', 'ȿ':
		return 's'
	case 'ʉ', 'ʊ':
		return 'u'
	case 'ʋ', 'ⱱ':
		return 'v'
	case 'ⱳ':
		return 'w'
	case 'ƴ', 'ɏ':
		return 'y'
	case 'ƶ', 'ȥ', 'ɀ', 'ⱬ', 'ʒ':
		return 'z'
	case 'ⱥ', 'ɐ':
		return 'a'
	case 'ґ':
		return 'г'
	case 'ѐ':
		return 'е'
	}
	return 0
}

// digit returns the value of a decimal digit of any script.
func digit(r rune) (value int, ok bool) {
	if r < 0x80 {
		return int(r - '0'), r >= '0' && r <= '9'
	}
	// Each run of digits in the table starts with a zero.
	for _, t := range unicode.Nd.R16 {
		if r < rune(t.Lo) {
			return 0, false
		}
		if r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10, true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r < rune(t.Lo) {
			return 0, false
		}
		if r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10, true
		}
	}
	return 0, false
}

// Digits returns the decimal digits in s, of any script, as ASCII.
func Digits(s string) string {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i]-'0' > 9 {
			n++
		}
	}
	if n == 0 {
		return s
	}
	out := make([]byte, 0, len(s)-n+4)
	for _, r := range s {
		if d, ok := digit(r); ok {
			out = append(out, '0'+byte(d))
		}
	}
	return string(out)
}

// GroupDigits formats a whole number with the thousands separated.
func GroupDigits(n int, separator string) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + separator + s[i:]
	}
	return s
}

// IsEastAsian reports whether a name has only letters of Han, Hangul and kana, and blanks.
func IsEastAsian(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r != ' ' && r != 'ー' && !IsHanOrHangul(r) && !unicode.In(r, unicode.Hiragana, unicode.Katakana)
	})
}

// IsHanOrHangul reports whether r is a letter of Han or Hangul.
func IsHanOrHangul(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hangul) }
