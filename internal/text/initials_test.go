package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

func TestInitials(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"two words", "Bobby S.", "BS"},
		{"one word", "bobby", "B"},
		{"first and last of many words", "María de la Cruz", "MC"},
		{"small letters", "ann smith", "AS"},
		{"an accent of its own", "e\u0301lodie o\u0308z", "E\u0301O\u0308"},
		{"a hyphen does not part words", "Jean-Luc", "J"},
		{"punctuation before a word", "(Bob) “Ace”", "BA"},
		{"words of punctuation", "Ann & - Bob !", "AB"},
		{"markup", "<script>alert(1)</script>", "S"},
		{"a formula", "=HYPERLINK(\"http://evil.example\",\"x\")", "H"},
		{"Han without a blank", "李小龙", "李"},
		{"Han and Latin", "太郎 Şahin", "太Ş"},
		{"Hangul", "민준 박", "민박"},
		{"Hangul in jamo", "\u1106\u1175\u11ab", "\u1106\u1175\u11ab"},
		{"Arabic letters do not join", "محمد علي", "م\u200cع"},
		{"one Arabic word", "محمد", "م"},
		{"Arabic and Latin", "محمد Smith", "مS"},
		{"Hebrew", "דוד כהן", "דכ"},
		{"Devanagari with its vowel", "मोहन किशोर", "मोकि"},
		{"a Devanagari conjunct is whole", "क्षितिज", "क्षि"},
		{"Georgian stays small", "გიორგი მელია", "გმ"},
		{"a digraph", "ǆemal", "Ǆ"},
		{"an emoji family is whole", "👨\u200d👩\u200d👧 Fam", "👨\u200d👩\u200d👧F"},
		{"a flag is whole", "Ann 🇫🇷", "A🇫🇷"},
		{"an emoji with a skin tone", "👍🏽", "👍🏽"},
		{"a digit", "3M Company", "3C"},
		{"a keycap", "1\ufe0f\u20e3 Ann", "1\ufe0f\u20e3A"},
		{"bidi controls", "\u202eBob\u202c \u2066Smith\u2069", "BS"},
		{"controls between words", "Bob\x00Smith", "BS"},
		{"punctuation alone", "... !", "."},
		{"nothing", "", ""},
		{"nothing that can be seen", "\u200b \u202e", ""},
		{"invalid UTF-8", "\xff\xfe Bob", "B"},
		{"a heap of marks", "Z" + strings.Repeat("\u0310", 5000), "Z"},
		{"a very long name", strings.Repeat("x", 5000) + " y", "XY"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Initials(tt.in); got != tt.want {
				t.Errorf("Initials(%q) = %q (%x), want %q", tt.in, got, got, tt.want)
			}
		})
	}
}

func FuzzInitials(f *testing.F) {
	f.Add("Bobby S.")
	f.Add("क्ष \u200d👨\u200d👩")
	f.Fuzz(func(t *testing.T, s string) {
		got := Initials(s)
		if !utf8.ValidString(got) || len(got) > 2*3*maxGrapheme+3 {
			t.Fatalf("Initials(%q) = %q", s, got)
		}
		if n := uniseg.GraphemeClusterCount(got); n > 4 { // a conjunct may count as two
			t.Fatalf("Initials(%q) = %q has %d graphemes", s, got, n)
		}
	})
}
