package source

import (
	"bytes"
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// certain is how much likelier, as a logarithm, the first encoding must be than any
// other that decodes the text differently, and fitting how likely each byte must be in
// it on average. Of encodings with the same text and nearly the same likelihood, the
// usual one is taken.
const (
	nearly  = 3.0
	certain = 5.0
	fitting = -4.2
)

// candidate is an encoding that a text may have.
type candidate struct {
	namedEncoding
	score float64
	text  string // the evidence as it decodes it
}

// detectLegacy returns the most likely encoding that is not Unicode: the one in which
// words look most like names in a language that it is used for.
func detectLegacy(sample []byte) guess {
	evidence := cellsNotASCII(sample)
	candidates := append(singleByteCandidates(evidence), asianCandidates(evidence)...)
	best := slices.MaxFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.score, b.score) })
	usual := slices.IndexFunc(candidates, func(c candidate) bool { return c.text == best.text && c.score > best.score-nearly })
	second := math.Inf(-1)
	for _, c := range candidates {
		if c.text != best.text {
			second = max(second, c.score)
		}
	}
	scored := 0 // characters and their neighbors
	for i, b := range evidence {
		if b >= utf8.RuneSelf || i > 0 && evidence[i-1] >= utf8.RuneSelf {
			scored++
		}
	}
	return guess{
		encoding: candidates[usual].namedEncoding,
		assumed:  best.score-second < certain || best.score < fitting*float64(scored),
		example:  longestName(best.text),
	}
}

// cellsNotASCII returns cells of a text that are not ASCII, a line each, from all of it,
// as many as are scored. In no encoding is a separator part of a character.
func cellsNotASCII(text []byte) []byte {
	var cells [][]byte
	size := 0
	for cell := range bytes.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("\r\n\t,;:<>\"", r) }) {
		if !isASCII(cell) {
			cells = append(cells, cell)
			size += len(cell)
		}
	}
	var some []byte
	for i := 0; i < len(cells) && len(some) < maxScored; i += size/maxScored + 1 {
		some = append(append(some, cells[i]...), '\n')
	}
	return some
}

func isASCII(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c >= utf8.RuneSelf })
}

// wordsNotASCII returns the words of a text in an encoding of single bytes that are not
// ASCII.
func wordsNotASCII(text []byte) [][]byte {
	var words [][]byte
	start := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && (text[i] >= utf8.RuneSelf || isASCIILetter(rune(text[i]))) {
			continue
		}
		if !isASCII(text[start:i]) {
			words = append(words, text[start:i])
		}
		start = i + 1
	}
	return words
}

// singleByteCandidates returns the encodings of single bytes that the languages have.
func singleByteCandidates(evidence []byte) []candidate {
	var list []candidate
	words := wordsNotASCII(evidence)
	all := make([]*alphabet, len(languages))
	for i, l := range languages {
		all[i] = newAlphabet(l)
	}
	for _, e := range encodings {
		table, ok := e.Encoding.(*charmap.Charmap)
		if !ok {
			continue
		}
		var alphabets []*alphabet
		var priors []float64
		for i, l := range languages {
			if rank := slices.Index(strings.Fields(l.encodings), e.name); rank >= 0 {
				alphabets = append(alphabets, all[i])
				priors = append(priors, float64(rank)*rarerEncoding)
			}
		}
		if len(alphabets) == 0 {
			continue
		}
		decoded := make([][]rune, len(words))
		for i, word := range words {
			decoded[i] = decodeWord(table, word)
		}
		list = append(list, candidate{e, scoreWords(decoded, alphabets, priors), string(decodeWord(table, evidence))})
	}
	return list
}

func decodeWord(table *charmap.Charmap, word []byte) []rune {
	runes := make([]rune, len(word))
	for i, b := range word {
		runes[i] = table.DecodeByte(b)
	}
	return runes
}

// scoreWords returns how likely words are in the language of one of the alphabets, a few
// of them in another.
func scoreWords(words [][]rune, alphabets []*alphabet, priors []float64) float64 {
	totals := slices.Clone(priors)
	scores := make([]float64, len(alphabets))
	for _, word := range words {
		for i, a := range alphabets {
			scores[i] = a.score(word)
		}
		other := slices.Max(scores) + otherLanguage
		for i, score := range scores {
			totals[i] += max(score, other)
		}
	}
	return slices.Max(totals)
}

func asianCandidates(evidence []byte) []candidate {
	var list []candidate
	for _, l := range asianLanguages {
		for i, name := range strings.Fields(l.encodings) {
			e := mustEncoding(name)
			text := decodeText(e, evidence)
			list = append(list, candidate{e, asianScore(text, l.common) + float64(i)*rarerEncoding, text})
		}
	}
	return list
}

// threeNotASCII matches what words of Western languages don't have.
var threeNotASCII = regexp.MustCompile(`[^\x00-\x7F]{3}`)

// misread returns a part of a text that was read in a wrong encoding before it became
// Unicode, such as JÃ¼rgen or Àííà, and what it was. Both are "" if there is none.
func misread(text []byte) (part, original string) {
	latin := mustEncoding("Windows-1252")
	var evidence []byte
	for cell := range bytes.Lines(cellsNotASCII(text)) {
		raw, err := latin.NewEncoder().Bytes(cell)
		switch {
		case err != nil: // it has letters that Windows-1252 lacks
		case utf8.Valid(raw):
			return string(bytes.TrimSpace(cell)), string(bytes.TrimSpace(raw))
		case threeNotASCII.Match(cell):
			evidence = append(evidence, raw...)
		}
	}
	if len(evidence) == 0 {
		return "", ""
	}
	guess := detectLegacy(evidence)
	raw, err := guess.encoding.NewEncoder().String(guess.example)
	part = decodeText(latin, []byte(raw))
	if guess.assumed || err != nil || part == guess.example {
		return "", ""
	}
	return part, guess.example
}

// longestName returns the cell of a text with most letters that are not ASCII.
func longestName(text string) string {
	longest, most := "", -1
	for cell := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;\t|\"\n", r) }) {
		cell = strings.TrimSpace(cell)
		letters := 0
		for _, r := range cell {
			if r >= utf8.RuneSelf {
				letters++
			}
		}
		if letters > most && utf8.RuneCountInString(cell) <= 40 {
			longest, most = cell, letters
		}
	}
	return longest
}
