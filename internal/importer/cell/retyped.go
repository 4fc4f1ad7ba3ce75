package cell

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// months are how the names of the months begin, in English and other languages, with the
// words around a time of day and the E of an exponent.
const months = " jan feb mar apr may jun jul aug sep oct nov dec mär mai okt dez fév fev avr jui aoû déc " +
	"ene abr ago dic gen mag giu lug set ott out mrz mrt maj sty lut kwi cze lip sie wrz paź lis gru " +
	"oca şub nis haz tem ağu eyl eki kas ara янв фев мар апр май июн июл авг сен окт ноя дек am pm a p e "

// looksNumeric reports whether a spreadsheet may take a text for a number, an amount, a
// date or a time.
func looksNumeric(s string) bool {
	digits := false
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case '0' <= r && r <= '9':
			digits = true
		case strings.ContainsRune(" \u00a0.,:/-+()%$€£¥", r):
		case unicode.IsLetter(r):
			word := s[i:]
			if end := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }); end >= 0 {
				word = word[:end]
			}
			if !isNumericWord(word) {
				return false
			}
			size = len(word)
		default:
			return false
		}
		i += size
	}
	return digits
}

func isNumericWord(word string) bool {
	runes := []rune(strings.ToLower(word))
	if len(runes) > len("september") {
		return false
	}
	return strings.Contains(months, " "+string(runes[:min(3, len(runes))])+" ")
}

// isRetyped reports whether a spreadsheet that opens and saves a CSV changes a cell with
// this text: 00123, 1-2, 12E3, true, a number of twelve digits.
func isRetyped(s string) bool {
	if strings.EqualFold(s, "true") || strings.EqualFold(s, "false") {
		return true
	}
	if isDigits(s) && len(s) < 12 && (s[0] != '0' || s == "0") {
		return false
	}
	return looksNumeric(s)
}

// MayBeRetyped reports whether s may be what a spreadsheet wrote in place of another text.
func MayBeRetyped(s string) bool { return isDigits(s) || isRetyped(s) }

// IsSavedAs reports whether a spreadsheet may have made saved of an id: the same number,
// the same day, or other capitals.
func IsSavedAs(id, saved string) bool {
	if !isRetyped(id) {
		return false
	}
	return strings.EqualFold(id, saved) || isSameNumber(id, saved) || isSameDate(id, saved)
}

// SavedNumber returns what a spreadsheet makes of an id of digits: without the zeros before
// it, and with zeros after the fifteenth digit. Any other id stays as it is.
func SavedNumber(id string) string {
	digits := strings.TrimLeft(id, "0")
	if !isDigits(digits) {
		return id
	}
	n := min(len(digits), 15)
	return digits[:n] + strings.Repeat("0", len(digits)-n)
}

// IsDateWord reports whether a text is what a spreadsheet makes of an id such as 1-2: a
// number and a month.
func IsDateWord(s string) bool {
	day, month, ok := strings.Cut(s, "-")
	if isDigits(month) {
		day, month = month, day
	}
	return ok && isDigits(day) && len([]rune(month)) >= 3 && isNumericWord(month)
}

// isSameNumber reports whether two texts are one number as far as saved shows its digits. A
// spreadsheet keeps fifteen.
func isSameNumber(id, saved string) bool {
	a, errA := strconv.ParseFloat(id, 64)
	b, errB := strconv.ParseFloat(strings.Replace(saved, ",", ".", 1), 64)
	if errA != nil || errB != nil {
		return false
	}
	if mantissa, _, _ := strings.Cut(saved, "E+"); LostDigits(saved) {
		decimals := max(0, len(mantissa)-len("1."))
		return strconv.FormatFloat(a, 'E', decimals, 64) == strconv.FormatFloat(b, 'E', decimals, 64)
	}
	return math.Abs(a-b) <= 1e-14*math.Abs(a)
}

// isSameDate reports whether two texts can be one date. The month may be a word in one of
// them, and the year may be missing, so all numbers of one must be in the other.
func isSameDate(id, saved string) bool {
	a, b := dateNumbers(id), dateNumbers(saved)
	if len(a) > len(b) {
		a, b = b, a
	}
	return len(a) > 0 && !slices.ContainsFunc(a, func(n int) bool { return !slices.Contains(b, n) })
}

// dateNumbers returns the numbers in a date, years without their century; none when s is a
// plain number or a text.
func dateNumbers(s string) (numbers []int) {
	if isDigits(s) || LostDigits(s) || !looksNumeric(s) {
		return nil
	}
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		numbers = append(numbers, n%100)
	}
	return numbers
}
