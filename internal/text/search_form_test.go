package text

import (
	"strings"
	"testing"
)

func TestAppendSearchForm(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"as folded", "José O’Neil", "jose oneil"},
		{"umlauts", "Jürgen Groß", "jurgen gross juergen"},
		{"umlauts of two characters", "Mu\u0308ller A\u030Ase", "muller ase mueller aase"},
		{"Nordic letters", "Søren Ångström Ærø", "soren angstrom aero soeren aangstroem aeroe"},
		{"letters with other marks", "Ụdo Őri Ûna", "udo ori una"},
		{"an umlaut with another mark", "Lǚ", "lu lue"},
		{"Hangul by keys", "김철수", "ㄱㅣㅁㅊㅓㄹㅅㅜ"},
		{"Hangul of two keys a letter", "과없의", "ㄱㅗㅏㅇㅓㅂㅅㅇㅡㅣ"},
		{"Hangul in jamo", "\u1112\u1161\u11ab", "ㅎㅏㄴ"},
		{"Hangul that is half typed", "김ㅊ", "ㄱㅣㅁㅊ"},
		{"katakana", "サトウ・ミカ", "さとう みか"},
		{"katakana in half width", "ｶﾞﾗｽ ﾊﾟﾝ", "がらす ぱん"},
		{"katakana without hiragana", "ヴァン", "ゔぁん"},
		{"a long vowel", "ラーメン", "らーめん"},
		{"Han, as it is", "山田太郎", "山田太郎"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(AppendSearchForm(nil, tt.in)); got != tt.want {
				t.Errorf("AppendSearchForm(%q)\ngot  %q\nwant %q", tt.in, got, tt.want)
			}
			if again, _ := searchForm(tt.want, typed); again != tt.want {
				t.Errorf("searchForm(%q) = %q, want the same", tt.want, again)
			}
		})
	}
}

// What is typed for a Korean name finds it after each key.
func TestAppendSearchForm_HangulKeyByKey(t *testing.T) {
	for name, keys := range map[string]string{
		"하나":  "ㅎ 하 한 하나",
		"김철수": "ㄱ 기 김 김ㅊ 김처 김철 김철ㅅ 김철수",
		"과일":  "ㄱ 고 과 광 과이 과일",
		"닭갈비": "ㄷ 다 달 닭 닭ㄱ 닭가 닭갈 닭갈ㅂ 닭갈비",
		"앉아":  "ㅇ 아 안 앉 앉ㅇ 앉아",
	} {
		form := string(AppendSearchForm(nil, name))
		for _, half := range strings.Fields(keys) {
			if got, _ := searchForm(half, typed); !strings.HasPrefix(form, got) {
				t.Errorf("searchForm(%q) = %q, want the beginning of %q of %s", half, got, form, name)
			}
		}
	}
}

func BenchmarkAppendSearchForm(b *testing.B) {
	for _, s := range []string{"Bobby O'Neil (Smith)", "Łukasz Øvergård-Núñez", "Елена Смирнова", "佐藤 美咲", "김철수", "サトウ ミカ"} {
		b.Run(s, func(b *testing.B) {
			dst := make([]byte, 0, 128)
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendSearchForm(dst[:0], s)
			}
		})
	}
}
