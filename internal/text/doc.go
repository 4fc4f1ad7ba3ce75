// Package text handles names, words and phone numbers of all scripts: folding for
// search, sort keys and section headings, initials, highlighting, masking, and
// normalizing, formatting and finding phone numbers.
//
// Every function is pure, accepts any string, invalid UTF-8 included, returns valid
// UTF-8 where it makes new text, and is safe for concurrent use.
package text
