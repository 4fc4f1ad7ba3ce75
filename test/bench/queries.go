package main

// A query is what somebody types, and why it is measured.
type query struct{ name, text string }

// queries are the kinds of searches: what is everywhere, what is rare and what is
// nowhere, words and numbers, short and long. "Whatever the query" in the
// benchmark's table is the slowest of these.
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
	{"a part of an address", "example"},
	{"a whole address", "lukasz.nowak.77@example.org"},
	{"nothing, one word", "qqqqqq"},
	{"nothing, two frequent words in no one", "jose qqqqqq"},
	{"nothing, frequent then rare", "example qqqqqq"},
	{"a Han character", "王"},
	{"Cyrillic", "иванова"},
	{"Hangul", "김민준"},
	{"one digit", "5"},
	{"three digits", "555"},
	{"four digits", "0142"},
	{"seven digits", "555 0142"},
	{"a whole number", "+1 202 555 0142"},
	{"a number that nobody has", "+1 999 999 9999"},
	{"a word and digits", "jose 555"},
}
