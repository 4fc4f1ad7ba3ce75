package text

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

func TestSection(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"a letter", "bobby", "B"},
		{"an accented letter is under its base", "Çelik", "C"},
		{"a letter with a stroke", "Łukasz", "L"},
		{"a ligature under its first letter", "Ærø", "A"},
		{"sharp s", "ßen", "S"},
		{"dotless i", "ışık", "I"},
		{"a full-width letter", "Ｂｏｂ", "B"},
		{"a digit", "3M", "#"},
		{"a digit of another script", "٣M", "#"},
		{"an ASCII bracket", "(Bob)", "#"},
		{"a curly bracket, which ASCII has after z", "{Bob}", "#"},
		{"a guillemet", "«Рога и копыта»", "#"},
		{"an inverted question mark", "¿Qué?", "#"},
		{"a curly quote", "“Ace” Ventura", "#"},
		{"nothing", "", "#"},
		{"nothing that can be seen", "\u200b\u202e", "#"},
		{"invisible characters before a letter", "\u202e\u200bBob", "B"},
		{"blanks before a letter", " \tBob", "B"},
		{"invalid UTF-8", "\xffBob", "#"},
		{"Greek", "άλφα", "Α"},
		{"Cyrillic", "елена", "Е"},
		{"Cyrillic short i with i", "Йордан", "И"},
		{"Georgian stays small", "გიორგი", "გ"},
		{"Armenian", "արամ", "Ա"},
		{"Hebrew", "דוד", "ד"},
		{"Arabic with a hamza", "أحمد", "ا"},
		{"Devanagari", "राम", "र"},
		{"Thai", "สมชาย", "ส"},
		{"Han", "李小龙", "漢"},
		{"Han beyond the first plane", "𠮷野", "漢"},
		{"a Han compatibility character", "\ufa0e", "漢"},
		{"hiragana", "さくら", "さ"},
		{"hiragana by row", "くどう", "か"},
		{"voiced hiragana", "がまだせ", "か"},
		{"katakana by row", "ジョン", "サ"},
		{"half-width katakana", "ﾄﾖﾀ", "タ"},
		{"the last kana", "ん", "わ"},
		{"Hangul by consonant", "민준", "ㅁ"},
		{"Hangul with a doubled consonant", "뚝섬", "ㄷ"},
		{"the last Hangul consonant", "황", "ㅎ"},
		{"Hangul written in jamo", "\u1106\u1175\u11ab", "ㅁ"},
		{"a symbol", "★VIP", "☆"},
		{"an emoji", "🚀 Rocket", "☺"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Section(tt.in); got != tt.want {
				t.Errorf("Section(%q) = %q, want %q (key %q)", tt.in, got, tt.want, SortKey(tt.in))
			}
		})
	}
}

func TestSortKey_Order(t *testing.T) {
	want := []string{
		"", "!", "'Abd", "(Bob)", "123 Plumbing", "3M", "«Рога»", "¿Qué?", "“Ace”", "Ann", "Ann Smith", "Ann-Marie", "ÄNNA", "annb",
		"Çelik", "Dan", "Łukasz", "Lz", "O Neil", "O'Neil", "Oak", "Øvergård", "Oz", "Straße", "Strassf", "Zoë", "Zof",
		"Γιώργος", "Елена", "Ико", "Йод", "דוד", "محمد", "राम", "สมชาย", "★VIP", "さくら", "ジョン", "佐藤", "李小龙", "𠮷野", "민준", "🚀",
	}
	got := slices.Clone(want)
	r := rand.New(rand.NewPCG(1, 1))
	r.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
	slices.SortFunc(got, func(a, b string) int { return cmp.Compare(SortKey(a), SortKey(b)) })
	if !slices.Equal(got, want) {
		t.Errorf("order by SortKey\ngot  %q\nwant %q", got, want)
	}
}

func TestSortKey_IgnoresCaseAndAccents(t *testing.T) {
	for _, same := range [][]string{
		{"José", "JOSE", "jose\u0301", "ｊｏｓｅ", "\u202aJosé\u202c", " José "}, {"Łukasz", "lukasz"}, {"Straße", "STRASSE"},
		{"민", "\u1106\u1175\u11ab"}, {"がく", "かく"}, {"İI", "ıi"}, {"مُحَمَّد", "محمد"}, {"a\u00a0b", "A b"},
	} {
		for _, s := range same[1:] {
			if SortKey(s) != SortKey(same[0]) {
				t.Errorf("SortKey(%q) = %q, SortKey(%q) = %q, want the same", s, SortKey(s), same[0], SortKey(same[0]))
			}
		}
	}
	for _, pair := range [][2]string{{"O'Neil", "ONeil"}, {"Ann-Marie", "Ann Marie"}, {"A.B", "AB"}, {"पत", "पति"}} {
		if SortKey(pair[0]) == SortKey(pair[1]) {
			t.Errorf("SortKey of %q and of %q are the same", pair[0], pair[1])
		}
	}
}

// For usual names the order is that of lower case, without accents, byte by byte.
func TestSortKey_AgreesWithPlainComparison(t *testing.T) {
	plain := func(s string) string {
		s, _, _ = transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), s)
		return strings.ToLower(s)
	}
	first := []string{"Stefany", "Élodie", "élodie", "Елена", "Peter", "Hiro", "太郎", "민준", "美咲", "محمد", "Γιώργος", "Ünal", "Åsa",
		"אבי", "🚀 Ann", "Ann", "ANNA", "3M", "(Bob)", "O'Neil", "O’Neil", "Zoë", "Иван", "Йозеф", "Ёлка", "伟", "★ Ann"}
	last := []string{"", " Şahin", " Bernard", " de la Cruz", " 박", " Смирнова", "-Smith", ", Jr.", " 2", " 佐藤", " Núñez"}
	type entry struct{ name, key, plain string }
	var entries []entry
	for _, f := range first {
		for _, l := range last {
			entries = append(entries, entry{f + l, SortKey(f + l), plain(f + l)})
		}
	}
	for _, a := range entries {
		for _, b := range entries {
			if got, want := cmp.Compare(a.key, b.key), cmp.Compare(a.plain, b.plain); got != want {
				t.Fatalf("SortKey order of %q and %q = %d, want %d", a.name, b.name, got, want)
			}
		}
	}
}

// checkSections sorts names and fails if a section comes twice.
func checkSections(t *testing.T, names []string) {
	t.Helper()
	type row struct{ key, name string }
	rows := make([]row, len(names))
	for i, name := range names {
		rows[i] = row{SortKey(name), name}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.name, b.name)) })
	seen, last := map[string]string{}, ""
	for i, r := range rows {
		section := Section(r.name)
		if section == "" || !utf8.ValidString(section) {
			t.Fatalf("Section(%q) = %q", r.name, section)
		}
		if section == last {
			continue
		}
		if before, ok := seen[section]; ok {
			t.Fatalf("section %q had %q, then comes %q under %q, then %q (%q) under %q again",
				section, before, rows[i-1].name, last, r.name, r.key, section)
		}
		seen[section], last = r.name, section
	}
}

func TestSection_OnceForEveryFirstCharacter(t *testing.T) {
	var names []string
	for r := range everyRune() {
		names = append(names, string(r), string(r)+"z", "\u200b"+string(r)+"\u0301")
	}
	checkSections(t, names)
}

func TestSection_OnceInRandomLists(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	ranges := [][2]rune{{0, 0x7f}, {0x80, 0x24f}, {0x300, 0x36f}, {0x370, 0x6ff}, {0x900, 0xeff}, {0x1100, 0x11ff}, {0x1e00, 0x2fff},
		{0x3000, 0x30ff}, {0x3400, 0x9fff}, {0xac00, 0xd7ff}, {0xf900, 0xffff}, {0x1f000, 0x1faff}, {0x20000, 0x20fff}}
	for range 300 {
		names := make([]string, 300)
		for i := range names {
			var name []rune
			for range 1 + rnd.IntN(4) {
				r := ranges[rnd.IntN(len(ranges))]
				name = append(name, r[0]+rnd.Int32N(r[1]-r[0]+1))
			}
			names[i] = string(name)
		}
		checkSections(t, names)
	}
}

func FuzzSortKey(f *testing.F) {
	f.Add("José", "{x")
	f.Add("가", "\u1100\u1161\u11a8")
	f.Add("~", "`a")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, s := range []string{a, b} {
			key := SortKey(s)
			if !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl) {
				t.Fatalf("SortKey(%q) = %q", s, key)
			}
		}
		checkSections(t, []string{a, b, "ann", "{", "é", a + b, b + a, "漢", "z", "1"})
	})
}

func BenchmarkSortKey(b *testing.B) {
	for _, s := range []string{"Bobby O'Neil (Smith)", "Łukasz Øvergård-Núñez"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				SortKey(s)
			}
		})
	}
}
