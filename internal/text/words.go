package text

import (
	"strings"
	"unicode/utf8"
)

// A Word is a word of a search query.
type Word struct {
	// Text is the search form (see AppendSearchForm). It contains spaces only if it is an
	// email address, whose parts must follow one another.
	Text string
	// WrittenOut is Text with umlauts as two letters, the same if it has none.
	WrittenOut string
	// Anywhere reports whether the word matches within words, not only at the beginning
	// of one.
	Anywhere bool
}

// Limits of a query. What exceeds them is ignored: a long query finds more, not less.
const (
	MaxQueryBytes = 256 // of the folded query
	MaxQueryWords = 16
)

// Words splits a query into words. A word of three or more characters, of a script
// without spaces between words (Han, kana, Hangul, Thai, …) or of emoji matches
// anywhere, a shorter one the beginning of a word. Text with an @ is one word.
func Words(query string) []Word {
	var words []Word
	left := MaxQueryBytes
	add := func(w, out string) {
		w, out = truncate(w, left), truncate(out, left)
		if w == "" || len(words) == MaxQueryWords {
			return
		}
		left -= len(out)
		words = append(words, Word{w, out, utf8.RuneCountInString(w) >= 3 || startsUnspaced(w)})
	}
	for part := range strings.FieldsFuncSeq(clipQuery(query), isBlank) {
		plain, out := searchForm(part, typed)
		if i := strings.IndexByte(part, '@'); i > 0 && i < len(part)-1 {
			add(plain, out)
			continue
		}
		outs := strings.Fields(out)
		for i, w := range strings.Fields(plain) {
			add(w, outs[i])
		}
	}
	return words
}

// clipQuery bounds the work for a long query.
func clipQuery(query string) string { return truncate(query, 16*MaxQueryBytes) }

// truncate returns the longest prefix of s of at most n bytes that ends between
// characters and not in a space.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimRight(s[:n], " ")
}

// startsUnspaced reports whether a folded word is of an unspaced script or a symbol.
// Folding separates these from other letters, so the first character decides.
func startsUnspaced(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	if r < utf8.RuneSelf {
		return false
	}
	c := classOf(r)
	return c == classUnspaced || c == classSymbol
}
