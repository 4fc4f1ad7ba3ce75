package text

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// A Word is a part of what somebody typed to search.
type Word struct {
	// Text is folded. It has a space in it only where an e-mail address was
	// typed, whose parts must follow one another.
	Text string
	// Anywhere tells that the word may be found within a word too; otherwise it
	// must be found at the beginning of one.
	Anywhere bool
}

// Limits of a search. What is beyond them is not looked for, so that a long
// query finds rather more than it should, never less.
const (
	MaxQueryBytes = 256 // of the folded query
	MaxQueryWords = 16
)

// Words takes apart what somebody typed. A word of three or more characters
// matches anywhere, a shorter one the beginning of a word; a word in a script
// whose words run together (Han, kana, Hangul, Thai, …) and an emoji match
// anywhere. What is typed with an @ in it is one word.
func Words(query string) []Word {
	var words []Word
	left := MaxQueryBytes
	add := func(w string) {
		if len(w) > left {
			w = truncate(w, left)
		}
		if w == "" || len(words) == MaxQueryWords {
			return
		}
		left -= len(w)
		words = append(words, Word{w, utf8.RuneCountInString(w) >= 3 || startsUnspaced(w)})
	}
	for typed := range strings.FieldsFuncSeq(clipQuery(query), isBlank) {
		folded := Fold(typed)
		if i := strings.IndexByte(typed, '@'); i > 0 && i < len(typed)-1 {
			add(folded)
			continue
		}
		for w := range strings.FieldsSeq(folded) {
			add(w)
		}
	}
	return words
}

// clipQuery bounds the work that a query of any length makes.
func clipQuery(query string) string { return truncate(query, 16*MaxQueryBytes) }

// truncate is the longest prefix of s of at most n bytes that ends between characters
// and not in a space.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimRight(s[:n], " ")
}

// startsUnspaced tells whether a folded word is of a dense script or a symbol; as
// folding parts these from other letters, its first character tells.
func startsUnspaced(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	if r < utf8.RuneSelf {
		return false
	}
	c := classOf(r)
	return c == classUnspaced || c == classSymbol
}

// Span is a range of bytes.
type Span struct{ Start, End int }

// Marks answers the parts of name that match the words of query, in order,
// apart from one another, and made of whole graphemes; nil when there are none.
func Marks(name, query string) []Span {
	words := Words(query)
	if len(words) == 0 || name == "" {
		return nil
	}
	m := foldWithMap(name)
	hit := make([]bool, len(m.folded))
	found := false
	for _, w := range words {
		for from := 0; ; {
			i := bytes.Index(m.folded[from:], []byte(w.Text))
			if i < 0 {
				break
			}
			at := from + i
			if w.Anywhere || at == 0 || m.folded[at-1] == ' ' {
				found = true
				for j := range len(w.Text) {
					hit[at+j] = true
				}
				from = at + len(w.Text)
			} else {
				from = at + 1
			}
		}
	}
	if !found {
		return nil
	}
	return m.spans(hit)
}
