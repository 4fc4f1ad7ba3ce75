package text

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func TestMaskText(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"E.164", "+123456789", "+12345XXXX"},
		{"WhatsApp", "whatsapp:+15551234567", "whatsapp:+1555123XXXX"},
		{"blanks", "call +1 555 123 4567 today", "call +1 55X XXX XXXX today"},
		{"American", "(555) 123-4567", "(555) 123-XXXX"},
		{"British", "+44 7700 900015", "+44 7700 90XXXX"},
		{"French", "06 12 34 56 78", "06 12 XX XX XX"},
		{"a group of more than four is cut", "07700 900 123", "0770X XXX XXX"},
		{"dots", "555.123.4567", "555.123.XXXX"},
		{"a minus, an en dash, a no-break hyphen", "555−123–45‑67", "555−1XX–XX‑XX"},
		{"no-break and thin blanks, tabs", "555\u00a0123\u20094\t567", "555\u00a0XXX\u2009X\tXXX"},
		{"dots of all sorts", "55\u03875●1\u22182○3﹒4◦56‣7", "55\u03875●X\u2218X○X﹒X◦XX‣X"},
		{"lines that read as dashes", "555¯123˜45⁓67", "555¯1XX˜XX⁓XX"},
		{"an invisible note", "555123\U0001D1594567", "555123\U0001D159XXXX"},
		{"zero-width blanks and joiners", "55\u200b512\u200d345\u206067", "55\u200b51X\u200dXXX\u2060XX"},
		{"a soft hyphen and bidi marks", "\u202a555\u00ad123\u200e4567\u202c", "\u202a555\u00ad123\u200eXXXX\u202c"},
		{"combining marks and variation selectors", "5\ufe0f\u20e35\u03325123\u03324567", "5\ufe0f\u20e35\u03325123\u0332XXXX"},
		{"a control and an invalid byte", "555123\x01\xff4567", "555123\x01\xffXXXX"},
		{"Arabic-Indic", "٥٥٥١٢٣٤٥٦٧", "٥٥٥١٢٣XXXX"},
		{"Persian", "۵۵۵ ۱۲۳ ۴۵۶۷", "۵۵۵ ۱۲۳ XXXX"},
		{"Devanagari", "५५५१२३४५६७", "५५५१२३XXXX"},
		{"full width with its brackets", "（５５５）１２３－４５６７", "（５５５）１２３－XXXX"},
		{"mathematical", "𝟓𝟓𝟓𝟏𝟐𝟑𝟒𝟓𝟔𝟕", "𝟓𝟓𝟓𝟏𝟐𝟑XXXX"},
		{"raised, lowered, circled", "⁵⁵₅₁②③④⑤⑥❼", "⁵⁵₅₁②③XXXX"},
		{"scripts mixed", "555१२३４٥6७", "555१२३XXXX"},
		{"six digits", "123456", "123456"},
		{"a price", "1,000,000.00", "1,000,000.00"},
		{"two numbers with a comma", "5551234567, 5559876543", "555123XXXX, 555987XXXX"},
		{"two numbers with a plus", "+15551234567 +15559876543", "+1555123XXXX +1555987XXXX"},
		{"two numbers with a blank", "5551234567 5559876543", "555XXXXXXX XXXXXXXXXX"},
		{"two numbers in groups", "555 123 4567 555 987 6543", "555 XXX XXXX XXX XXX XXXX"},
		{"two short numbers with a blank", "1234567 7654321", "123XXXX XXXXXXX"},
		{"a number and what follows it", "5551234567 12", "555123XXXX XX"},
		{"a number in groups and what follows it", "555 123 4567 12", "555 123 XXXX XX"},
		{"digits beyond all numbers", strings.Repeat("1234567890", 4), "123" + strings.Repeat("X", 37)},
		{"a line end", "12345\n67890", "12345\n67890"},
		{"numbers on lines", "5551234567\n5559876543", "555123XXXX\n555987XXXX"},
		{"masked already", "+1555123XXXX", "+1555123XXXX"},
		{"masked already with dashes", "+1-55X-XXX-XX-XX", "+1-55X-XXX-XX-XX"},
		{"seven digits before what looks masked", "+1-555-123-XX-XX", "+1-55X-XXX-XX-XX"},
		{"a number and other digits", "22 33 48 91 - 0150", "22 33 XX XX - XXXX"},
		{"a number and its extension", "+4722334891 (120)", "+472233XXXX (XXX)"},
		{"a number in front of a masked one", "2233489 1XXXX", "223XXXX 1XXXX"},
		{"a whole number before what looks masked", "5551234567XXXX", "555123XXXXXXXX"},
		{"letters between", "555a123b4567", "555a123b4567"},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (Numbers{}).MaskText(tt.in); got != tt.want {
				t.Errorf("Numbers{}.MaskText(%q) = %q, want %q", tt.in, got, tt.want)
			}
			if got := (Numbers{}).In(tt.in); !strings.Contains(tt.in, "\n") && got != (tt.in != tt.want) {
				t.Errorf("In(%q) = %v, want %v", tt.in, got, !got)
			}
		})
	}
	if got := MaskLine("12345\r\n67890"); got != "12345\r\n6XXXX" {
		t.Errorf("MaskLine with a line end = %q", got)
	}
	for in, want := range map[string]string{"Otto 0171/123456": "Otto 0171/12XXXX", "a_12,345:67": "a_12,3XX:XX", "12345\n67": "123XX\nXX", "Miller, 12": "Miller, 12",
		"Hansen, 22 33 48 91, 0150 Oslo": "Hansen, 22 33 XX XX, XXXX Oslo", "Smith 555-7391; 2026": "Smith 555-XXXX; XXXX", "Dupont, 01 23 45 67 89, 104 rue": "Dupont, 01 23 XX XX XX, XXX rue"} {
		if got := MaskName(in); got != want {
			t.Errorf("MaskName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMaskAddress(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"the reference's example", "+123456789", "+12345XXXX"},
		{"WhatsApp", "whatsapp:+15551234567", "whatsapp:+1555123XXXX"},
		{"in groups", "+1 (555) 123-4567", "+1 (55X) XXX-XXXX"},
		{"British", "020 7946 018", "020 XXXX XXX"},
		{"the longest number", "+123456789012345", "+12345678901XXXX"},
		{"three digits", "110", "XXX"},
		{"four digits", "1234", "XXXX"},
		{"no digits", "bobby@example.com", "bobby@example.com"},
		{"an email address", "bobby1990@example.com", "bobbyXXXX@example.com"},
		{"an email address with few digits", "bob7@mail2.example.com", "bobX@mailX.example.com"},
		{"a chat user", "user-42-a-007", "user-4X-a-XXX"},
		{"Arabic-Indic", "+٤٤٧٧٠٠٩٠٠٠١٥", "+٤٤٧٧٠٠٩٠XXXX"},
		{"two numbers", "5551234567 / 5559876543", "555123XXXX / 555987XXXX"},
		{"two numbers with a blank", "555 123 4567 555 987 6543", "555 XXX XXXX XXX XXX XXXX"},
		{"an extension", "+1 555 123 4567 ext 89", "+1 55X XXX XXXX ext XX"},
		{"an extension as it is dialed", "+15557040104;ext=12", "+1555704XXXX;ext=XX"},
		{"a slash", "0171/123456", "0171/12XXXX"},
		{"a slash and an extension", "0171/123456 (120)", "0171/12XXXX (XXX)"},
		{"other digits in brackets", "22 33 48 91 (120)", "22 33 XX XX (XXX)"},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := MaskAddress(tt.in); got != tt.want {
				t.Errorf("MaskAddress(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestNumbers_MaskText(t *testing.T) {
	numbers := NumbersOf("+49171123456", "whatsapp:+1 555 704 8291", "sales@example.com", "70413", "12")
	for _, tt := range []struct{ name, in, want string }{
		{"a slash", "0171/123456", "0171/12XXXX"},
		{"commas, underscores, colons", "0171,12_34:56", "0171,12_XX:XX"},
		{"letters", "0171 ext 12a34b56", "0171 ext 12aXXbXX"},
		{"on two lines", "0171 12\n3456", "0171 12\nXXXX"},
		{"its last six", "see 048291.", "see 04XXXX."},
		{"its last four alone", "ends in 8291.", "ends in XXXX."},
		{"its last four in something else", "order A78291, 82911", "order A78291, 82911"},
		{"a short code", "text 70413", "text 7XXXX"},
		{"another script", "٠١٧١/١٢٣٤٥٦", "٠١٧١/١٢XXXX"},
		{"circled", "⓪①⑦①/⑫③④⑤❻", "⓪①⑦①/⑫XXXX"},
		{"another person's", "030/654321", "030/65XXXX"},
		{"another person's, with commas", "030,654321", "030,654321"},
		{"a year", "since 1998", "since 1998"},
		{"what looks like a number", "5559876543", "555987XXXX"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := numbers.MaskText(tt.in)
			if got != tt.want {
				t.Errorf("Numbers{}.MaskText(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
	if !numbers.In("0171/123456") || (Numbers{}).In("0171/123456") || numbers.In("030/654321") {
		t.Error("Numbers.In differs from what MaskLine changes")
	}
}

// An address may contain several numbers.
func TestNumbersOf(t *testing.T) {
	for _, address := range []string{
		"+49171123456 ext. 89", "+49171123456;ext=89", "+49171123456 / +4930654321", "+49171123456 4930654321", "+49171123456, 12", "+49171123456 89", "+49 171 123456/57",
	} {
		numbers := NumbersOf(address)
		if got := numbers.MaskText("0171/123456, ends in 3456"); got != "0171/12XXXX, ends in XXXX" {
			t.Errorf("NumbersOf(%q).MaskText = %q", address, got)
		}
	}
	if numbers := NumbersOf("+49171123456", "whatsapp:+49171123456", "+49 171 123456"); !slices.Equal(numbers.known, NumbersOf("+49171123456").known) {
		t.Errorf("NumbersOf(one number in three notations) holds %v, want one number", numbers.known)
	}
}

// Everything that folds to a digit must be masked.
func TestIsNumeral_AgreesWithFold(t *testing.T) {
	for r := range everyRune() {
		if r < 0x80 {
			continue
		}
		if unicode.Is(unicode.Nd, r) && !isNumeral(r) {
			t.Errorf("isNumeral(%U) = false, but it is a decimal digit", r)
		}
		for _, folded := range []string{norm.NFKC.String(string(r)), Fold(string(r))} {
			if digitsIn(folded, 1) > 0 && !isNumeral(r) {
				t.Errorf("isNumeral(%U) = false, but it folds to %q", r, folded)
			}
		}
	}
	for r, want := range map[rune]string{'7': "7", '७': "7", '⁷': "7", '⑫': "12", '❼': "7", '➓': "10", '⓿': "0", '⓵': "1", '⓾': "10", '⓫': "11", '⓴': "20", '𝟕': "7", '７': "7"} {
		if got := string(appendValue(nil, r)); got != want {
			t.Errorf("appendValue(%c) = %q, want %q", r, got, want)
		}
	}
}

func TestMaskLine_DoesNotAllocateWithoutNumbers(t *testing.T) {
	for _, s := range []string{"Bobby Example", "José Çelik-Łukasiewicz", "株式会社やまだ", "Room 12, 3rd floor", "محمد عبد الله"} {
		if n := testing.AllocsPerRun(100, func() { _ = MaskLine(s); _ = Numbers{}.In(s) }); n != 0 {
			t.Errorf("MaskLine(%q): %v allocations, want 0", s, n)
		}
	}
}

func TestWithoutDigits(t *testing.T) {
	for in, want := range map[string]string{
		"bob4567": "bob    ", "٤٥٦٧": "    ", "４５６７": "    ", "a⑫b": "a b", "bobby1990@example.com": "bobby    @example.com", "anna": "anna",
	} {
		if got := WithoutDigits(in); got != want {
			t.Errorf("WithoutDigits(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPhoneQuery_Matches(t *testing.T) {
	for _, tt := range []struct {
		name, typed, stored string
		want                bool
	}{
		{"as it is stored", "+15551234567", "+15551234567", true},
		{"without its plus", "15551234567", "+15551234567", true},
		{"at home", "(555) 123-4567", "+15551234567", true},
		{"with 00", "0049 171 1234567", "+491711234567", true},
		{"with the trunk zero", "0171 1234567", "+491711234567", true},
		{"a WhatsApp address", "+1 555 123 4567", "whatsapp:+15551234567", true},
		{"in other digits", "+١٥٥٥١٢٣٤٥٦٧", "+15551234567", true},
		{"stored without its country", "+1 555 123 4567", "(555) 123-4567", true},
		{"the other form of a number", "+52 1 55 1234 5678", "+525512345678", true},
		{"the other form of a number that was observed", "+52 55 1234 5678", "whatsapp:+5215512345678", true},
		{"a zero in brackets that stays", "+39 (0)6 1234567", "+39061234567", true},
		{"stored with an extension", "(555) 123-4567", "+15551234567;ext=12", true},
		{"its end", "1234567", "+15551234567", false},
		{"its beginning", "+1 555 123 456", "+15551234567", false},
		{"longer than it", "+155512345678", "+15551234567", false},
		{"the same at home, elsewhere", "+47 40 61 23 45", "+4540612345", false},
		{"another", "+15551234568", "+15551234567", false},
		{"the beginning of a number", "+1555123", "+1555123", false},
		{"six digits", "123456", "123456", false},
		{"a name", "bob", "+15551234567", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, ok := ParseCompletePhone(tt.typed)
			if got := ok && n.Matches(tt.stored); got != tt.want {
				t.Errorf("ParseCompletePhone(%q).Matches(%q) = %v, want %v", tt.typed, tt.stored, got, tt.want)
			}
		})
	}
}
