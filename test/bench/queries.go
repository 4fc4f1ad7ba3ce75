package main

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
