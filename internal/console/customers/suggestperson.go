package customers

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/text"
)

// suggestPerson returns the identity of the only person whose name seems to be that of an
// owner, "" when there is none or several.
func suggestPerson(owner string, people []account.Person) string {
	const none = 4
	best, suggested := none, ""
	for _, p := range people {
		switch rank := nameRank(nameOf(owner), nameOf(p.Identity)); {
		case rank < best:
			best, suggested = rank, p.Identity
		case rank == best:
			suggested = ""
		}
	}
	if best == none {
		return ""
	}
	return suggested
}

// nameOf returns the words of an identity: of an email address, those before the @.
func nameOf(identity string) []string {
	if local, _, ok := strings.Cut(identity, "@"); ok {
		identity = local
	}
	return strings.Fields(text.Fold(identity))
}

// nameRank returns how alike two names are: 1 for the same words in any order, 2 for the
// same words without a blank, or an initial and a last name, 3 when one is a word of the
// other, else 4.
func nameRank(a, b []string) int {
	if len(a) == 0 || len(b) == 0 {
		return 4
	}
	if slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))) {
		return 1
	}
	joinedA, joinedB := strings.Join(a, ""), strings.Join(b, "")
	if slices.Contains(shortForms(a), joinedB) || slices.Contains(shortForms(b), joinedA) {
		return 2
	}
	if len(a) == 1 && slices.Contains(b, joinedA) || len(b) == 1 && slices.Contains(a, joinedB) {
		return 3
	}
	return 4
}

// shortForms returns how people write a name in an email address: aliceadams, aadams,
// with the last name first or last.
func shortForms(name []string) (forms []string) {
	first, last := name[0], name[len(name)-1]
	for range 2 {
		_, initial := utf8.DecodeRuneInString(first)
		forms = append(forms, first+last, first[:initial]+last)
		first, last = last, first
	}
	return forms
}
