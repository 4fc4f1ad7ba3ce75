package text

import (
	"iter"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestFold(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"folded already", "bobby s", "bobby s"},
		{"case and punctuation", "  Bobby S. ", "bobby s"},
		{"a composed accent", "José", "jose"},
		{"a combining accent", "Jose\u0301", "jose"},
		{"several accents on a letter", "Nguyễn", "nguyen"},
		{"letters with a stroke", "Łukasz Øvergård Đặng Ħal", "lukasz overgard dang hal"},
		{"a straight apostrophe", "O'Neil", "oneil"},
		{"a curly apostrophe", "O’Neil", "oneil"},
		{"a modifier letter for an apostrophe", "Oʻahu", "oahu"},
		{"an acute accent for an apostrophe", "O´Neil", "oneil"},
		{"a full-width apostrophe", "Ｏ＇Ｎｅｉｌ", "oneil"},
		{"sharp s", "Straße STRAẞE", "strasse strasse"},
		{"ligatures", "ﬁnance Æsir cœur", "finance aesir coeur"},
		{"Turkish dotted and dotless i", "İstanbul Iğdır", "istanbul igdir"},
		{"Greek with tonos and final sigma", "Γιώργος ΓΙΩΡΓΟΣ", "γιωργοσ γιωργοσ"},
		{"Cyrillic short i and yo, found either way", "Йорданка Ёлкин", "иорданка елкин"},
		{"Ukrainian ge with upturn", "Ґалаґан", "галаган"},
		{"Arabic with harakat and tatweel", "مُحَمَّـــد", "محمد"},
		{"Arabic alefs, yehs and teh marbuta", "أحمد إيمان آمنة علی منى", "احمد ايمان امنه علي مني"},
		{"Hebrew with niqqud and geresh", "שָׁלוֹם צ׳רלי", "שלום צרלי"},
		{"Hangul stays in syllables", "민준 박", "민준 박"},
		{"Hangul written in jamo becomes syllables", "\u1106\u1175\u11ab", "민"},
		{"kana keep their voicing", "がガ ｶﾞ", "がガ ガ"},
		{"full-width letters and digits", "ＡＢＣ　１２３", "abc 123"},
		{"digits of other scripts", "٠٧٧ ०७७ 𝟘𝟟", "077 077 07"},
		{"circled and superscript digits", "② m²", "2 m2"},
		{"Devanagari keeps its vowels", "हिन्दी क्षत्रिय", "हिन्दी क्षत्रिय"},
		{"Thai keeps its vowels and tones", "สมชาย น้ำ", "สมชาย น้ํา"},
		{"Tamil", "கோபால்", "கோபால்"},
		{"Han and Latin are parted", "株式会社ABC", "株式会社 abc"},
		{"Han beyond the first plane", "𠮷野家", "𠮷野家"},
		{"an ideographic variation", "葛\U000E0100城", "葛城"},
		{"a katakana middle dot", "ジョン・スミス", "ジョン スミス"},
		{"a Latin middle dot", "Col·legi", "collegi"},
		{"emoji are words", "Ann🚀Smith", "ann 🚀 smith"},
		{"joiners, variation selectors and skin tones of emoji", "👩🏽\u200d🚀 ❤\ufe0f", "👩🚀 ❤"},
		{"punctuation between words", "Smith, Ann (Acme—Corp.) & «Co»", "smith ann acme corp co"},
		{"an email address", "Bobby.S+x@Example.com", "bobby s x example com"},
		{"controls and line breaks", "a\x00b\r\nc\u2028d", "a b c d"},
		{"invisible characters", "\u202ejo\u200bse\ufeff\u00ad", "jose"},
		{"a trade mark", "Acme™ ℠", "acme"},
		{"invalid UTF-8", "a\xffb\xc3", "a b"},
		{"nothing but punctuation", "-- '…' --", ""},
		{"a heap of marks", "Z" + strings.Repeat("\u0310", 500) + "algo", "zalgo"},
		{"a mark without a letter", "\u0301 a", "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Fold(tt.in); got != tt.want {
				t.Errorf("Fold(%q)\ngot  %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestAppendFold(t *testing.T) {
	for _, s := range []string{"Bobby S.", "’É", "é", "\u0301x", " 株A"} {
		for _, before := range []string{"x", "é", " ", "株"} {
			if got, want := string(AppendFold([]byte(before), s)), before+Fold(s); got != want {
				t.Errorf("AppendFold(%q, %q) = %q, want %q", before, s, got, want)
			}
		}
	}
}

// checkFold checks the invariants of Fold.
func checkFold(t *testing.T, s string) {
	t.Helper()
	f := Fold(s)
	if !utf8.ValidString(f) {
		t.Fatalf("Fold(%q) = %q, want valid UTF-8", s, f)
	}
	if again := Fold(f); again != f {
		t.Fatalf("Fold(%q) = %q (%x), which folds to %q (%x)", s, f, f, again, again)
	}
	if !norm.NFC.IsNormalString(f) {
		t.Fatalf("Fold(%q) = %q (%x) is not composed", s, f, f)
	}
	if strings.HasPrefix(f, " ") || strings.HasSuffix(f, " ") || strings.Contains(f, "  ") {
		t.Fatalf("Fold(%q) = %q, want single spaces only between words", s, f)
	}
	for _, r := range f {
		if unicode.IsControl(r) || unicode.IsUpper(r) && unicode.ToLower(r) != r {
			t.Fatalf("Fold(%q) = %q has %U", s, f, r)
		}
	}
}

// everyRune yields the runes of the first two planes, every 16th where they are alike (Han,
// Hangul, unassigned), and some of the others.
func everyRune() iter.Seq[rune] {
	return func(yield func(rune) bool) {
		for r := rune(0); r <= unicode.MaxRune; r++ {
			if !yield(r) {
				return
			}
			switch {
			case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Tangut, unicode.Co, unicode.Cs) || r > 0xff && !unicode.IsGraphic(r) && !unicode.Is(unicode.C, r):
				r += 0xf
			case r >= 0x20000 && (r < 0xE0000 || r > 0xE01FF):
				r += 0x3ff
			}
		}
	}
}

func TestFold_EveryCharacter(t *testing.T) {
	for r := range everyRune() {
		checkFold(t, string(r))
		checkFold(t, "a"+string(r)+"\u0301क"+string(r)+"\u3099")
		upper, lower := Fold(string(unicode.ToUpper(r))), Fold(string(unicode.ToLower(r)))
		if upper != lower && unicode.IsLetter(r) {
			t.Errorf("Fold of %q = %q in upper case, %q in lower, want the same", r, upper, lower)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"José", "O’Neil", "민준", "株式会社ABC", "a\xff", "\u1100\u200d\u1161", "क\u094d\u200dष", "Ⅷ½™"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkFold(t, s) })
}

func BenchmarkFold(b *testing.B) {
	for _, s := range []string{"Bobby O'Neil (Smith)", "bobby oneil smith jr", "Łukasz Øvergård-Núñez", "Елена Смирнова", "佐藤 美咲", "मोहन कुमार"} {
		b.Run(s, func(b *testing.B) {
			dst := make([]byte, 0, 128)
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendFold(dst[:0], s)
			}
		})
	}
}
