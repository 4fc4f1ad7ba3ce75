package text

import (
	"bytes"
	"strings"
)

// A form is how a folder writes characters that are typed in several ways.
type form uint8

const (
	folded     form = iota // as they are
	typed                  // hiragana for katakana, Hangul as the letters of its keys
	writtenOut             // as typed, but umlauts as two letters: Müller as mueller
)

// AppendSearchForm appends the form of s that searches compare: Fold(s), but with hiragana
// for katakana, and Hangul as the letters that are typed for it, of which those of a
// half-typed syllable are the first. The words with umlauts follow once more, with these
// written as two letters: "Müller Jan" becomes "muller jan mueller". Umlauts are ä, ö, ü, å
// and ø.
func AppendSearchForm(dst []byte, s string) []byte {
	start := len(dst)
	dst, umlauts := appendFold(dst, s, typed)
	if !umlauts {
		return dst
	}
	once := bytes.Fields(bytes.Clone(dst[start:]))
	for i, word := range strings.Fields(writeOut(s)) {
		if word != string(once[i]) {
			dst = append(append(dst, ' '), word...)
		}
	}
	return dst
}

// searchForm returns s in a form, and with umlauts written out, which is the same if it has
// none.
func searchForm(s string, as form) (plain, out string) {
	dst, umlauts := appendFold(make([]byte, 0, len(s)+8), s, as)
	plain = string(dst)
	if !umlauts {
		return plain, plain
	}
	return plain, writeOut(s)
}

func writeOut(s string) string {
	dst, _ := appendFold(make([]byte, 0, len(s)+8), s, writtenOut)
	return string(dst)
}

// umlaut writes the second letter of an umlaut that is written out.
func (f *folder) umlaut(second rune) {
	f.umlauts = true
	if f.as == writtenOut {
		f.write(classWord, second)
	}
}

// writeTyped writes a character of a script without spaces as it is typed.
func (f *folder) writeTyped(r rune) {
	switch {
	case r >= 0x30A1 && r <= 0x30F6, r == 0x30FD, r == 0x30FE: // katakana
		f.write(classUnspaced, r-0x60)
	case r >= 0xAC00 && r <= 0xD7A3:
		n := int(r - 0xAC00)
		f.writeKeys(leadingKeys[n/588])
		f.writeKeys(vowelKeys[n/28%21])
		f.writeKeys(trailingKeys[n%28])
	case r >= 0x1100 && r <= 0x1112:
		f.writeKeys(leadingKeys[r-0x1100])
	case r >= 0x1161 && r <= 0x1175:
		f.writeKeys(vowelKeys[r-0x1161])
	case r >= 0x11A8 && r <= 0x11C2:
		f.writeKeys(trailingKeys[r-0x11A8+1])
	default:
		f.write(classUnspaced, r)
	}
}

func (f *folder) writeKeys(keys string) {
	for _, r := range keys {
		f.write(classUnspaced, r)
	}
}

// The keys of the letters of Hangul, in the order of Unicode. A consonant is the same key at
// the end of a syllable and at the beginning of the next, where it moves when a vowel follows.
var (
	leadingKeys  = strings.Fields("ㄱ ㄲ ㄴ ㄷ ㄸ ㄹ ㅁ ㅂ ㅃ ㅅ ㅆ ㅇ ㅈ ㅉ ㅊ ㅋ ㅌ ㅍ ㅎ")
	vowelKeys    = strings.Fields("ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ")
	trailingKeys = append([]string{""}, strings.Fields("ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ")...)
)
