package customer

import (
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/search"
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
	dst = search.AppendName(dst, c.Name)
	for _, s := range [...]string{c.Company, c.JobTitle, c.Details.Title, c.Details.Content} {
		dst = search.AppendField(dst, s)
	}
	for _, ch := range c.Channels {
		if isAddress(ch) {
			dst = search.AppendField(dst, strings.TrimPrefix(ch.Value, "whatsapp:"))
		}
	}
	numbers := search.BeginNumbers(dst)
	for _, ch := range c.Channels {
		if isNumber(ch) {
			numbers.Add(ch.Value)
		}
	}
	for _, s := range [...]string{c.Name, c.Company, c.JobTitle, c.Details.Title, c.Details.Content} {
		numbers.AddIn(s)
	}
	return numbers.End()
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
