package text

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// WhatsAppPrefix begins an address of WhatsApp, as the messaging service writes it.
const WhatsAppPrefix = "whatsapp:"

// Lengths of a number in E.164, in digits.
const (
	minE164 = 7
	maxE164 = 15
)

// NormalizePhone returns the E.164 form of a phone number as people write it: with
// blanks, dashes, dots, slashes and brackets, digits of any script, a leading + or 00, a
// trunk zero in brackets, "tel:" or "whatsapp:" before it, ".0" after it. A number without
// country code belongs to region, an ISO 3166 code such as "US"; with region "" only
// international forms are accepted.
//
// The length must be possible, but the area code need not exist. ok is false for what
// E.164 cannot express: an extension (see DialForm), two numbers (see SplitPhones), a local
// number without area code, letters.
func NormalizePhone(raw, region string) (e164 string, ok bool) {
	var buf [32]byte
	digits, plus, ok := phoneDigits(buf[:0], trimFraction(trimScheme(raw)))
	if !ok {
		return "", false
	}
	if !plus && len(digits) > 9 && digits[0] == '0' && digits[1] == '0' && digits[2] != '0' {
		if e164, ok = international(digits[2:]); ok {
			return e164, true
		}
	}
	if plus {
		return international(digits)
	}
	if region == "" {
		return "", false
	}
	region = strings.ToUpper(region)
	if region == "US" || region == "CA" {
		if len(digits) == 10 && digits[0] >= '2' {
			return "+1" + string(digits), true
		}
	}
	if region == "MX" {
		digits = withoutOldPrefix(digits)
	}
	return parseNational(string(digits), region)
}

// international normalizes the digits after the + of a number.
func international(digits []byte) (string, bool) {
	if len(digits) == 13 && string(digits[:3]) == "521" {
		digits = append([]byte("52"), digits[3:]...) // Mexico's 1 for mobile numbers, until 2019
	}
	if len(digits) < minE164 || len(digits) > maxE164 {
		return "", false
	}
	if isNANP(digits) {
		return "+" + string(digits), true
	}
	if known, possible := plans().check(digits); known {
		if !possible {
			return "", false
		}
		return "+" + string(digits), true
	}
	return parseWithLibrary("+"+string(digits), "")
}

// isNANP reports whether digits are a number of the North American plan with its country
// code. The most common plan needs no library: all numbers have ten digits, and none
// begins with the national prefix.
func isNANP[T string | []byte](digits T) bool {
	return len(digits) == 11 && digits[0] == '1' && digits[1] >= '2'
}

// parseWithLibrary normalizes digits, with an optional plus, by the library.
func parseWithLibrary(number, region string) (string, bool) {
	n, err := phonenumbers.Parse(number, region)
	if err != nil || phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// parseNational normalizes digits without a plus.
func parseNational(digits, region string) (string, bool) {
	if e164, ok := withoutPlus(digits, region); ok {
		return e164, true
	}
	return parseWithLibrary(digits, region)
}

// longNational is more digits than a number has whose country does not fix its length, with
// its country code.
const longNational = 13

// withoutPlus normalizes a number of region that begins with the country code but has no
// plus before it. ok is false if the digits may as well be a national number: 4941 is an
// area code of Germany, whose country code is 49.
func withoutPlus(digits, region string) (e164 string, ok bool) {
	code := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region))
	if !strings.HasPrefix(digits, code) {
		return "", false
	}
	n, err := phonenumbers.Parse("+"+digits, "")
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	national, err := phonenumbers.Parse(digits, region)
	if err == nil && phonenumbers.IsValidNumber(national) && len(code+digits) < longNational {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// withoutOldPrefix returns a number of Mexico without the prefixes of before 2019.
func withoutOldPrefix(digits []byte) []byte {
	for _, prefix := range []string{"01", "044", "045", "1", "521"} {
		if len(digits) == len(prefix)+10 && string(digits[:len(prefix)]) == prefix {
			return digits[len(prefix):]
		}
	}
	return digits
}

// trimFraction returns a number that a spreadsheet wrote as a decimal, "15557040101.0",
// without the fraction.
func trimFraction(s string) string {
	whole, ok := strings.CutSuffix(s, ".0")
	if !ok || len(whole) < minE164 || strings.Trim(whole, "+0123456789") != "" {
		return s
	}
	return whole
}

// trimScheme returns raw without a scheme such as "tel:".
func trimScheme(raw string) string {
	raw = strings.TrimFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	if i := strings.IndexByte(raw, ':'); i > 0 {
		switch strings.ToLower(raw[:i]) {
		case "tel", "whatsapp", "sms", "callto", "phone", "mobile":
			return strings.TrimPrefix(strings.TrimLeft(raw[i+1:], " "), "//")
		}
	}
	return raw
}

// phoneDigits appends the digits of a phone number as written, and reports whether a plus
// came first. ok is false if s contains what cannot be in one number.
func phoneDigits(dst []byte, s string) (digits []byte, plus, ok bool) {
	for i, r := range s {
		if d, ok := digit(r); ok {
			if len(dst) == maxE164+5 { // 00, a trunk zero, a carrier's code
				return nil, false, false
			}
			dst = append(dst, '0'+byte(d))
			continue
		}
		switch {
		case r == '+' || r == '＋':
			if plus || len(dst) > 0 {
				return nil, false, false
			}
			plus = true
		case r == '(' || r == '（':
			// +49 (0)30: the zero is only dialed without +49.
			if rest := s[i:]; (strings.HasPrefix(rest, "(0)") || strings.HasPrefix(rest, "（0）")) &&
				(plus || len(dst) > 2 && dst[0] == '0' && dst[1] == '0') && len(dst) > 0 {
				return dropTrunkZero(dst, plus, s[i:])
			}
		case r == '/' || r == '／':
			if significantDigits(dst, plus) >= minE164 {
				return nil, false, false // another number follows
			}
		case !isPhonePunctuation(r):
			return nil, false, false
		}
	}
	return dst, plus, len(dst) > 0
}

// dropTrunkZero continues phoneDigits after the "(0)" that rest begins with.
func dropTrunkZero(dst []byte, plus bool, rest string) ([]byte, bool, bool) {
	_, rest, _ = strings.Cut(rest, "0")
	_, rest, _ = strings.Cut(rest, string([]rune(rest)[:1]))
	var buf [32]byte
	more, plusAgain, ok := phoneDigits(buf[:0], rest)
	if !ok || plusAgain || len(dst)+len(more) > maxE164+5 {
		return nil, false, false
	}
	if staysZero(dst, more) {
		dst = append(dst, '0')
	}
	return append(dst, more...), plus, true
}

// staysZero reports whether the zero between a country code, with or without 00, and the
// rest of a number is dialed from abroad too, as in Italy.
func staysZero(code, rest []byte) bool {
	if !mayStayZero(code) {
		return false
	}
	number := strings.TrimPrefix(string(code), "00") + "0" + string(rest)
	n, err := phonenumbers.Parse("+"+number, "")
	return err == nil && phonenumbers.IsValidNumber(n)
}

func mayStayZero(code []byte) bool {
	_, plan := plans().lookup(strings.TrimPrefix(string(code), "00"))
	return plan.zero
}

// isPhonePunctuation reports whether r is used between the digits of a number.
func isPhonePunctuation(r rune) bool {
	switch r {
	case ')', '）', '[', ']', '-', '.', '·', '\u2212', '\u30FC', '\uFF0D', '\uFF0E', '~':
		return true
	}
	return unicode.In(r, unicode.Zs, unicode.Pd, unicode.Cf) || r == '\t'
}

// FormatPhone returns a phone number in E.164, with or without "whatsapp:", in groups:
// "+1 555 704 0102". Anything else is returned unchanged.
func FormatPhone(value string) string {
	number := strings.TrimPrefix(value, WhatsAppPrefix)
	if !isE164(number) {
		return value
	}
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return value
	}
	s := phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
	s = strings.Map(func(r rune) rune {
		if r == '-' || r == '/' || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, s)
	if Digits(s) != number[1:] {
		return value
	}
	if code, national, ok := strings.Cut(s, " "); ok && len(national) > 4 && Digits(national) == national {
		return code + " " + groupNational(national) // the library has no groups for this plan
	}
	return s
}

// groupNational splits digits into groups of three, ending in one or two groups of two
// rather than a single digit.
func groupNational(digits string) string {
	var b strings.Builder
	for len(digits) > 4 {
		b.WriteString(digits[:3] + " ")
		digits = digits[3:]
	}
	if len(digits) == 4 {
		return b.String() + digits[:2] + " " + digits[2:]
	}
	return b.String() + digits
}

func isE164(s string) bool {
	if len(s) < 1+minE164 || len(s) > 1+maxE164 || s[0] != '+' || s[1] == '0' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
