package search

import (
	"bytes"

	"github.com/clientele-project/clientele/internal/text"
)

// A document is a sequence of fields, the name first. wordStart precedes each word and
// fieldEnd, which folded text cannot contain, ends each field. So "begins with" and
// "anywhere" are both substring searches, and no match spans two fields.
const (
	wordStart = ' '
	fieldEnd  = '\n'
)

// AppendNamed appends a document made of a name alone: the name and the digits of the
// numbers in it.
func AppendNamed(dst []byte, name string) []byte {
	dst = AppendName(dst, name)
	n := BeginNumbers(dst)
	n.AddIn(name)
	return n.End()
}

// AppendName begins a document with the field of the name, which may be empty.
func AppendName(dst []byte, name string) []byte { return appendField(dst, name, true) }

// AppendField appends a field of text to a document, unless it folds to nothing.
func AppendField(dst []byte, s string) []byte { return appendField(dst, s, false) }

func appendField(dst []byte, s string, always bool) []byte {
	before := len(dst)
	dst = append(dst, wordStart)
	dst = text.AppendSearchForm(dst, s)
	if len(dst) == before+1 {
		dst = dst[:before]
		if !always {
			return dst
		}
	}
	return append(dst, fieldEnd)
}

// Numbers appends the last field of a document: the digits of its numbers, in each
// form in which they may be typed.
type Numbers struct {
	dst   []byte
	start int
}

// BeginNumbers begins the field of numbers of the document dst.
func BeginNumbers(dst []byte) Numbers { return Numbers{dst, len(dst)} }

// Add adds a number, unless it has no digits.
func (n *Numbers) Add(number string) {
	for _, run := range text.PhoneRuns(number) {
		n.add(run)
	}
}

// AddIn adds the numbers within a text.
func (n *Numbers) AddIn(s string) {
	for _, run := range text.NumbersIn(s) {
		n.add(run)
	}
}

// End returns the document, with a field of numbers if any were added.
func (n *Numbers) End() []byte {
	if len(n.dst) == n.start {
		return n.dst
	}
	return append(n.dst, fieldEnd)
}

// maxRun is how many digits of a run are kept, more than any number has.
const maxRun = 64

// add appends a run of digits unless it is there already: SMS and WhatsApp numbers of
// a customer are often the same.
func (n *Numbers) add(run string) {
	if len(run) > maxRun {
		run = run[:maxRun]
	}
	end := len(n.dst)
	dst := append(n.dst, wordStart)
	dst = append(dst, run...)
	n.dst = dst
	if i := bytes.Index(dst[n.start:end], dst[end:]); i >= 0 {
		if after := n.start + i + 1 + len(run); after == end || dst[after] == wordStart {
			n.dst = dst[:end]
		}
	}
}

// splitDocument splits a document after its name.
func splitDocument(doc []byte) (name, rest []byte) {
	if i := bytes.IndexByte(doc, fieldEnd); i >= 0 {
		return doc[:i+1], doc[i+1:]
	}
	return doc, nil
}
