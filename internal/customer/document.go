package customer

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/text"
)

// A document is what can be searched of a customer, folded. It is a sequence of
// fields, the name first; each word is preceded by wordStart, each field ended by
// fieldEnd, which folded text cannot hold. So "begins with" and "anywhere" are
// both plain searches for a substring, and no match reaches over two fields.
const (
	wordStart = ' '
	fieldEnd  = '\n'
)

// Document is the searchable form of a customer: the name, the company, the job
// title, the notes, the addresses, and the digits of the numbers in the forms in
// which they may be typed. It is as long as what it is made from, or little more.
// Equal documents are found by the same queries.
func Document(c Customer) []byte {
	return AppendDocument(make([]byte, 0, 128), c)
}

// AppendDocument appends Document(c) to dst.
func AppendDocument(dst []byte, c Customer) []byte {
	dst = appendField(dst, c.Name, true)
	for _, s := range []string{c.Company, c.JobTitle, c.Details.Title, c.Details.Content} {
		dst = appendField(dst, s, false)
	}
	for _, ch := range c.Channels {
		if isAddress(ch) {
			dst = appendField(dst, strings.TrimPrefix(ch.Value, "whatsapp:"), false)
		}
	}
	return appendNumbers(dst, c)
}

// appendField appends a field of text; nothing when it folds to nothing, save
// for the name, which is always there.
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

// isAddress tells a channel whose value is found as text: e-mail, chat, and a
// "number" that somebody wrote a remark in.
func isAddress(ch Channel) bool {
	return ch.Type == "email" || ch.Type == "chat" || hasLetters(ch.Value)
}

// isNumber tells a channel whose value is found by its digits: all but e-mail and
// the names that people have in chats.
func isNumber(ch Channel) bool {
	return ch.Type != "email" && (ch.Type != "chat" || !hasLetters(ch.Value))
}

func hasLetters(value string) bool {
	return strings.ContainsFunc(strings.TrimPrefix(value, "whatsapp:"), unicode.IsLetter)
}

// appendNumbers appends one field with the digits of all numbers.
func appendNumbers(dst []byte, c Customer) []byte {
	before := len(dst)
	for _, ch := range c.Channels {
		if !isNumber(ch) {
			continue
		}
		for _, run := range text.PhoneRuns(ch.Value) {
			dst = appendRun(dst, before, run)
		}
	}
	for _, s := range []string{c.Name, c.Company, c.JobTitle, c.Details.Title, c.Details.Content} {
		for _, run := range text.NumbersIn(s) {
			dst = appendRun(dst, before, run)
		}
	}
	if len(dst) == before {
		return dst
	}
	return append(dst, fieldEnd)
}

// appendRun appends a run of digits unless it is there: a customer's SMS and
// WhatsApp numbers are mostly one.
func appendRun(dst []byte, start int, run string) []byte {
	if len(run) > maxRun {
		run = run[:maxRun]
	}
	end := len(dst)
	dst = append(dst, wordStart)
	dst = append(dst, run...)
	if i := bytes.Index(dst[start:end], dst[end:]); i >= 0 {
		if after := start + i + 1 + len(run); after == end || dst[after] == wordStart {
			return dst[:end]
		}
	}
	return dst
}

// maxRun is more digits than any number has; a longer run is no number.
const maxRun = 64

// splitDocument parts the name of a document from the rest.
func splitDocument(doc []byte) (name, rest []byte) {
	if i := bytes.IndexByte(doc, fieldEnd); i >= 0 {
		return doc[:i+1], doc[i+1:]
	}
	return doc, nil
}
