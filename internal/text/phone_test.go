package text

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/nyaruka/phonenumbers"
)

func TestNormalizePhone(t *testing.T) {
	tests := []struct{ name, raw, region, want string }{ // want "" means not ok
		{"American, whose area code is not known", "(555) 704-0102", "US", "+15557040102"},
		{"American with dots", "555.704.0102", "us", "+15557040102"},
		{"American with its 1", "1-555-704-0102", "US", "+15557040102"},
		{"Canadian", "(416) 555 0104", "CA", "+14165550104"},
		{"American without its area code", "704-0102", "US", ""},
		{"American a digit short", "555 704 010", "US", ""},
		{"American a digit long", "555 704 01023", "US", ""},
		{"British with its trunk zero", "07700 900015", "GB", "+447700900015"},
		{"German with a slash", "030/123456", "DE", "+4930123456"},
		{"Italian, whose zero stays", "06 6981 2345", "IT", "+390669812345"},
		{"Russian with its trunk 8", "8 (916) 123-45-67", "RU", "+79161234567"},
		{"E.164", "+15557040102", "", "+15557040102"},
		{"international with blanks", "+44 7700 900015", "", "+447700900015"},
		{"international with no-break blanks and hyphens", "+44\u00a07700\u2011900\u2013015", "", "+447700900015"},
		{"international in another region", "+44 7700 900015", "US", "+447700900015"},
		{"with 00", "0049 30 123456", "", "+4930123456"},
		{"with 00 in a region that dials 011", "0049 30 123456", "US", "+4930123456"},
		{"with 011 in a region that dials it", "011 49 30 123456", "US", "+4930123456"},
		{"a trunk zero in brackets", "+49 (0)30 123456", "", "+4930123456"},
		{"a trunk zero in brackets after 00", "0049(0)30 123456", "", "+4930123456"},
		{"an international number in brackets", "(+49) 30 123456", "", "+4930123456"},
		{"a tel address", "tel:+1-555-704-0102", "", "+15557040102"},
		{"a WhatsApp address", "whatsapp:+15557040102", "", "+15557040102"},
		{"Arabic digits", "٠٧٧٠٠ ٩٠٠٠١٥", "GB", "+447700900015"},
		{"full-width digits and plus", "＋１　５５５　７０４　０１０２", "", "+15557040102"},
		{"bidi controls around it", "\u202a+1 555 704 0102\u202c", "", "+15557040102"},
		{"national without a region", "(555) 704-0102", "", ""},
		{"digits with a country code but no plus, no region", "15557040102", "", ""},
		{"an extension", "+1 555 704 0102 ext. 5", "", ""},
		{"an x", "555 704 0102 x5", "US", ""},
		{"an x at once", "+1 555 704 0102x5", "", ""},
		{"an extension of a tel address", "tel:+1-555-704-0102;ext=5", "", ""},
		{"two numbers by a slash", "555 704 0102 / 555 704 0103", "US", ""},
		{"two numbers by a slash that might be one", "030123456/030123457", "DE", ""},
		{"two numbers by a comma", "555 704 0102, 555 704 0103", "US", ""},
		{"two numbers with plus", "+15557040102 +15557040103", "", ""},
		{"a remark", "call the office", "US", ""},
		{"a remark before a number", "call 555 704 0102", "US", ""},
		{"letters for digits", "1-800-FLOWERS", "US", ""},
		{"an emergency number", "911", "US", ""},
		{"too long for any", "+1234567890123456", "", ""},
		{"too short for any", "+49 1", "", ""},
		{"an unknown country code", "+999 1234567", "", ""},
		{"the reference's own example, too short", "+123456789", "", ""},
		{"American beginning with 1, which is possible by its length", "155 704 0102", "US", "+11557040102"},
		{"an unknown region", "07700 900015", "ZZ", ""},
		{"a plus within", "44+7700900015", "GB", ""},
		{"an email address", "bob7700900015@example.com", "GB", ""},
		{"nothing", "", "US", ""},
		{"punctuation", "+ () -", "US", ""},
		{"invalid UTF-8", "+1555704\xff0102", "", ""},
		{"excess", "+4477009000154477009000154477009000154477009000154", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := NormalizePhone(tt.raw, tt.region)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("NormalizePhone(%q, %q) = %q, %v, want %q", tt.raw, tt.region, got, ok, tt.want)
			}
		})
	}
}

func TestNormalizePhone_ShortcutsAgreeWithLibrary(t *testing.T) {
	for area := 100; area < 1000; area += 7 {
		for _, rest := range []string{"0000000", "1234567", "5550104", "9999999"} {
			national := strconv.Itoa(area) + rest
			want, wantOK := parseWithLibrary("+1"+national, "")
			if got, ok := NormalizePhone("+1"+national, ""); got != want || ok != wantOK {
				t.Errorf("NormalizePhone(+1%s) = %q, %v, want %q, %v as the library", national, got, ok, want, wantOK)
			}
			want, wantOK = parseWithLibrary(national, "US")
			if got, ok := NormalizePhone(national, "US"); got != want || ok != wantOK {
				t.Errorf("NormalizePhone(%s) = %q, %v, want %q, %v as the library", national, got, ok, want, wantOK)
			}
		}
	}
}

func TestNormalizePhone_PlansAgreeWithLibrary(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	quick := 0
	for code := range phonenumbers.GetSupportedCallingCodes() {
		for range 60 {
			digits := strconv.Itoa(code)
			for range 2 + rnd.IntN(12) {
				digits += strconv.Itoa(rnd.IntN(10))
			}
			if len(digits) < minE164 || len(digits) > maxE164 || len(digits) == 13 && digits[:3] == "521" {
				continue
			}
			want, wantOK := parseWithLibrary("+"+digits, "")
			if got, ok := NormalizePhone("+"+digits, ""); got != want || ok != wantOK {
				t.Errorf("NormalizePhone(+%s) = %q, %v, want %q, %v as the library", digits, got, ok, want, wantOK)
			}
			if kept, _ := plans().check([]byte(digits)); kept {
				quick++
			}
		}
	}
	if quick < 2500 {
		t.Errorf("only %d numbers were normalized without the library", quick)
	}
}

func TestFormatPhone(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"without a lone digit", "+12345678", "+1 234 56 78"},
		{"American", "+15557040102", "+1 555 704 0102"},
		{"a WhatsApp address", "whatsapp:+15557040102", "+1 555 704 0102"},
		{"British", "+447700900015", "+44 7700 900015"},
		{"German", "+4930123456", "+49 30 123456"},
		{"French", "+33612345678", "+33 6 12 34 56 78"},
		{"Italian", "+390669812345", "+39 06 6981 2345"},
		{"too short to have groups of its own", "+123456789", "+1 234 567 89"},
		{"masked", "+12345XXXX", "+12345XXXX"},
		{"masked WhatsApp", "whatsapp:+1555123XXXX", "whatsapp:+1555123XXXX"},
		{"not a number", "call the office", "call the office"},
		{"a national number as it was written", "(555) 704-0102", "(555) 704-0102"},
		{"an unknown country code", "+9991234567", "+9991234567"},
		{"a zero after the plus", "+0123456789", "+0123456789"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := FormatPhone(tt.in); got != tt.want {
				t.Errorf("FormatPhone(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestParsePhoneQuery(t *testing.T) {
	tests := []struct {
		name, in string
		want     PhoneQuery
		ok       bool
	}{
		{"a part", "704-01", PhoneQuery{Runs: []string{"70401"}}, true},
		{"with 00", "0049 30 123", PhoneQuery{Runs: []string{"004930123", "4930123"}}, true},
		{"two zeros alone", "00", PhoneQuery{Runs: []string{"00"}}, true},
		{"American with its code", "+1 (555) 7040102", PhoneQuery{Runs: []string{"15557040102"}, Complete: []string{"5557040102"}}, true},
		{"British with its code", "+44 7700 900015",
			PhoneQuery{Runs: []string{"447700900015"}, Complete: []string{"7700900015", "07700900015"}}, true},
		{"a trunk zero in brackets", "+44 (0)7700 900", PhoneQuery{Runs: []string{"447700900"}, Complete: []string{"7700900", "07700900"}}, true},
		{"a zero in brackets that stays", "+39 (0)6 12", PhoneQuery{Runs: []string{"390612"}}, true},
		{"an extension", "555 704 0102 x5", PhoneQuery{Runs: []string{"5557040102"}}, true},
		{"a zero in brackets without a code", "(0)30", PhoneQuery{Runs: []string{"030"}}, true},
		{"a beginning that is quoted", "whatsapp:+1555…", PhoneQuery{Runs: []string{"1555"}}, true},
		{"a word", "555 x", PhoneQuery{}, false},
		{"no digit", "+", PhoneQuery{}, false},
		{"very many digits", "1234567890123456789012345", PhoneQuery{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := ParsePhoneQuery(tt.in)
			if diff := cmp.Diff(tt.want, got); diff != "" || ok != tt.ok {
				t.Errorf("ParsePhoneQuery(%q) = _, %v (-want +got):\n%s", tt.in, ok, diff)
			}
		})
	}
}

func TestNumbersIn(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"a number with dashes", "Call 555-704-0102 now", []string{"5557040102"}},
		{"two numbers", "030/123456, +44 (7700) 900015.", []string{"030123456", "447700900015"}},
		{"one whose digits are together is found as text", "Call 5557040102", nil},
		{"too few digits", "Room 12-34", nil},
		{"digits on two lines are two", "555 704\n0102", nil},
		{"too many digits", "1234 5678 1234 5678 1234 5678", nil},
		{"digits of another script", "٠٧٧٠٠ ٩٠٠٠١٥", []string{"07700900015"}},
		{"no digits", "nothing", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, NumbersIn(tt.in)); diff != "" {
				t.Errorf("NumbersIn(%q) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestDigits(t *testing.T) {
	for in, want := range map[string]string{"": "", "a1b2": "12", "٠١٢٣٤٥٦٧٨٩": "0123456789", "०९": "09", "𝟘𝟿𝟬𝟵": "0909", "②½": "", "１２": "12", "1\xff2": "12"} {
		if got := Digits(in); got != want {
			t.Errorf("Digits(%q) = %q, want %q", in, got, want)
		}
	}
	// Every digit folds to the same one that Digits makes of it.
	for r := range everyRune() {
		if d := Digits(string(r)); d != "" && Fold(string(r)) != d {
			t.Errorf("Digits(%q) = %q, but it folds to %q", r, d, Fold(string(r)))
		}
	}
}

func FuzzPhone(f *testing.F) {
	for _, s := range []string{"(555) 704-0102", "+49 (0)30 123456", "tel:+1", "0049", "+", "（0）", "+1（0）", "whatsapp:+15557040102"} {
		f.Add(s, "US")
	}
	f.Fuzz(func(t *testing.T, raw, region string) {
		if number, ok := NormalizePhone(raw, region); ok {
			if !isE164(number) {
				t.Fatalf("NormalizePhone(%q, %q) = %q", raw, region, number)
			}
			if again, ok := NormalizePhone(number, region); !ok || again != number {
				t.Fatalf("NormalizePhone(%q, %q) = %q, then %q, %v", raw, region, number, again, ok)
			}
			if got := Digits(FormatPhone(number)); got != number[1:] {
				t.Fatalf("FormatPhone(%q) = %q", number, FormatPhone(number))
			}
		}
		if s := FormatPhone(raw); utf8.ValidString(raw) && !utf8.ValidString(s) {
			t.Fatalf("FormatPhone(%q) = %q", raw, s)
		}
		PhoneRuns(raw)
		ParsePhoneQuery(raw)
		NumbersIn(raw)
	})
}

func BenchmarkNormalizePhone(b *testing.B) {
	for _, bm := range []struct{ raw, region string }{{"+15557040102", "US"}, {"(555) 704-0102", "US"}, {"+44 7700 900015", "US"},
		{"07700 900015", "GB"}, {"call the office", "US"}, {"030 123456", "DE"}} {
		b.Run(bm.raw, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				NormalizePhone(bm.raw, bm.region)
			}
		})
	}
}

func BenchmarkPhoneRuns(b *testing.B) {
	for _, value := range []string{"+15557040102", "whatsapp:+447700900015", "call the office"} {
		b.Run(value, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				PhoneRuns(value)
			}
		})
	}
}

// BenchmarkLibrary measures what the shortcuts save.
func BenchmarkLibrary(b *testing.B) {
	for b.Loop() {
		if _, err := phonenumbers.Parse("+15557040102", ""); err != nil {
			b.Fatal(err)
		}
	}
}
