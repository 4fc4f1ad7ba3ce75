// Package cell knows what spreadsheets, and programs that write for them, do to the texts in
// cells: apostrophes and formulas around them, numbers and dates in place of them, and words
// for nothing.
package cell

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns what a cell says, for every format: without what exporters and people put
// around a text so that a spreadsheet leaves it alone, and "" for a spreadsheet's error.
func Text(s string) string {
	if s == "" {
		return ""
	}
	switch s[0] {
	case '=':
		return formulaText(s)
	case '\'':
		return withoutApostrophe(s)
	case '#':
		if isSheetError(s) {
			return ""
		}
	}
	return s
}

// formulaText returns the text of a formula that is only a text: ="0123".
func formulaText(s string) string {
	inner, ok := strings.CutPrefix(s, `="`)
	if !ok || !strings.HasSuffix(inner, `"`) {
		return s
	}
	inner = strings.TrimSuffix(inner, `"`)
	if strings.Contains(strings.ReplaceAll(inner, `""`, ""), `"`) {
		return s // more than one text
	}
	return strings.TrimSpace(strings.ReplaceAll(inner, `""`, `"`))
}

// withoutApostrophe removes the apostrophe before a number or a sign that begins a
// formula. "'t Hooft" keeps it, and a text between two keeps both.
func withoutApostrophe(s string) string {
	rest := s[1:]
	if strings.HasSuffix(rest, "'") || !isFormula(rest, false) && !looksNumeric(rest) {
		return s
	}
	return rest
}

// isSheetError reports whether a spreadsheet shows s where it cannot calculate a value,
// in any language: #REF!, #WERT!, #N/A.
func isSheetError(s string) bool {
	switch s {
	case "#N/A", "#N/D", "#NV", "#Н/Д", "#I/T", "#SAYI/YOK":
		return true
	}
	rest := strings.TrimRight(s[1:], "!?")
	return rest != s[1:] && rest != "" && !strings.ContainsFunc(rest, func(r rune) bool {
		return !unicode.IsUpper(r) && r != '/' && r != '0'
	})
}

var nothing = [...]string{"null", "(null)", "<null>", "none", "nan", "n/a", "#n/a", "n.a.", "undefined", "unassigned", "not assigned", "no owner", "-", "--", "–", "—"}

// IsNothing reports whether a program or a person means that there is no value.
func IsNothing(s string) bool {
	if first, _ := utf8.DecodeRuneInString(s); !strings.ContainsRune("nNuU(<#-–—", first) {
		return false
	}
	for _, word := range nothing {
		if strings.EqualFold(s, word) {
			return true
		}
	}
	return false
}

// exact matches how a program writes a long number that it took for a fraction: with all
// digits, unlike a spreadsheet, which writes E+10.
var exact = regexp.MustCompile(`^\d\.\d{1,15}E([7-9]|1[0-5])$`)

// WithoutFraction returns a whole number without what a program left which took it for a
// fraction: the ".0" of 15557040101.0, or the exponent of 1.5557040101E10.
func WithoutFraction(s string) string {
	if strings.Contains(s, "E") && exact.MatchString(s) {
		if n, err := strconv.ParseFloat(s, 64); err == nil && n == math.Trunc(n) {
			return strconv.FormatFloat(n, 'f', 0, 64)
		}
	}
	digits := strings.TrimRight(s, "0")
	if len(digits) == len(s) || digits == "" || !strings.ContainsRune(".,", rune(digits[len(digits)-1])) {
		return s
	}
	digits = digits[:len(digits)-1]
	if digits == "" || strings.ContainsFunc(strings.TrimPrefix(digits, "+"), func(r rune) bool { return r < '0' || r > '9' }) {
		return s
	}
	return digits
}

// LostDigits reports whether a spreadsheet has shortened a long number, as 1.23457E+11.
func LostDigits(s string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(s), "E+")
	first, rest, _ := strings.Cut(strings.Replace(mantissa, ",", ".", 1), ".")
	return ok && len(first) == 1 && isDigits(first) && isDigits("0"+rest) && len(exponent) >= 2 && isDigits(exponent)
}

func isDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
