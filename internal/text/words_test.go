package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestMarks(t *testing.T) {
	tests := []struct {
		name, in, query string
		want            []string // the marked parts
	}{
		{"a whole word", "Bobby Smith", "smith", []string{"Smith"}},
		{"the beginning of two words", "Bobby Smith", "bo sm", []string{"Bo", "Sm"}},
		{"three letters within a word", "Bobby Smith", "mit", []string{"mit"}},
		{"two letters within a word are not a match", "Bobby Smith", "it", nil},
		{"every place", "Anna Hannah", "ann", []string{"Ann", "ann"}},
		{"accents", "José Nguyễn", "jose nguyen", []string{"José", "Nguyễn"}},
		{"a combining accent is marked with its letter", "Jose\u0301 X", "jose", []string{"Jose\u0301"}},
		{"an apostrophe that was left out", "Tim O’Neil", "oneil", []string{"O’Neil"}},
		{"a letter that folds to two, half of it", "Straße", "stras", []string{"Straß"}},
		{"a ligature", "ﬁnance", "fin", []string{"ﬁn"}},
		{"Han within a name", "李小龙", "小", []string{"小"}},
		{"Han and Latin together", "株式会社ABC", "会社ab", []string{"会社AB"}},
		{"a voiced kana of two characters", "ｶﾞラス", "ガ", []string{"ｶﾞ"}},
		{"a Hangul syllable in jamo", "\u1100\u1161\u11a8 Kim", "각", []string{"\u1100\u1161\u11a8"}},
		{"a family", "The 👨\u200d👩\u200d👧 X", "👩", []string{"👨\u200d👩\u200d👧"}},
		{"an email address over its punctuation", "me: ann.b@x.org!", "ann.b@x", []string{"ann.b@x"}},
		{"neighboring words stay apart", "Ann Smith", "ann smith", []string{"Ann", "Smith"}},
		{"overlapping words become one", "Annabel", "anna nab", []string{"Annab"}},
		{"an umlaut that is typed as two letters", "Hans Müller", "muel", []string{"Mül"}},
		{"two letters for an umlaut that is typed", "Hans Mueller", "mül", []string{"Muel"}},
		{"an umlaut that is typed without its dots", "Hans Müller", "mul", []string{"Mül"}},
		{"umlauts in other spellings", "Søren Kjær, Åsa", "soer kjae aas", []string{"Sør", "Kjæ", "Ås"}},
		{"a half-typed syllable", "김철수", "김ㅊ", []string{"김철"}},
		{"a syllable without its last consonant", "김철수", "처", []string{"철"}},
		{"a consonant that moves to the next syllable", "하나은행", "한", []string{"하나"}},
		{"katakana for hiragana", "さとう みか", "サト", []string{"さと"}},
		{"hiragana for katakana in half width", "ｻﾄｳ ﾐｶﾞ", "みが", []string{"ﾐｶﾞ"}},
		{"digits", "Suite 4711", "٤٧١", []string{"471"}},
		{"nothing typed", "Bobby", "", nil},
		{"punctuation typed", "Bobby - S", "-", nil},
		{"no name", "", "x", nil},
		{"right to left", "محمد علي", "مُحَ", []string{"مح"}},
		{"blanks and controls around", "\u202e  Bobby\x00", "bobby", []string{"Bobby"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range Matches(tt.in, tt.query) {
				got = append(got, tt.in[s.Start:s.End])
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Marks(%q, %q) (-want +got):\n%s", tt.in, tt.query, diff)
			}
		})
	}
}

func TestWords(t *testing.T) {
	tests := []struct {
		name, in string
		want     []Word
	}{
		{"by length", "An Anna 12 123", []Word{{"an", "an", false}, {"anna", "anna", true}, {"12", "12", false}, {"123", "123", true}}},
		{"two letters of three bytes", "éß ñ", []Word{{"ess", "ess", true}, {"n", "n", false}}},
		{"scripts without blanks", "李 あ 나 ช 🚀", []Word{{"李", "李", true}, {"あ", "あ", true}, {"ㄴㅏ", "ㄴㅏ", true}, {"ช", "ช", true}, {"🚀", "🚀", true}}},
		{"umlauts", "Mü Åse Jörg.Öl@x", []Word{{"mu", "mue", false}, {"ase", "aase", true}, {"jorg ol x", "joerg oel x", true}}},
		{"an email address", "o'neil@x.org", []Word{{"oneil x org", "oneil x org", true}}},
		{"an at sign at an end", "@ann bob@", []Word{{"ann", "ann", true}, {"bob", "bob", true}}},
		{"an at sign between punctuation", ".@.", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Words(tt.in)); diff != "" {
				t.Errorf("Words(%q) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func FuzzMarks(f *testing.F) {
	f.Add("José O’Neil 株式会社ABC", "oneil 会社ab")
	f.Add("👨\u200d👩\u200d👧", "👩")
	f.Fuzz(func(t *testing.T, name, query string) {
		plain, out := searchForm(name, typed)
		for as, want := range map[form]string{folded: Fold(name), typed: plain, writtenOut: out} {
			if m, _ := foldWithMap(name, as); utf8.ValidString(name) && string(m.folded) != want {
				t.Fatalf("foldWithMap(%q, %d) = %q, want %q", name, as, m.folded, want)
			}
		}
		end := 0
		for _, s := range Matches(name, query) {
			if s.Start < end || s.End <= s.Start || s.End > len(name) {
				t.Fatalf("Marks(%q, %q) has %v after %d", name, query, s, end)
			}
			end = s.End
		}
		total := 0
		for _, w := range Words(query) {
			total += len(w.Text)
			if again, _ := searchForm(w.Text, typed); w.Text == "" || w.Text != again || strings.Contains(w.Text, " ") && !strings.Contains(query, "@") {
				t.Fatalf("Words(%q) has %q", query, w.Text)
			}
		}
		if total > MaxQueryBytes {
			t.Fatalf("Words(%q) is %d bytes", query, total)
		}
	})
}
