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

// isRenamed reports whether a row with another name is about a customer that shares an
// email address. Colleagues and families share addresses too, and losing a person is worse
// than a duplicate. So nothing may speak against it: they share a number as well, or one of
// them has none and the names are alike. A name that is an address is none.
func isRenamed(c customer.Customer, r *mappedRow) bool {
	if r.nameless || hasNoName(c) {
		return true
	}
	had, has := slices.DeleteFunc(customer.ContactKeys(c), isEmailKey), slices.DeleteFunc(slices.Clone(r.keys), isEmailKey)
	if len(had) == 0 || len(has) == 0 {
		return areAlike(c.Name, r.name)
	}
	return slices.ContainsFunc(had, func(a string) bool {
		return slices.ContainsFunc(has, func(b string) bool { return isSameNational(a, b) })
	})
}

// areAlike reports whether one name has all words of the other, or both have the same first
// name.
func areAlike(a, b string) bool {
	wordsA, wordsB := strings.Fields(text.Fold(a)), strings.Fields(text.Fold(b))
	contains := func(all, some []string) bool {
		return !slices.ContainsFunc(some, func(word string) bool { return !slices.Contains(all, word) })
	}
	return contains(wordsA, wordsB) || contains(wordsB, wordsA) || firstName(a) == firstName(b)
}

// firstName returns the first word of a name, or of what follows the comma in it.
func firstName(name string) string {
	if _, after, ok := strings.Cut(name, ","); ok {
		name = after
	}
	first, _, _ := strings.Cut(text.Fold(name), " ")
	return first
}

// isSameNational reports whether two number keys are one number, also where one of them has
// no country code.
func isSameNational(a, b string) bool {
	a, b = strings.TrimLeft(a, "+0"), strings.TrimLeft(b, "+0")
	return min(len(a), len(b)) >= 7 && (strings.HasSuffix(a, b) || strings.HasSuffix(b, a)) // a placeholder such as 0000000000 is no number
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

// isAddress reports whether a name is an email address or a phone number.
func isAddress(name string) bool {
	return text.IsEmail(name) || len(text.Digits(name)) > 4 && !strings.ContainsFunc(name, unicode.IsLetter)
}

// addressName returns what a customer without a name is called: an email address, or else
// a phone number; "" when there is neither.
func addressName(channels []customer.Channel) string {
	for _, types := range [][]string{{customer.Email}, {customer.SMS, customer.WhatsApp}} {
		for _, ch := range channels {
			if name := channelName(ch); slices.Contains(types, ch.Type) && isAddress(name) {
				return name
			}
		}
	}
	return ""
}

// channelName returns an address as people read it.
func channelName(ch customer.Channel) string {
	return strings.TrimPrefix(text.FormatPhone(ch.Value), text.WhatsAppPrefix)
}

// hasNoName reports whether a customer is called by an address.
func hasNoName(c customer.Customer) bool {
	return isAddress(c.Name) && slices.ContainsFunc(c.Channels, func(ch customer.Channel) bool { return channelName(ch) == c.Name })
}
