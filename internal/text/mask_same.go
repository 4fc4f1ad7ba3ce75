package text

import "slices"

// WholeNumber tells whether query is altogether a telephone number that may be a
// whole one: seven digits or more, and with a country code a length that numbers of
// that country have.
func WholeNumber(query string) (n TypedNumber, ok bool) {
	n, ok = ParseTyped(query)
	if !ok {
		return TypedNumber{}, false
	}
	digits := n.Runs[len(n.Runs)-1]
	if len(digits) < minRun || len(digits) > maxE164 {
		return TypedNumber{}, false
	}
	if len(n.Runs) > 1 || begins(query, '+', '＋') {
		if _, ok := international([]byte(digits)); !ok {
			return TypedNumber{}, false
		}
	}
	return n, true
}

// begins tells whether the first character that says something is one of these.
func begins(query string, signs ...rune) bool {
	for _, r := range withoutScheme(query) {
		if !isUnseen(r) && !isBetween(r, inLine) {
			return slices.Contains(signs, r)
		}
	}
	return false
}

// Is tells whether a stored address is the number that was typed, and no other:
// digit by digit, with the country code or as it is dialled at home.
func (n TypedNumber) Is(value string) bool {
	stored := PhoneRuns(value)
	for i, run := range stored {
		if i > 0 && len(run) < minRun {
			continue
		}
		if slices.Contains(n.Runs, run) {
			return true
		}
	}
	if len(stored) == 1 { // without a country code: it may have been typed with one
		return slices.Contains(n.Whole, stored[0])
	}
	return false
}
