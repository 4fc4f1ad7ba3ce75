package text

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// between returns everything that may be between the digits of one number.
func between(sep separators) (all []rune) {
	for r := range everyRune() {
		if isInvisible(r) || isSeparator(r, sep) {
			all = append(all, r)
		}
	}
	return all
}

// Whatever the digits before and after a number are, its last four are hidden.
func TestMask_HidesEveryNumberInAnyText(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	zeros := []rune("000٠०０𝟘")
	digits := func(n int) (out []rune) {
		zero := zeros[random.IntN(len(zeros))]
		for range n {
			out = append(out, zero+random.Int32N(10))
		}
		return out
	}
	another := NumbersOf("+47 22 33 48 91 (120)")
	around := []string{"", "0150 Oslo", "120", "(120)", "2026", "104 rue", "x", "ext. 89", "12 34 56 78 90", "+15551234567", "5551234567", "1", "XXXX 7", "XX"}
	for name, tt := range map[string]struct {
		sep  separators
		mask func(Numbers, string) string
	}{
		"MaskText":    {sepText, Numbers.MaskText},
		"MaskLine":    {sepLine, Numbers.MaskLine},
		"MaskName":    {sepName, Numbers.MaskName},
		"MaskAddress": {sepName, func(_ Numbers, s string) string { return MaskAddress(s) }},
	} {
		separators := between(tt.sep)
		gap := func() (out []rune) {
			for range 1 + random.IntN(3) {
				if random.IntN(2) == 0 {
					out = append(out, []rune(" -.()")[random.IntN(5)])
				} else {
					out = append(out, separators[random.IntN(len(separators))])
				}
			}
			return out
		}
		for range 3_000 {
			var text []rune
			if before := around[random.IntN(len(around))]; before != "" {
				text = append(append(text, []rune(before)...), gap()...)
			}
			var at []int // the digits of the number
			for i, digit := range digits(7 + random.IntN(7)) {
				if i > 0 && random.IntN(3) == 0 {
					text = append(text, gap()...)
				}
				at = append(at, len(text))
				text = append(text, digit)
			}
			var number []rune
			for _, i := range at {
				number = append(number, text[i])
			}
			if behind := around[random.IntN(len(around))]; behind != "" {
				text = append(append(text, gap()...), []rune(behind)...)
			}
			for known, numbers := range map[string]Numbers{"none": {}, "another": another, "the number": NumbersOf(string(number))} {
				out := []rune(tt.mask(numbers, string(text)))
				for _, i := range at[len(at)-4:] {
					if out[i] != 'X' {
						t.Fatalf("%s(%q), known is %s = %q, which shows the last four digits of %q", name, string(text), known, string(out), string(number))
					}
				}
			}
		}
	}
}

// shown reports whether out, which is s masked, shows one of the last four digits before
// anything that seven digits of a number precede. It is written for clarity.
func shown(s, out string, sep separators) bool {
	in, masked := append([]rune(s), 'z'), []rune(out)
	var digits []int
	for i, r := range in {
		if isNumeral(r) {
			digits = append(digits, i)
			continue
		}
		maskedBefore := len(digits) <= 9 && strings.HasPrefix(string(in[i:]), "XXXX")
		if n := len(digits); n >= 7 && digits[n-1] == i-1 && !maskedBefore {
			for _, at := range digits[n-4:] {
				if masked[at] != 'X' {
					return true
				}
			}
		}
		if !isInvisible(r) && !isSeparator(r, sep) {
			digits = nil
		}
	}
	return false
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{
		"+15551234567", "555 123 4567 12", "5551234567 5559876543", "12 34\u200b56 78X", "۵۵۵\n१२३४٥6७", "5551234567XXXX", "1234567X", "\xff1234567",
		"Hansen, 22 33 48 91, 0150 Oslo", "Dupont, 01 23 45 67 89, 104 rue", "22 33 48 91 (120)", "1234567 89XXXX",
	} {
		f.Add(s, "0171/123456")
	}
	f.Fuzz(func(t *testing.T, s, number string) {
		numbers := NumbersOf(number)
		for name, tt := range map[string]struct {
			sep  separators
			mask func(string) string
		}{
			"text": {sepText, Numbers{}.MaskText}, "line": {sepLine, MaskLine}, "name": {sepName, MaskName}, "address": {sepName, MaskAddress},
			"text, numbers": {sepText, numbers.MaskText}, "line, numbers": {sepLine, numbers.MaskLine}, "name, numbers": {sepName, numbers.MaskName},
		} {
			out := tt.mask(s)
			if utf8.ValidString(s) != utf8.ValidString(out) || utf8.RuneCountInString(s) != utf8.RuneCountInString(out) {
				t.Fatalf("mask %s(%q) = %q, want as many characters", name, s, out)
			}
			if name == "text" || name == "line" || name == "name" {
				if again := tt.mask(out); again != out {
					t.Fatalf("mask %s(%q) = %q, want %q as at first", name, out, again, out)
				}
			}
			if shown(s, out, tt.sep) {
				t.Fatalf("mask %s(%q) = %q, which shows a number", name, s, out)
			}
		}
		if (Numbers{}).In(s) != (MaskLine(s) != s) || numbers.In(s) != (numbers.MaskLine(s) != s) {
			t.Fatalf("In(%q) or Numbers.In differs from what MaskLine changes", s)
		}
		if digitsIn(Fold(WithoutDigits(s)), 1) > 0 {
			t.Fatalf("WithoutDigits(%q) has digits", s)
		}
	})
}
