package source

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The logarithms of how likely some things in a text are, below the usual letters.
const (
	unknownLetter = -10.0 // of no alphabet of the language
	usualSymbol   = -4.5  // before or after a word, or an apostrophe in it
	otherSymbol   = -12.0
	oddCapitals   = -7.0 // inside a word, as in nONSense
	lowerFirst    = -1.5 // in a word that begins with a letter that is not ASCII
	otherLanguage = -3.0 // of a word in a text mostly of another
	rarerEncoding = -1.0 // than the one before it in the list of a language
	mixedScripts  = -5.0 // of a Latin letter beside an Asian character
	firstKana     = -6.0 // half-width, at the beginning of a word
	nextKana      = -4.0 // half-width, after another: one of about 60
	// maxScored bounds how much text is scored.
	maxScored = 8 << 10
)

// alphabet knows how likely letters follow each other in a language.
type alphabet struct {
	letters map[rune]float64    // the likelihood of a letter
	pairs   map[[2]rune]float64 // the likelihood of a letter after another
}

// edge stands before and after a word.
const edge = ' '

func newAlphabet(l language) *alphabet {
	words, letters := strings.ToLower(l.words), l.letters
	if l.encodings == "Windows-1258" { // it writes tone marks apart
		words, letters = splitTones(words), splitTones(letters)
	}
	latin := strings.ContainsFunc(words, isASCIILetter)
	if latin {
		letters += "abcdefghijklmnopqrstuvwxyz"
	}
	a := &alphabet{letters: map[rune]float64{edge: 0}, pairs: map[[2]rune]float64{}}
	counts, after := map[rune]float64{}, map[rune]float64{}
	total, prev := 0.0, edge
	for _, r := range words + " " {
		if unicode.IsSpace(r) {
			r = edge
		}
		if prev != edge || r != edge {
			a.pairs[[2]rune{prev, r}]++
			after[prev]++
			counts[r]++
			total++
		}
		prev = r
	}
	n := float64(utf8.RuneCountInString(letters))
	for _, r := range letters + string(edge) {
		a.letters[r] = 0.9*counts[r]/total + 0.1/n
	}
	for pair, count := range a.pairs {
		a.pairs[pair] = math.Log(0.7*count/after[pair[0]] + 0.3*a.letters[pair[1]])
	}
	for r, p := range a.letters {
		a.letters[r] = math.Log(0.3 * p)
	}
	return a
}

func isASCIILetter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

// splitTones returns Vietnamese text with tone marks after their letters.
func splitTones(s string) string {
	var b strings.Builder
	for _, r := range s {
		parts := []rune(norm.NFD.String(string(r)))
		tone := slices.IndexFunc(parts, func(r rune) bool { return strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", r) })
		if tone < 0 {
			b.WriteRune(r)
			continue
		}
		mark := parts[tone]
		b.WriteString(norm.NFC.String(string(slices.Delete(parts, tone, tone+1))) + string(mark))
	}
	return b.String()
}

// after returns how likely a letter is after another.
func (a *alphabet) after(prev, r rune) float64 {
	if p, ok := a.pairs[[2]rune{prev, r}]; ok {
		return p
	}
	if p, ok := a.letters[r]; ok {
		return p
	}
	return unknownLetter
}

// score returns how likely a word is in the language, as far as it is not ASCII.
func (a *alphabet) score(word []rune) float64 {
	score, prev := 0.0, edge
	for i := 0; i <= len(word); i++ {
		r := edge
		if i < len(word) {
			r = word[i]
		}
		lower := unicode.ToLower(r)
		switch {
		case r < utf8.RuneSelf && (i == 0 || word[i-1] < utf8.RuneSelf):
		case unicode.IsLetter(r) || unicode.IsMark(r) || r == edge:
			score += a.after(prev, lower)
		default:
			score += symbolScore(word, i)
			lower = edge
		}
		prev = lower
	}
	return score + caseScore(word)
}

// symbolScore returns how likely what is not a letter is at an index of a word.
func symbolScore(word []rune, i int) float64 {
	r := word[i]
	isLetter := func(i int) bool { return i >= 0 && i < len(word) && unicode.IsLetter(word[i]) }
	switch {
	case r < utf8.RuneSelf:
		return 0
	case r != '’' && isLetter(i-1) && isLetter(i+1), !strings.ContainsRune("’‘“”„–—…«»€°\u00A0", r):
		return otherSymbol
	}
	return usualSymbol
}

// caseScore returns how likely the capitals of a word are.
func caseScore(word []rune) float64 {
	score := 0.0
	if len(word) > 0 && word[0] >= utf8.RuneSelf && unicode.IsLower(word[0]) {
		score = lowerFirst
	}
	for i := 1; i < len(word); i++ {
		before := word[max(i-2, 0):i]
		if word[i] < utf8.RuneSelf && !slices.ContainsFunc(before, func(r rune) bool { return r >= utf8.RuneSelf }) {
			continue
		}
		switch prev := before[len(before)-1]; {
		case unicode.IsUpper(word[i]) && unicode.IsLower(prev), // aB
			unicode.IsLower(word[i]) && len(before) == 2 && unicode.IsUpper(prev) && unicode.IsUpper(before[0]): // ABc
			score += oddCapitals
		}
	}
	return score
}

// asianScore returns how likely a text is in an Asian language, as far as it is not
// ASCII.
func asianScore(text, common string) float64 {
	known := map[rune]bool{}
	for _, r := range common {
		known[r] = true
	}
	usual := math.Log(0.8 / float64(len(known)))
	score, prev := 0.0, edge
	for _, r := range text {
		if (r < utf8.RuneSelf) != (prev < utf8.RuneSelf) && isASCIILetter(min(r, prev)) {
			score += mixedScripts
		}
		switch {
		case r < utf8.RuneSelf:
		case known[r]:
			score += usual
		case isHalfWidthKana(r) && isHalfWidthKana(prev):
			score += nextKana
		case isHalfWidthKana(r):
			score += firstKana
		case unicode.In(r, unicode.Han, unicode.Hangul):
			score += unknownLetter
		case '\u3000' <= r && r <= '\u303F', '\uFF01' <= r && r <= '\uFF5E', r == '・', r == '々':
			score += usualSymbol // punctuation and full-width letters
		default:
			score += otherSymbol
		}
		prev = r
	}
	return score
}

func isHalfWidthKana(r rune) bool { return '\uFF66' <= r && r <= '\uFF9F' }
