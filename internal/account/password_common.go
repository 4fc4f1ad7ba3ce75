package account

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/clientele-project/clientele/internal/text"
)

// commonText has the words that most common passwords are made of, in lower case: our own
// collection, with the names of this product.
//
//go:embed common_passwords.txt
var commonText string

var commonWords = sync.OnceValue(func() map[string]bool {
	words := make(map[string]bool)
	for word := range strings.FieldsSeq(commonText) {
		words[word] = true
	}
	return words
})

// rows are the letters, digits and keys that people type one after the other.
const rows = "abcdefghijklmnopqrstuvwxyz 012345678901234567890 098765432109876543210 qwertyuiop qwertzuiop azertyuiop asdfghjkl zxcvbnm yxcvbnm " +
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik"

// IsCommonPassword reports whether many people would use a password, so that it is among the
// first to be guessed: few different characters, a row of keys or a few of them (q1234567),
// or a common word or the person's own identity, with digits and symbols around it and in
// place of letters.
func IsCommonPassword(identity, password string) bool {
	p := strings.ToLower(strings.TrimSpace(password))
	if len(distinct(p)) <= 2 {
		return true
	}
	p = repeatedUnit(p)
	if r := runs(p); !isNoRow(p) || len(r) > 0 && len(r) <= maxRuns && !slices.ContainsFunc(r, isNoRow) {
		return true
	}
	name, _, _ := strings.Cut(strings.ToLower(identity), "@")
	core := strings.TrimFunc(p, isNoLetter)
	for _, word := range []string{p, core, plainLetters.Replace(core), plainLetters.Replace(strings.TrimRightFunc(p, isNoLetter))} {
		if commonWords()[word] || word != "" && (text.SameIdentity(word, identity) || word == name || word == strings.TrimFunc(name, isNoLetter)) {
			return true
		}
	}
	return false
}

// maxRuns is how many runs are a few. More of them, each short, are in random passwords.
const maxRuns = 3

// runs returns the longest parts of s that are only letters or only digits.
func runs(s string) (all []string) {
	const letter, digit = 1, 2
	last := 0
	for _, r := range s {
		kind := 0
		switch {
		case unicode.IsLetter(r):
			kind = letter
		case unicode.IsDigit(r):
			kind = digit
		}
		switch {
		case kind == 0:
		case kind == last:
			all[len(all)-1] += string(r)
		default:
			all = append(all, string(r))
		}
		last = kind
	}
	return all
}

// isNoRow reports whether s is no row of keys in either direction.
func isNoRow(s string) bool {
	return !strings.Contains(rows, s) && !strings.Contains(rows, reversed(s))
}

func isNoLetter(r rune) bool { return !unicode.IsLetter(r) }

// plainLetters undoes the usual replacements of letters.
var plainLetters = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")

func distinct(s string) []rune {
	runes := []rune(s)
	slices.Sort(runes)
	return slices.Compact(runes)
}

// repeatedUnit returns the shortest text that s repeats: "abc" of "abcabcabc", or s.
func repeatedUnit(s string) string { return s[:1+strings.Index(s[1:]+s, s)] }

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}
