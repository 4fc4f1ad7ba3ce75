package importer

import (
	"strings"
	"unicode"
)

// plainText returns what a cell says, for every format: without what exporters and
// people put around a text so that a spreadsheet leaves it alone, and "" for a
// spreadsheet's error. A word for nothing, such as NULL, is "" too, except in names.
func plainText(f field, s string) string {
	if s == "" {
		return ""
	}
	switch s[0] {
	case '=':
		s = formulaText(s)
	case '\'':
		s = withoutApostrophe(s)
	case '#':
		if isSheetError(s) {
			return ""
		}
	}
	if !f.ofName() && isNothing(s) {
		return ""
	}
	return s
}

// formulaText returns the text of a formula that is only a text: ="0123".
func formulaText(s string) string {
	inner, ok := strings.CutPrefix(s, `="`)
	if !ok || !strings.HasSuffix(inner, `"`) {
		return s
	}
	inner = strings.ReplaceAll(strings.TrimSuffix(inner, `"`), `""`, "\x00")
	if strings.Contains(inner, `"`) {
		return s // more than one text
	}
	return strings.TrimSpace(strings.ReplaceAll(inner, "\x00", `"`))
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

// isNothing reports whether a program or a person means that there is no value.
func isNothing(s string) bool {
	if len(s) > len("undefined") {
		return false
	}
	switch strings.ToLower(s) {
	case "null", "(null)", "<null>", "none", "nan", "n/a", "#n/a", "n.a.", "undefined", "-", "--", "–", "—":
		return true
	}
	return false
}

// withoutFraction returns a whole number without the ".0" that a program left which took
// it for a fraction.
func withoutFraction(s string) string {
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

// lostDigits reports whether a spreadsheet has shortened a long number, as 1.23457E+11.
func lostDigits(s string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(s), "E+")
	first, rest, _ := strings.Cut(strings.Replace(mantissa, ",", ".", 1), ".")
	return ok && len(first) == 1 && isDigits(first) && isDigits("0"+rest) && len(exponent) >= 2 && isDigits(exponent)
}

func isDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
