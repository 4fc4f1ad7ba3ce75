package text

import (
	"regexp"
	"strings"
	"unicode"
)

// betweenNumbers matches what may separate two phone numbers. A slash may also separate the
// digits of one.
var betweenNumbers = regexp.MustCompile(`(?i)\s*[/／|,，、،&]+\s*|\s(?:or|and|und|oder|bzw\.?|ou|et|o|e|y|en|of|eller|och|og|lub|i|или|и|veya|ve|または|或|أو|و)\s`)

// maxSplit is longer than any text of several numbers, in bytes.
const maxSplit = 500

// SplitPhones returns the phone numbers in a text, as they are written, and the endings of
// others: "555 704 0102/0103" has a number, and the ending "0103" of another. A slash within
// a number, as in "06221/5550101", separates nothing. Text that is not of numbers alone is
// one of the numbers.
func SplitPhones(s string) (numbers, endings []string) {
	if isPlainNumber(s) || len(s) > maxSplit {
		return []string{s}, nil
	}
	from := 0 // the first number that has not ended
	var parts []string
	for _, at := range append(betweenNumbers.FindAllStringIndex(s, -1), []int{len(s), len(s)}) {
		switch part := s[from:at[0]]; {
		case part == "", strings.Contains(s[at[0]:at[1]], ",,"): // a pause
		case at[0] == len(s), writtenDigits(part) >= minE164:
			parts = append(parts, part)
			from = at[1]
		}
	}
	for i, part := range parts {
		digits := writtenDigits(part)
		switch {
		case i == 0, digits >= minE164 && isLike(parts[0], part):
			numbers = append(numbers, part)
		case digits == 0 || strings.ContainsFunc(part, unicode.IsLetter):
			return []string{s}, nil // a remark
		default:
			endings = append(endings, part)
		}
	}
	return numbers, endings
}

// LabeledPhone is a phone number and the words beside it.
type LabeledPhone struct{ Label, Number string }

// numberInWords matches a phone number in a text.
var numberInWords = regexp.MustCompile(`[+＋(]?\p{Nd}[\p{Nd}\s()./–-]*\p{Nd}`)

// LabeledPhones returns the phone numbers in a text with words, as they are written, with
// the words before each, or after each if the text begins with a number: "Tel. 555 704 0102,
// fax 555 704 0103". It returns none for a text that has no words.
func LabeledPhones(s string) []LabeledPhone {
	if isPlainNumber(s) || len(s) > maxSplit {
		return nil
	}
	s, extension := CutExtension(s)
	at := numberInWords.FindAllStringIndex(s, -1)
	if len(at) == 0 {
		return nil
	}
	words := []string{s[:at[0][0]]}
	found := make([]LabeledPhone, len(at))
	for i, span := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		words = append(words, s[span[1]:end])
		found[i].Number = s[span[0]:span[1]]
	}
	if !strings.ContainsFunc(words[0], unicode.IsLetter) {
		words = words[1:]
	}
	for i := range found {
		found[i].Label = Fold(words[i])
	}
	if extension != "" {
		found[len(found)-1].Number += ExtensionMark + extension
	}
	return found
}

// isLike reports whether a number after another is complete too: it begins with a plus or a
// zero, or the first has no zero either and is about as long.
func isLike(first, number string) bool {
	if strings.HasPrefix(strings.TrimLeft(number, " ("), "+") || strings.HasPrefix(Digits(number), "0") {
		return true
	}
	return !strings.HasPrefix(Digits(first), "0") && writtenDigits(number)+1 >= writtenDigits(first)
}

// writtenDigits returns how many digits of a number as it is written follow its country
// code and trunk zero. An area code alone has fewer than minE164.
func writtenDigits(s string) int {
	s, _ = CutExtension(s)
	return significantDigits([]byte(Digits(s)), strings.Contains(s, "+"))
}

// significantDigits returns how many digits follow the country code and zeros of a number.
func significantDigits(digits []byte, plus bool) int {
	if !plus && startsWith00(digits) {
		digits, plus = digits[2:], true
	}
	if plus {
		length, _ := plans().lookup(string(digits[:min(3, len(digits))]))
		digits = digits[length:]
	}
	for len(digits) > 0 && digits[0] == '0' {
		digits = digits[1:]
	}
	return len(digits)
}
