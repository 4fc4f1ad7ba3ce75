package text

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPhoneForms(t *testing.T) {
	for _, tt := range []struct{ name, in, international, national string }{
		{"United States", "+15557040102", "+15557040102 15557040102", "5557040102"},
		{"United Kingdom", "+447700900015", "+447700900015 447700900015", "07700900015 7700900015"},
		{"Germany", "+4930123456", "+4930123456 4930123456", "030123456 30123456"},
		{"France", "+33612345678", "+33612345678 33612345678", "0612345678 612345678"},
		{"Italy, whose zero stays", "+390669812345", "+390669812345 390669812345", "0669812345"},
		{"Russia, whose trunk prefix is 8", "+79161234567", "+79161234567 79161234567", "89161234567 9161234567"},
		{"Hungary, whose trunk prefix is 06", "+36201234567", "+36201234567 36201234567", "06201234567 201234567"},
		{"India", "+919876543210", "+919876543210 919876543210", "09876543210 9876543210"},
		{"Singapore, without a trunk prefix", "+6591234567", "+6591234567 6591234567", "91234567"},
		{"Israel", "+972501234567", "+972501234567 972501234567", "0501234567 501234567"},
		{"Nigeria", "+2348031234567", "+2348031234567 2348031234567", "08031234567 8031234567"},
		{"Egypt", "+201001234567", "+201001234567 201001234567", "01001234567 1001234567"},
		{"Brazil with the ninth digit", "+5511987654321", "+5511987654321 5511987654321 +551187654321 551187654321",
			"011987654321 11987654321 01187654321 1187654321"},
		{"Brazil without the ninth digit", "+551187654321", "+551187654321 551187654321 +5511987654321 5511987654321",
			"01187654321 1187654321 011987654321 11987654321"},
		{"Brazil, a landline", "+551132654321", "+551132654321 551132654321", "01132654321 1132654321"},
		{"Brazil, a mobile that is no landline with a 9", "+5511932654321", "+5511932654321 5511932654321", "011932654321 11932654321"},
		{"Mexico with 1", "+5215512345678", "+5215512345678 5215512345678 +525512345678 525512345678",
			"5512345678 015512345678 0445512345678 0455512345678"},
		{"Mexico without 1", "+525512345678", "+525512345678 525512345678 +5215512345678 5215512345678",
			"5512345678 015512345678 0445512345678 0455512345678"},
		{"Buenos Aires with 9", "+5491123456789", "+5491123456789 5491123456789 +541123456789 541123456789",
			"01123456789 1123456789 0111523456789 111523456789"},
		{"Córdoba without 9", "+543514123456", "+543514123456 543514123456 +5493514123456 5493514123456",
			"03514123456 3514123456 0351154123456 351154123456 0351415123456 351415123456"},
		{"an unknown country code", "+9991234567", "+9991234567 9991234567", ""},
		{"a short number at home", "+29022577", "+29022577 29022577", ""},
		{"national", "07700900015", "", ""},
		{"with blanks", "+44 7700 900015", "", ""},
		{"nothing", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			international, national := PhoneForms(tt.in)
			if got := strings.Join(international, " "); got != tt.international {
				t.Errorf("PhoneForms(%q) international = %s, want %s", tt.in, got, tt.international)
			}
			if got := strings.Join(national, " "); got != tt.national {
				t.Errorf("PhoneForms(%q) national = %s, want %s", tt.in, got, tt.national)
			}
		})
	}
}

func TestPhoneRuns(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"British", "+447700900015", []string{"447700900015", "07700900015"}},
		{"American", "+15557040102", []string{"15557040102", "5557040102"}},
		{"a WhatsApp address", "whatsapp:+15557040102", []string{"15557040102", "5557040102"}},
		{"Russian", "+79161234567", []string{"79161234567", "89161234567"}},
		{"Italian", "+390669812345", []string{"390669812345", "0669812345"}},
		{"Hungarian", "+3612345678", []string{"3612345678", "0612345678"}},
		{"of no country", "+80012345678", []string{"80012345678", "12345678"}},
		{"with an extension as it is dialed", "+447700900015;ext=12", []string{"447700900015", "07700900015"}},
		{"national, with an extension", "(555) 704-0102 x5", []string{"5557040102"}},
		{"of two international forms", "+5215512345678", []string{"5215512345678", "525512345678", "5512345678", "015512345678", "0445512345678", "0455512345678"}},
		{"an unknown country code", "+9991234567", []string{"9991234567"}},
		{"not normalized", "(555) 704-0102", []string{"5557040102"}},
		{"with an extension", "+1 555 704 0102 ext. 5", []string{"15557040102", "5557040102"}},
		{"digits of another script", "٠٧٧٠٠", []string{"07700"}},
		{"no digits", "call the office", nil},
		{"nothing", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, PhoneRuns(tt.in)); diff != "" {
				t.Errorf("PhoneRuns(%q) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func FuzzPhoneForms(f *testing.F) {
	for _, s := range []string{"+15557040102", "+5511987654321", "+52", "+543514123456", "whatsapp:+1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		international, _ := PhoneForms(s)
		if len(international) > 0 && international[0] != s {
			t.Errorf("PhoneForms(%q) begins with %q", s, international[0])
		}
		// The other form has the same forms.
		for i := 0; i < len(international); i += 2 {
			if again, _ := PhoneForms(international[i]); len(again) != len(international) {
				t.Errorf("PhoneForms(%q) = %v, but that of %q is %v", s, international, international[i], again)
			}
		}
	})
}
