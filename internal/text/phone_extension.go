package text

import (
	"regexp"
	"strings"
	"unicode"
)

// ExtensionMark begins an extension in the form that telephones dial, as in RFC 3966.
const ExtensionMark = ";ext="

// extension matches an extension after a number as people write it, in the languages of
// most telephone systems. All that may precede it is in the first group.
var extension = regexp.MustCompile(`(?i)^(.*\p{Nd}.*?)[\s,;.(\[-]*` +
	`(?:;ext=|,,+|#|x|ext(?:n|ension|\.)?|durchwahl|dw|nebenstelle|app(?:arat)?|poste|int(?:erno|\.)?|anexo|ramal|` +
	`toestel|tst|wewn?|linka|klapka|mell[eé]k|dahili|anknytning|доб(?:авочный)?|внутр?|вн|εσωτ|内線|内线|分机|分機|轉|转|내선|تحويلة|داخلي|داخلی)` +
	`[\s.:=#]*(\p{Nd}{1,7})[\s)\]]*$`)

// CutExtension splits a phone number into what precedes its extension and the digits of
// that, "" without one: "555 704 0104 ext. 12" into "555 704 0104" and "12".
func CutExtension(s string) (number, digits string) {
	if isPlainNumber(s) || !strings.ContainsFunc(s, unicode.IsDigit) {
		return s, ""
	}
	if parts := extension.FindStringSubmatch(s); parts != nil {
		return parts[1], Digits(parts[2])
	}
	return s, ""
}

// isPlainNumber is a quick check that s has nothing but digits and what is in most numbers.
func isPlainNumber(s string) bool { return strings.Trim(s, "+()-. 0123456789") == "" }

// DialForm is NormalizePhone for a number that may have an extension, which follows it as
// telephones dial it: "+15557040104;ext=12".
func DialForm(raw, region string) (value string, ok bool) {
	if value, ok = NormalizePhone(raw, region); ok {
		return value, true
	}
	number, digits := CutExtension(raw)
	if digits == "" {
		return "", false
	}
	if value, ok = NormalizePhone(number, region); ok {
		value += ExtensionMark + digits
	}
	return value, ok
}

// ObservedForm is DialForm for an address that is stored or came from a service. One of the
// numbers that have several forms keeps the form it has.
func ObservedForm(address, region string) (value string, ok bool) {
	value, ok = DialForm(address, region)
	if ok && SamePhone(address, value) {
		value = address
	}
	return value, ok
}
