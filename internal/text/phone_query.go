package text

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A PhoneQuery is a search query that is a phone number or a part of one.
type PhoneQuery struct {
	// Runs match anywhere in a number: all digits, and those after a leading 00.
	Runs []string
	// Complete match complete numbers only: the national forms of a number typed with its
	// country code, in case it was stored without.
	Complete []string
}

// maxQueryDigits is more digits than any number has, with all prefixes.
const maxQueryDigits = 24

// ParsePhoneQuery parses a query that is a phone number or a part of one: digits of any
// script with the punctuation of numbers, optionally after "tel:" or "whatsapp:". ok is
// false for any other query.
func ParsePhoneQuery(query string) (p PhoneQuery, ok bool) {
	var buf [maxQueryDigits]byte
	digits, plus := buf[:0], false
	query, _ = CutExtension(trimScheme(clipQuery(query)))
	for i, r := range query {
		if d, ok := digit(r); ok {
			if len(digits) == maxQueryDigits {
				return PhoneQuery{}, false
			}
			if r == '0' && isTrunkZero(query, i) && (plus || startsWith00(digits)) && !mayStayZero(digits) {
				continue
			}
			digits = append(digits, '0'+byte(d))
			continue
		}
		switch {
		case r == '+' || r == '＋':
			plus = plus || len(digits) == 0
		case r == '(' || r == '（' || r == '/' || r == '／' || isPhonePunctuation(r):
		case r == '…': // "+1555…" is how a beginning is quoted
		default:
			return PhoneQuery{}, false
		}
	}
	if len(digits) == 0 {
		return PhoneQuery{}, false
	}
	all := string(digits)
	p.Runs = []string{all}
	if !plus && len(all) > 2 && startsWith00(digits) {
		all, plus = all[2:], true
		p.Runs = append(p.Runs, all)
	}
	if (plus || isNANP(all)) && len(all) > minE164 && len(all) <= maxE164 {
		if code, plan := plans().lookup(all); code > 0 && len(all)-code >= minE164 {
			p.Complete = append(p.Complete, all[code:])
			if plan.trunk != "" && plan.trunk != all[:code] {
				p.Complete = append(p.Complete, plan.trunk+all[code:])
			}
		}
	}
	return p, true
}

func startsWith00(digits []byte) bool {
	return len(digits) >= 2 && digits[0] == '0' && digits[1] == '0'
}

// isTrunkZero reports whether the zero at s[i] is alone in brackets, as a trunk prefix
// after a country code.
func isTrunkZero(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+1:])
	return (before == '(' || before == '（') && (after == ')' || after == '）')
}

// ParseCompletePhone is ParsePhoneQuery for a complete phone number: seven digits or more, and with
// a country code a length that is possible in that country.
func ParseCompletePhone(query string) (p PhoneQuery, ok bool) {
	p, ok = ParsePhoneQuery(query)
	if !ok {
		return PhoneQuery{}, false
	}
	digits := p.Runs[len(p.Runs)-1]
	if len(digits) < minDigits || len(digits) > maxE164 {
		return PhoneQuery{}, false
	}
	if len(p.Runs) > 1 || startsWith(query, '+', '＋') {
		if _, ok := international([]byte(digits)); !ok {
			return PhoneQuery{}, false
		}
	}
	return p, true
}

// startsWith reports whether one of signs is the first visible character of query that
// is not a separator.
func startsWith(query string, signs ...rune) bool {
	for _, r := range trimScheme(query) {
		if !isInvisible(r) && !isSeparator(r, sepLine) {
			return slices.Contains(signs, r)
		}
	}
	return false
}

// Matches reports whether a stored value is exactly this number, in international or
// national form.
func (p PhoneQuery) Matches(value string) bool {
	stored := PhoneRuns(value)
	for i, run := range stored {
		if i > 0 && len(run) < minDigits {
			continue
		}
		if slices.Contains(p.Runs, run) {
			return true
		}
	}
	if len(stored) == 1 { // stored without a country code
		return slices.Contains(p.Complete, stored[0])
	}
	return false
}

// NumbersIn returns the digits of phone numbers in a text: seven to twenty digits
// separated by single blanks, dashes, dots, slashes or brackets. Numbers without
// separators are left out, since the text contains their digits anyway.
func NumbersIn(s string) []string {
	if strings.IndexFunc(s, func(r rune) bool { _, ok := digit(r); return ok }) < 0 {
		return nil
	}
	var numbers []string
	var digits []byte
	gap, parts := 0, 0 // characters since the last digit, groups of digits
	end := func() {
		if parts > 1 && len(digits) >= minE164 && len(digits) <= maxE164+5 {
			numbers = append(numbers, string(digits))
		}
		digits, gap, parts = digits[:0], 0, 0
	}
	for _, r := range s {
		if d, ok := digit(r); ok {
			if gap > 0 || parts == 0 {
				parts++
			}
			digits, gap = append(digits, '0'+byte(d)), 0
			continue
		}
		if len(digits) == 0 {
			continue
		}
		if gap++; gap > 2 || r == '\n' || r != '(' && r != '/' && !isPhonePunctuation(r) {
			end()
		}
	}
	end()
	return numbers
}
