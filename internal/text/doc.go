// Package text knows how names, words and telephone numbers are written around
// the world: how they are folded so that a search finds them however they are
// typed, in which order a list shows them and under which heading, what stands
// for a person who has no picture, and how a telephone number is normalised,
// found and read.
//
// Every function is pure, accepts any string (invalid UTF-8 included) without
// failing, answers valid UTF-8 where it makes new text, and is safe for
// concurrent use.
package text
