package text

import (
	"strings"
	"unicode/utf8"
)

// A PhoneQuery is a telephone number, or a part of one, as somebody typed it to
// search.
type PhoneQuery struct {
	// Runs are runs of digits, each of which may be looked for within a number:
	// all the digits, and those after a leading 00.
	Runs []string
	// Whole are runs that only match a whole number: what a number typed with its
	// country code is when it was stored without.
	Whole []string
}

// maxQueryDigits is more digits than any number has, with all that may precede it.
const maxQueryDigits = 24

// ParsePhoneQuery tells whether query is altogether a telephone number or a part of
// one: digits of any script with the punctuation that numbers are written with,
// perhaps after "tel:" or "whatsapp:".
func ParsePhoneQuery(query string) (n PhoneQuery, ok bool) {
	var buf [maxQueryDigits]byte
	digits, plus := buf[:0], false
	query = trimScheme(clipQuery(query))
	for i, r := range query {
		if d, ok := digit(r); ok {
			if len(digits) == maxQueryDigits {
				return PhoneQuery{}, false
			}
			if r == '0' && isTrunkZero(query, i) && (plus || startsWith00(digits)) {
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
	n.Runs = []string{all}
	if !plus && len(all) > 2 && startsWith00(digits) {
		all, plus = all[2:], true
		n.Runs = append(n.Runs, all)
	}
	if (plus || isNANP(all)) && len(all) > minE164 && len(all) <= maxE164 {
		if code, plan := plans().lookUp(all); code > 0 && len(all)-code >= minE164 {
			n.Whole = append(n.Whole, all[code:])
			if plan.trunk != "" && plan.trunk != all[:code] {
				n.Whole = append(n.Whole, plan.trunk+all[code:])
			}
		}
	}
	return n, true
}

func startsWith00(digits []byte) bool {
	return len(digits) >= 2 && digits[0] == '0' && digits[1] == '0'
}

// isTrunkZero tells whether the zero at s[i] is alone in brackets, as the one
// that is left out after a country code is written.
func isTrunkZero(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+1:])
	return (before == '(' || before == '（') && (after == ')' || after == '）')
}

// NumbersIn answers the digits of what looks like telephone numbers in a text:
// seven to twenty digits with single blanks, dashes, dots, slashes or brackets
// between them. A number whose digits are together in the text anyhow is left out.
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
