package main

import (
	"math/rand/v2"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
)

// queryFor draws what a worker may type to find c: the beginning of the first or last
// name, the whole name, the last digits of the number, or the beginning of the email.
func queryFor(c customer.Customer, rng *rand.Rand) string {
	words := strings.Fields(c.Name)
	letters := 2 + rng.IntN(3)
	switch rng.IntN(5) {
	case 0:
		return beginning(words[0], letters)
	case 1:
		return beginning(words[len(words)-1], letters)
	case 2:
		if number := channelOf(c, customer.SMS); number != "" {
			return number[max(len(number)-letters-2, 0):]
		}
	case 3:
		if address, _, _ := strings.Cut(channelOf(c, customer.Email), "@"); address != "" {
			return beginning(address, 2*letters)
		}
	}
	return c.Name
}

// beginning returns the first n letters.
func beginning(word string, n int) string {
	letters := []rune(word)
	return string(letters[:min(n, len(letters))])
}

// channelOf returns the customer's first number or address of a type, or "".
func channelOf(c customer.Customer, channelType string) string {
	for _, channel := range c.Channels {
		if channel.Type == channelType {
			return channel.Value
		}
	}
	return ""
}

// A query is a search text and what it stands for.
type query struct{ name, text string }

// queries cover frequent, rare and missing text, words and numbers, short and long. The
// slowest search in the benchmark's table is the slowest of these.
var queries = []query{
	{"one letter", "a"},
	{"two letters", "jo"},
	{"a frequent part of a word", "ann"},
	{"a first name", "jose"},
	{"a first name with accents", "José"},
	{"a full name", "jose garcia"},
	{"three words", "jose garcia logistics"},
	{"a company", "kestrel logistics"},
	{"a word of the notes", "unobtanium"},
	{"a part of an email", "example"},
	{"a whole email", "lukasz.nowak.77@example.org"},
	{"no match, one word", "qqqqqq"},
	{"no match, two frequent words", "jose qqqqqq"},
	{"no match, frequent then rare", "example qqqqqq"},
	{"a Han character", "王"},
	{"Cyrillic", "иванова"},
	{"Hangul", "김민준"},
	{"one digit", "5"},
	{"three digits", "555"},
	{"four digits", "0142"},
	{"seven digits", "555 0142"},
	{"a whole number", "+1 202 555 0142"},
	{"no match, a number", "+1 999 999 9999"},
	{"a word and digits", "jose 555"},
}
