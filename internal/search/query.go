// Package search matches customers with what a worker typed: a Query is parsed input, a
// document is the folded, searchable text of a customer, a block holds documents for
// fast scanning. The built-in service and local search of external lists share it, so
// that both find the same.
package search

import (
	"bytes"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// Classes of matches, best first. Within a class, matches come in list order.
const (
	// ClassName: the name begins with the whole query.
	ClassName uint8 = iota
	// ClassWords: every word of the query begins a word of the name.
	ClassWords
	// ClassAny: every word is found somewhere.
	ClassAny
)

// A Query is a parsed search query, matched with documents. The zero Query, like one
// of punctuation alone, is empty and matches nothing. A Query is safe for concurrent
// use.
//
// Every word must match somewhere in the document. A word of three or more characters,
// of a script without spaces between words (Han, kana, Hangul, Thai, …) or of emoji
// matches anywhere; a shorter one matches the beginning of a word or number. A word
// with an @ matches as a whole. Umlauts match what is written out, and the reverse. A query
// that is a phone number in any notation also matches as a run of digits. Only the first 16 words and 256 folded bytes count.
type Query struct {
	spellings    []spelling // of the whole query
	alternatives []patterns // a document that matches one of them matches the query
	common       patterns   // part of every alternative, if there are several; or nil
}

// A spelling is the query as it is typed, or with umlauts written out.
type spelling struct {
	namePrefix []byte   // begins a name of ClassName
	wordStarts patterns // begin words of a name of ClassWords
}

// patterns must all be found in one document.
type patterns []pattern

// ParseQuery parses what a worker typed.
func ParseQuery(s string) (q Query) {
	words := text.Words(s)
	if len(words) == 0 {
		return q
	}
	q.addSpelling(words, func(w text.Word) string { return w.Text })
	if slices.ContainsFunc(words, func(w text.Word) bool { return w.WrittenOut != w.Text }) {
		q.addSpelling(words, func(w text.Word) string { return w.WrittenOut })
	}
	if number, ok := text.ParsePhoneQuery(s); ok {
		q.addNumber(number)
		q.common = commonPart(q.alternatives)
	}
	return q
}

// addSpelling adds a spelling of the words, which is an alternative.
func (q *Query) addSpelling(words []text.Word, spelled func(text.Word) string) {
	var s spelling
	var all patterns
	for _, w := range words {
		word := string(wordStart) + spelled(w)
		s.namePrefix = append(s.namePrefix, word...)
		start := newPattern(word)
		s.wordStarts = append(s.wordStarts, start)
		if w.Anywhere {
			start = newPattern(spelled(w))
		}
		all = append(all, start)
	}
	// The longest is usually the rarest, and so the first to rule a document out.
	slices.SortStableFunc(all, func(a, b pattern) int { return len(b.bytes) - len(a.bytes) })
	q.spellings = append(q.spellings, s)
	q.alternatives = append(q.alternatives, all)
}

// addNumber adds the alternatives of a query that is a phone number.
func (q *Query) addNumber(number text.PhoneQuery) {
	add := func(p pattern) {
		for _, a := range q.alternatives {
			if len(a) == 1 && bytes.Equal(a[0].bytes, p.bytes) {
				return
			}
		}
		q.alternatives = append(q.alternatives, patterns{p})
	}
	for _, run := range number.Runs {
		if len(run) < 3 {
			run = string(wordStart) + run
		}
		add(newPattern(run))
	}
	for _, run := range number.Complete {
		p := newPattern(string(wordStart) + run)
		p.completeNumber = true
		add(p)
	}
}

// commonPart returns the longest string of three bytes or more that is part of a
// pattern of each alternative; nil if there is none or only one alternative.
func commonPart(alternatives []patterns) patterns {
	if len(alternatives) < 2 {
		return nil
	}
	best := alternatives[0][0].bytes[:0]
	for _, p := range alternatives[0] {
		for i := range p.bytes {
			for j := i + max(3, len(best)+1); j <= len(p.bytes) && inAll(alternatives[1:], p.bytes[i:j]); j++ {
				best = p.bytes[i:j]
			}
		}
	}
	if len(best) == 0 {
		return nil
	}
	return patterns{newPattern(string(best))}
}

func inAll(alternatives []patterns, part []byte) bool {
	for _, a := range alternatives {
		if !slices.ContainsFunc(a, func(p pattern) bool { return bytes.Contains(p.bytes, part) }) {
			return false
		}
	}
	return true
}

// IsEmpty reports whether the query has nothing to look for. It then matches nothing.
func (q Query) IsEmpty() bool { return len(q.alternatives) == 0 }

// Match reports whether a document matches, and the class of the match.
func (q Query) Match(doc []byte) (class uint8, ok bool) {
	name, rest := splitDocument(doc)
	if !q.matches(name, rest) {
		return 0, false
	}
	return q.class(name), true
}

func (q *Query) matches(name, rest []byte) bool {
	for _, a := range q.alternatives {
		if a.matches(name, rest) {
			return true
		}
	}
	return false
}

func (p patterns) matches(name, rest []byte) bool {
	for i := range p {
		if p[i].index(name) < 0 && p[i].index(rest) < 0 {
			return false
		}
	}
	return true
}

// class returns the class of a matching document with this name.
func (q *Query) class(name []byte) uint8 {
	class := ClassAny
	for _, s := range q.spellings {
		if bytes.HasPrefix(name, s.namePrefix) {
			return ClassName
		}
		if s.wordStarts.matches(name, nil) {
			class = ClassWords
		}
	}
	return class
}

// String is for tests; queries are never logged.
func (q Query) String() string { return strings.TrimSpace(string(q.spellings[0].namePrefix)) }
