package search

import (
	"bytes"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// The classes of a match, best first. Within a class, matches come in list order.
const (
	// ClassName: the name begins with the whole query.
	ClassName uint8 = iota
	// ClassWords: every word of the query begins a word of the name.
	ClassWords
	// ClassAny: every word is found somewhere.
	ClassAny
)

// A Query is what a worker typed to search, made ready to be matched with
// documents. The zero Query, like one of punctuation alone, is
// empty and matches nothing. A Query may be used by several goroutines at once.
//
// Every word must match somewhere: in the name, the company, the job title, the
// notes, an address or a number. A word of three or more characters matches
// anywhere, a shorter one the beginning of a word or number; one of a script
// whose words run together (Han, kana, Hangul, Thai, …) and an emoji match
// anywhere. What is typed with an @ in it must be found as one. A query that is
// altogether a telephone number, as ever it is typed, is looked for as one run of
// digits too. Of a very long query, the first 16 words and 256 folded bytes count.
type Query struct {
	// namePrefix begins a name of ClassName; starts begin words of one of ClassWords.
	namePrefix []byte
	wordStarts patterns
	// alternatives are the ways to match: one suffices.
	alternatives []patterns
	// common is in whatever any of several ways finds; none when there is no such
	// thing worth looking for first.
	common patterns
}

// patterns is what must be found in one document, all of it.
type patterns []pattern

// ParseQuery makes what a worker typed ready to be matched.
func ParseQuery(s string) Query {
	var q Query
	words := text.Words(s)
	if len(words) == 0 {
		return q
	}
	q.namePrefix = []byte{wordStart}
	var all patterns
	for i, w := range words {
		if i > 0 {
			q.namePrefix = append(q.namePrefix, wordStart)
		}
		q.namePrefix = append(q.namePrefix, w.Text...)
		start := newPattern(string(wordStart) + w.Text)
		q.wordStarts = append(q.wordStarts, start)
		if w.Anywhere {
			start = newPattern(w.Text)
		}
		all = append(all, start)
	}
	// The longest is mostly the rarest, and first to say that there is no match.
	slices.SortStableFunc(all, func(a, b pattern) int { return len(b.bytes) - len(a.bytes) })
	q.alternatives = append(q.alternatives, all)
	if number, ok := text.ParsePhoneQuery(s); ok {
		q.addNumber(number)
		q.common = commonPart(q.alternatives)
	}
	return q
}

// addNumber adds the ways in which a number that was typed may be found.
func (q *Query) addNumber(n text.PhoneQuery) {
	add := func(p pattern) {
		for _, way := range q.alternatives {
			if len(way) == 1 && bytes.Equal(way[0].bytes, p.bytes) {
				return
			}
		}
		q.alternatives = append(q.alternatives, patterns{p})
	}
	for _, run := range n.Runs {
		if len(run) < 3 {
			run = string(wordStart) + run
		}
		add(newPattern(run))
	}
	for _, run := range n.Whole {
		p := newPattern(string(wordStart) + run)
		p.wholeNumber = true
		add(p)
	}
}

// commonPart is the longest string that is part of something in each of ways, if
// it has three bytes; nil for a single way.
func commonPart(ways []patterns) patterns {
	if len(ways) < 2 {
		return nil
	}
	best := ways[0][0].bytes[:0]
	for _, p := range ways[0] {
		for i := range p.bytes {
			for j := i + max(3, len(best)+1); j <= len(p.bytes) && inAll(ways[1:], p.bytes[i:j]); j++ {
				best = p.bytes[i:j]
			}
		}
	}
	if len(best) == 0 {
		return nil
	}
	return patterns{newPattern(string(best))}
}

func inAll(ways []patterns, part []byte) bool {
	for _, way := range ways {
		if !slices.ContainsFunc(way, func(p pattern) bool { return bytes.Contains(p.bytes, part) }) {
			return false
		}
	}
	return true
}

// IsEmpty tells whether there is nothing to look for. Such a query matches
// nothing: whoever typed "---" has not asked for everybody.
func (q Query) IsEmpty() bool { return len(q.alternatives) == 0 }

// Match tells whether a document matches, and how well.
func (q Query) Match(doc []byte) (class uint8, ok bool) {
	name, rest := splitDocument(doc)
	if !q.matches(name, rest) {
		return 0, false
	}
	return q.class(name), true
}

func (q *Query) matches(name, rest []byte) bool {
	for _, way := range q.alternatives {
		if way.matches(name, rest) {
			return true
		}
	}
	return false
}

func (a patterns) matches(name, rest []byte) bool {
	for i := range a {
		if a[i].index(name) < 0 && a[i].index(rest) < 0 {
			return false
		}
	}
	return true
}

// class is how well a matching document with this name part matches.
func (q *Query) class(name []byte) uint8 {
	if bytes.HasPrefix(name, q.namePrefix) {
		return ClassName
	}
	if q.wordStarts.matches(name, nil) {
		return ClassWords
	}
	return ClassAny
}

// String is for tests and debugging; what workers type is never logged.
func (q Query) String() string { return strings.TrimSpace(string(q.namePrefix)) }
