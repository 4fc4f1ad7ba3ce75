package search

import (
	"bytes"

	"github.com/clientele-project/clientele/internal/text"
)

// A document is a sequence of fields, the name first; each word is preceded by
// wordStart, each field ended by fieldEnd, which folded text cannot hold. So
// "begins with" and "anywhere" are both plain searches for a substring, and no
// match reaches over two fields.
const (
	wordStart = ' '
	fieldEnd  = '\n'
)

// AppendNamed appends the document of something of which no more than its name is
// known: the name, and the digits of the numbers in it.
func AppendNamed(dst []byte, name string) []byte {
	dst = AppendName(dst, name)
	n := BeginNumbers(dst)
	n.AddIn(name)
	return n.End()
}

// AppendName begins a document: it appends the field of the name, which is always
// there.
func AppendName(dst []byte, name string) []byte { return appendField(dst, name, true) }

// AppendField appends a field of text to a document; nothing when it folds to
// nothing.
func AppendField(dst []byte, s string) []byte { return appendField(dst, s, false) }

func appendField(dst []byte, s string, always bool) []byte {
	before := len(dst)
	dst = append(dst, wordStart)
	dst = text.AppendFold(dst, s)
	if len(dst) == before+1 {
		dst = dst[:before]
		if !always {
			return dst
		}
	}
	return append(dst, fieldEnd)
}

// Numbers appends the field of numbers to a document, its last: the digits of
// each, in the forms in which they may be typed, each form once.
type Numbers struct {
	dst   []byte
	start int
}

// BeginNumbers begins the field of numbers of the document dst.
func BeginNumbers(dst []byte) Numbers { return Numbers{dst, len(dst)} }

// Add adds what is a number altogether, as far as it has digits.
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

// End answers the document with its field of numbers; without one when there
// were none.
func (n *Numbers) End() []byte {
	if len(n.dst) == n.start {
		return n.dst
	}
	return append(n.dst, fieldEnd)
}

// maxRun is more digits than any number has; a longer run is no number.
const maxRun = 64

// add appends a run of digits unless it is there: a customer's SMS and WhatsApp
// numbers are mostly one.
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

// splitDocument parts the name of a document from the rest.
func splitDocument(doc []byte) (name, rest []byte) {
	if i := bytes.IndexByte(doc, fieldEnd); i >= 0 {
		return doc[:i+1], doc[i+1:]
	}
	return doc, nil
}
