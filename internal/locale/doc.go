// Package locale provides the messages that people read, by language, and formats
// times.
//
// Messages have keys and are in messages/LANGUAGE.json and its subdirectories; every
// language has every key. {name} in a message is a placeholder for a value.
package locale
