package text

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// Numbers as cells of real files have them, in fifteen countries.
func TestSplitPhones(t *testing.T) {
	for _, tt := range []struct{ name, cell, region, want string }{
		{"Germany, an area code and a slash", "+49 (0)6221/5550101", "DE", "+4962215550101"},
		{"Germany, blanks around the slash", "06221 / 555 01 01", "DE", "+4962215550101"},
		{"Germany, a mobile number with 00", "0049 171/5550102", "DE", "+491715550102"},
		{"Germany, two numbers with slashes", "06221/5550101 / 0171/5550102", "DE", "+4962215550101 +491715550102"},
		{"Germany, two numbers by a word", "06221/5550101 oder 0171/5550102", "DE", "+4962215550101 +491715550102"},
		{"Germany, two numbers by a slash", "030123456/030123457", "DE", "+4930123456 +4930123457"},
		{"Germany, another ending", "06221 5550101/02", "DE", "+4962215550101 (02)"},
		{"Germany, an extension in words", "06221/5550-0 Durchwahl 12", "DE", "+49622155500;ext=12"},
		{"Germany, without plus", "4915112345678", "DE", "+4915112345678"},
		{"Germany, an area code like the country code", "4941 55501", "DE", "+49494155501"},
		{"Austria, one digit before the slash", "+43 1/5550101", "AT", "+4315550101"},
		{"Austria, two trunk zeros", "0043 (0)664/5550102", "AT", "+436645550102"},
		{"Switzerland", "044/555 01 02", "CH", "+41445550102"},
		{"Hungary, two slashes", "+36/20/555-0101", "HU", "+36205550101"},
		{"Slovakia, two slashes", "00421/905/123 456", "SK", "+421905123456"},
		{"Belgium, a slash and dots", "0475/12.34.56", "BE", "+32475123456"},
		{"the United States, another ending", "+1 555 704 0102 / 0103", "", "+15557040102 (0103)"},
		{"the United States, two numbers", "555 704 0102 or 555 704 0103", "US", "+15557040102 +15557040103"},
		{"the United States, another local number", "(555) 704-0102 / 704-0103", "US", "+15557040102 (704-0103)"},
		{"the United States, a decimal", "15557040101.0", "US", "+15557040101"},
		{"the United States, a decimal without its 1", "5557040101.0", "US", "+15557040101"},
		{"the United States, x", "+1 (555) 704-0104 x12", "", "+15557040104;ext=12"},
		{"the United States, x at once", "555.704.0104x12", "US", "+15557040104;ext=12"},
		{"the United States, #", "555-704-0104 #12", "US", "+15557040104;ext=12"},
		{"the United States, pauses", "+15557040104,,12", "", "+15557040104;ext=12"},
		{"the United States, a tel address", "tel:+1-555-704-0104;ext=12", "", "+15557040104;ext=12"},
		{"the United States, in brackets", "(555) 704-0104 (ext. 12)", "US", "+15557040104;ext=12"},
		{"the United States, extensions of two numbers", "555 704 0104 x12 / 555 704 0105 x13", "US", "+15557040104;ext=12 +15557040105;ext=13"},
		{"Britain, without plus", "447700900015", "GB", "+447700900015"},
		{"Britain, an extension", "020 7946 0018 ext 345", "GB", "+442079460018;ext=345"},
		{"Italy, a zero in brackets", "+39 (0)6 1234567", "", "+39061234567"},
		{"Italy, the zero without brackets", "+39 06 1234568", "", "+39061234568"},
		{"Italy, without plus", "39 333 1234567", "IT", "+393331234567"},
		{"Italy, a mobile number that begins like the country code", "391 2345678", "IT", "+393912345678"},
		{"Italy, an extension", "06 1234567 int. 12", "IT", "+39061234567;ext=12"},
		{"San Marino, a zero in brackets", "+378 (0)549 886377", "", "+3780549886377"},
		{"Côte d'Ivoire, a zero in brackets", "+225 (0)1 23 45 67 89", "", "+2250123456789"},
		{"Congo, a zero in brackets", "+242 (0)6 123 4567", "", "+242061234567"},
		{"France, a zero in brackets", "+33 (0)6 12 34 56 78", "", "+33612345678"},
		{"France, an extension", "01 23 45 67 89 poste 12", "FR", "+33123456789;ext=12"},
		{"Spain, a zero in brackets that nobody dials", "+34 (0)912 345 678", "", "+34912345678"},
		{"Spain, two numbers by a word", "912 345 678 y 612 345 678", "ES", "+34912345678 +34612345678"},
		{"Poland, without plus", "48 500 555 101", "PL", "+48500555101"},
		{"Russia, an extension", "8 (495) 123-45-67 доб. 12", "RU", "+74951234567;ext=12"},
		{"Ukraine, without plus", "380993456789", "UA", "+380993456789"},
		{"Mexico, the old 1", "+52 1 55 1234 5678", "", "+525512345678"},
		{"Mexico, the old 1 without plus", "52 1 55 1234 5678", "MX", "+525512345678"},
		{"Mexico, the old prefix of mobile numbers", "044 55 1234 5678", "MX", "+525512345678"},
		{"Mexico, the old prefix of a landline", "01 (55) 1234-5678", "MX", "+525512345678"},
		{"Argentina, its 9", "+54 9 11 2345-6789", "", "+5491123456789"},
		{"Brazil, two numbers", "(11) 98765-4321 / (11) 3265-4321", "BR", "+5511987654321 +551132654321"},
		{"Brazil, an extension", "(11) 3265-4321 ramal 12", "BR", "+551132654321;ext=12"},
		{"India, endings", "+91-22-25550101/02/03", "", "+912225550101 (02/03)"},
		{"Indonesia, without plus", "62 812 345 678", "ID", "+62812345678"},
		{"Japan, an extension in full width", "０３-１２３４-５６７８ 内線１２", "JP", "+81312345678;ext=12"},
		{"China, two numbers by a comma", "138 1234 5678，139 1234 5678", "CN", "+8613812345678 +8613912345678"},
		{"a remark", "555 704 0102 / after six", "US", "(555 704 0102 / after six)"},
		{"a number lost in a spreadsheet", "1.23457E+11", "DE", "(1.23457E+11)"},
		{"letters only", "call the office", "US", "(call the office)"},
		{"no number", "12, 34", "US", "(12, 34)"},
		{"slashes only", "//", "US", "(//)"},
		{"nothing", "", "US", "()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			numbers, endings := SplitPhones(tt.cell)
			var got []string
			for _, number := range numbers {
				value, ok := DialForm(number, tt.region)
				if !ok {
					value = "(" + number + ")"
				}
				got = append(got, value)
			}
			for _, ending := range endings {
				got = append(got, "("+ending+")")
			}
			if got := strings.Join(got, " "); got != tt.want {
				t.Errorf("SplitPhones(%q) in %s = %s, want %s", tt.cell, tt.region, got, tt.want)
			}
		})
	}
}

// A number of any country is the same with and without its plus, and with a zero in brackets.
func TestNormalizePhone_OfEveryCountry(t *testing.T) {
	ambiguous := []string{"+468123456", "+393123456789"} // as well national, and with a zero
	for region := range phonenumbers.GetSupportedRegions() {
		for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.FIXED_LINE, phonenumbers.MOBILE} {
			n := phonenumbers.GetExampleNumberForType(region, kind)
			want := phonenumbers.Format(n, phonenumbers.E164)
			if n == nil || slices.Contains(ambiguous, want) {
				continue
			}
			national := phonenumbers.GetNationalSignificantNumber(n)
			for _, raw := range []string{want, want[1:], national, "00 " + want[1:],
				fmt.Sprintf("+%d (0)%s", n.GetCountryCode(), strings.TrimPrefix(national, "0"))} {
				if got, _ := NormalizePhone(raw, region); got != want {
					t.Errorf("NormalizePhone(%q, %s) = %q, want %q", raw, region, got, want)
				}
			}
		}
	}
}

func TestSamePhone(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"+525512345678", "+5215512345678", true},
		{"+5491123456789", "+541123456789", true},
		{"+551187654321", "+5511987654321", true},
		{"+15557040102", "+15557040102", true},
		{"+15557040102", "+15557040103", false},
		{"", "+15557040102", false},
	} {
		if got := SamePhone(tt.a, tt.b); got != tt.want {
			t.Errorf("SamePhone(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func FuzzSplitPhones(f *testing.F) {
	for _, s := range []string{"06221/5550101 / 0171/5550102", "+1 555 704 0102 / 0103", "555 704 0104 x12 or 5", ";ext=1", "1&2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		numbers, endings := SplitPhones(s)
		if got, want := Digits(strings.Join(numbers, "")+strings.Join(endings, "")), Digits(s); len(got) != len(want) {
			t.Errorf("SplitPhones(%q) = %q, %q, want all digits", s, numbers, endings)
		}
		value, ok := DialForm(s, "US")
		if again, okAgain := DialForm(value, "US"); ok && (again != value || !okAgain) {
			t.Errorf("DialForm(%q) = %q, then %q", s, value, again)
		}
	})
}
