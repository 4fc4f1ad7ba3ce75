package customer

import (
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/text"
)

// Document returns the searchable form of a customer: name, company, job title, notes,
// addresses, and the digits of phone numbers in the forms in which they may be typed. It
// is about as long as its sources. The same queries find equal documents.
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
		if searchedAsText(ch) {
			dst = search.AppendField(dst, strings.TrimPrefix(ch.Value, text.WhatsAppPrefix))
		}
	}
	numbers := search.BeginNumbers(dst)
	for _, ch := range c.Channels {
		if searchedAsNumber(ch) {
			numbers.Add(ch.Value)
		}
	}
	for _, s := range [...]string{c.Name, c.Company, c.JobTitle, c.Details.Title, c.Details.Content} {
		numbers.AddIn(s)
	}
	return numbers.End()
}

// searchedAsText reports whether a channel is searched as text: email, chat, and phone
// numbers with letters in them.
func searchedAsText(ch Channel) bool {
	return ch.Type == "email" || ch.Type == "chat" || hasLetters(ch.Value)
}

// searchedAsNumber reports whether a channel is searched by its digits: phone numbers,
// and chat addresses without letters.
func searchedAsNumber(ch Channel) bool {
	return ch.Type != "email" && (ch.Type != "chat" || !hasLetters(ch.Value))
}

func hasLetters(value string) bool {
	return strings.ContainsFunc(strings.TrimPrefix(value, text.WhatsAppPrefix), unicode.IsLetter)
}
