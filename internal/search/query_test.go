package search

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/text"
)

func TestQuery_Match(t *testing.T) {
	tests := []struct {
		name, called, query string
		class               uint8
		ok                  bool
	}{
		{"by the beginning of its name", "José O’Neil", "jose on", ClassName, true},
		{"by words in another order", "José O’Neil", "oneil jos", ClassWords, true},
		{"by a part of a word", "José O’Neil", "nei", ClassAny, true},
		{"not by two letters within a word", "José O’Neil", "ne", 0, false},
		{"by digits in other groups", "Ann 030/555 12-34", "0305551234", ClassAny, true},
		{"by three digits within a number", "Unit 48213", "821", ClassAny, true},
		{"not by two digits within a number", "Unit 48213", "82", 0, false},
		{"by two digits that begin a number", "Unit 48213", "48", ClassWords, true},
		{"by a number as it is typed with its country code", "Ann (555) 704-0102", "+1 555 704 0102", ClassAny, true},
		{"not by nothing", "Ann", "---", 0, false},
		{"by a character of a script without blanks", "李小龙", "小", ClassAny, true},
		{"by an umlaut written out", "Hans Müller", "muell", ClassWords, true},
		{"by an umlaut written out, whole", "Hans Müller", "hans mueller", ClassWords, true},
		{"by an umlaut without its dots", "Hans Müller", "hans mul", ClassName, true},
		{"by an umlaut where it is written out", "Hans Mueller", "Hans Müll", ClassName, true},
		{"by umlauts, some of them written out", "Jörg Mueller", "jörg müller", ClassWords, true},
		{"by Nordic letters written out", "Søren Ångström", "soeren aang", ClassWords, true},
		{"not by two letters that are no umlaut", "Susan Maler", "sue", 0, false},
		{"not by an umlaut that is another one", "Hans Müller", "moeller", 0, false},
		{"by a syllable that is half typed", "김철수", "김ㅊ", ClassName, true},
		{"by a syllable without its end", "김철수", "김처", ClassName, true},
		{"by a syllable whose end moves to the next", "하나", "한", ClassName, true},
		{"not by a syllable without its end within a word", "김철수", "처수", 0, false},
		{"not by another syllable", "김철수", "김천", 0, false},
		{"by hiragana for katakana", "サトウ ミカ", "さとう", ClassName, true},
		{"by katakana for hiragana", "さとう みか", "ミカ", ClassWords, true},
		{"by katakana in half width", "さとう みか", "ｻﾄｳ", ClassName, true},
		{"never, when its name folds to nothing", "---", "a", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := AppendNamed(nil, tt.called)
			class, ok := ParseQuery(tt.query).Match(doc)
			if class != tt.class || ok != tt.ok {
				t.Errorf("Match(%q) of query %q = %d, %v, want %d, %v", doc, tt.query, class, ok, tt.class, tt.ok)
			}
		})
	}
}

func TestParseQuery_Long(t *testing.T) {
	name := strings.Repeat("Łongname ", 600)
	doc := AppendNamed(nil, name)
	if class, ok := ParseQuery(name).Match(doc); !ok || class != ClassName {
		t.Errorf("Match of a name of %d bytes = %d, %v, want ClassName, true", len(name), class, ok)
	}
	q := ParseQuery(strings.Repeat("李", 5000))
	if n := len(q.String()); n > text.MaxQueryBytes || !utf8.ValidString(q.String()) {
		t.Errorf("ParseQuery of 5,000 characters has %d bytes, want at most %d of valid UTF-8", n, text.MaxQueryBytes)
	}
	if n := len(ParseQuery(strings.Repeat("a ", 5000)).spellings[0].wordStarts); n != text.MaxQueryWords {
		t.Errorf("ParseQuery of 5,000 words has %d, want %d", n, text.MaxQueryWords)
	}
}

func TestQuery_IsEmpty(t *testing.T) {
	for _, s := range []string{"", " ", "-", "'", "\u200b\u202e", "!!! ???", "\x00"} {
		if q := ParseQuery(s); !q.IsEmpty() {
			t.Errorf("ParseQuery(%q).IsEmpty() = false, want true", s)
		}
	}
	for _, s := range []string{"a", "1", "李", "🚀"} {
		if q := ParseQuery(s); q.IsEmpty() {
			t.Errorf("ParseQuery(%q).IsEmpty() = true, want false", s)
		}
	}
}
