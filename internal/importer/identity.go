package importer

import (
	"crypto/sha256"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// nameWords returns a name as names are compared: its words, folded, in alphabetical
// order. "Tanaka, Wei" and "wei TANAKA" are the same.
func nameWords(name string) string {
	words := strings.Fields(text.Fold(name))
	if len(words) == 0 {
		return strings.TrimSpace(name) // all punctuation
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// contactKeys returns the keys by which a row finds its customer. An invalid email
// address ("n/a") has none.
func contactKeys(channels []customer.Channel) []string {
	usable := make([]customer.Channel, 0, len(channels))
	for _, ch := range channels {
		if ch.Type != customer.Email || strings.Contains(ch.Value, "@") {
			usable = append(usable, ch)
		}
	}
	return customer.ContactKeys(customer.Customer{Channels: usable})
}

// isEmailKey reports whether a contact key is that of an email address.
func isEmailKey(key string) bool { return strings.Contains(key, "@") }

// hashID returns the id of a new customer whose row has none: the same for the same row.
func hashID(words string, keys []string, company string, links []customer.Link) string {
	h := sha256.New()
	put := func(s string) {
		io.WriteString(h, s)
		h.Write([]byte{0})
	}
	put("clientele 1")
	put(words)
	for _, key := range keys {
		put(key)
	}
	if len(keys) == 0 {
		put("")
		put(company)
		for _, l := range links {
			put(l.Value)
		}
	}
	return customer.EncodeID(h.Sum(nil)[:12])
}
