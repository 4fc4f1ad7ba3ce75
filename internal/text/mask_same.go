package text

import "slices"

// ParseWholePhone tells whether query is altogether a telephone number that may be a
// whole one: seven digits or more, and with a country code a length that numbers of
// that country have.
func ParseWholePhone(query string) (n PhoneQuery, ok bool) {
	n, ok = ParsePhoneQuery(query)
	if !ok {
		return PhoneQuery{}, false
	}
	digits := n.Runs[len(n.Runs)-1]
	if len(digits) < minDigits || len(digits) > maxE164 {
		return PhoneQuery{}, false
	}
	if len(n.Runs) > 1 || startsWith(query, '+', '＋') {
		if _, ok := international([]byte(digits)); !ok {
			return PhoneQuery{}, false
		}
	}
	return n, true
}

// startsWith tells whether the first character that says something is one of these.
func startsWith(query string, signs ...rune) bool {
	for _, r := range trimScheme(query) {
		if !isInvisible(r) && !isSeparator(r, sepLine) {
			return slices.Contains(signs, r)
		}
	}
	return false
}

// Matches tells whether a stored address is the number that was typed, and no other:
// digit by digit, with the country code or as it is dialled at home.
func (n PhoneQuery) Matches(value string) bool {
	stored := PhoneRuns(value)
	for i, run := range stored {
		if i > 0 && len(run) < minDigits {
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
