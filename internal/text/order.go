package text

import (
	"unicode"
	"unicode/utf8"
)

// SortKey returns the key by which lists are ordered, byte by byte: by letters whatever
// their case and accents, punctuation and digits before letters, and scripts in the
// order of Unicode, which is Latin, Greek, Cyrillic, …, kana, Han, Hangul, emoji. Names
// that differ only in case, accents and invisible characters have the same key.
//
// A prefix keeps each section of a list together (see Section): names that begin with
// punctuation that is not ASCII, or with one of {|}~, sort before the letters like other
// punctuation, and rare Han characters with the common ones.
//
// A key contains no control character, hence no NUL.
func SortKey(name string) string {
	return string(appendSortKey(make([]byte, 0, len(name)+8), name))
}

func appendSortKey(dst []byte, name string) []byte {
	start := len(dst)
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= utf8.RuneSelf:
			return appendUnicodeSortKey(dst[:start], name)
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c <= ' ' || c == 0x7F:
			if c = ' '; len(dst) == start {
				continue // leading blanks are ignored
			}
		}
		dst = append(dst, c)
	}
	return finishSortKey(dst, start)
}

func appendUnicodeSortKey(dst []byte, name string) []byte {
	start := len(dst)
	f := folder{dst: dst, start: start, order: true}
	f.feed(name)
	f.compose(start)
	return finishSortKey(f.dst, start)
}

// finishSortKey trims dst[start:] and adds the prefix that keeps sections together.
func finishSortKey(dst []byte, start int) []byte {
	for len(dst) > start && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	first, _ := utf8.DecodeRune(dst[start:])
	if len(dst) == start || first < 'a' || first <= 'z' {
		return dst
	}
	switch zone(first) {
	case zonePunctuation:
		return insert(dst, start, "`") // the last before a
	case zoneRareHan:
		return insert(dst, start, "\u9fff") // the last of the common ones
	}
	return dst
}

func insert(dst []byte, at int, s string) []byte {
	dst = append(dst, s...)
	copy(dst[at+len(s):], dst[at:])
	copy(dst[at:], s)
	return dst
}

// punctuation appends a character of a sort key that is not a letter.
func (f *folder) punctuation(r rune) {
	if unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Z, r) {
		r = ' '
		if len(f.dst) == f.start {
			return
		}
	}
	f.dst = utf8.AppendRune(f.dst, r)
	f.last, f.base, f.marks = classSpace, ' ', 0
}

// Section returns the heading for name in a list ordered by SortKey. In such a list
// each heading comes once:
//   - "#" for digits, punctuation, and names without letters;
//   - "A" to "Z", also for letters sorted with these (Çelik: "C");
//   - letters of other alphabets themselves, in upper case;
//   - "漢" for Han, "あ" "か" "さ" … for kana by their row, "ㄱ" "ㄴ" … for
//     Hangul by the leading consonant;
//   - "☆" for symbols, "☺" for emoji (the two are apart in Unicode).
func Section(name string) string {
	// A heading depends on the first character and the marks on it.
	f := folder{order: true, dst: make([]byte, 0, 64)}
	for i, n := 0, 0; i < len(name) && n < maxMarks+8; n = utf8.RuneCount(f.dst) {
		_, size := utf8.DecodeRuneInString(name[i:])
		f.feed(name[i : i+size])
		i += size
	}
	f.compose(0)
	first, size := utf8.DecodeRune(f.dst)
	if size == 0 || first < 'a' {
		return "#"
	}
	if first <= 'z' {
		return string("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[first-'a'])
	}
	switch zone(first) {
	case zonePunctuation:
		return "#"
	case zoneHan, zoneRareHan:
		return "漢"
	case zoneKana:
		return kanaRow(first)
	case zoneHangul:
		const leads = "ㄱㄱㄴㄷㄷㄹㅁㅂㅂㅅㅅㅇㅈㅈㅊㅋㅌㅍㅎ" // 3 bytes each
		i := int(first-0xAC00) / 588 * 3
		return leads[i : i+3]
	case zoneSymbol:
		return "☆"
	case zoneEmoji:
		return "☺"
	}
	if first >= 0x10A0 && first <= 0x10FF { // Georgian capitals are for text all in capitals
		return string(first)
	}
	return string(unicode.ToUpper(first))
}

// A sortZone is a range of the sort order with its own kind of headings.
type sortZone uint8

const (
	zoneLetter      sortZone = iota // each letter has a heading
	zonePunctuation                 // sorts before the letters
	zoneKana
	zoneHan
	zoneRareHan // sorts with zoneHan
	zoneHangul
	zoneSymbol
	zoneEmoji
)

// zone returns the zone of r, the first character of a sort key, above z.
func zone(r rune) sortZone {
	switch {
	case r >= 0x3400 && r <= 0x4DBF, r >= 0x4E00 && r <= 0x9FFF:
		return zoneHan
	case r >= 0xAC00 && r <= 0xD7A3:
		return zoneHangul
	case isHan(r):
		return zoneRareHan
	case r >= 0x3041 && r <= 0x3096, r >= 0x30A1 && r <= 0x30FA:
		return zoneKana
	case r >= 0x2000 && r <= 0x2BFF && !unicode.Is(unicode.P, r):
		return zoneSymbol
	case r >= 0x1F000 && r <= 0x1FAFF:
		return zoneEmoji
	case unicode.IsLetter(r):
		return zoneLetter
	}
	return zonePunctuation
}

// kanaRow returns the first kana of the row of the syllabary that contains r.
func kanaRow(r rune) string {
	const rows, ends = "あかさたなはまやらわ", "おごぞどのぽもよろ"
	const katakana = 0x60 // above the same hiragana
	shift := rune(0)
	if r >= 0x30A1 {
		shift = katakana
	}
	row := utf8.RuneCountInString(ends)
	n := 0
	for _, end := range ends {
		if r-shift <= end {
			row = n
			break
		}
		n++
	}
	first, _ := utf8.DecodeRuneInString(rows[row*3:])
	return string(first + shift)
}
