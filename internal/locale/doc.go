// Package locale holds the words that a person reads, and how times are written.
//
// Every word comes from a message with a key, in messages/LANGUAGE.json; a test
// holds each language to have every key. Text between braces in a message is
// filled in by the caller.
package locale
