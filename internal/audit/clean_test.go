package audit

import (
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"
)

func TestCleanText(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain text stays":                  {"ada@example.com", "ada@example.com"},
		"letters of other scripts stay":     {"Łukasz 名前 دينا 👩‍👧", "Łukasz 名前 دينا 👩‍👧"},
		"an id stays, blanks and all":       {"  a  b ", "  a  b "},
		"control characters are shown":      {"a\x00b\tc\nd\x7fe", "a␀b␉c␊d␡e"},
		"other controls are named":          {"a\u0085b", "a<U+85>b"},
		"direction marks are named":         {"a\u202eb\u2066c", "a<U+202E>b<U+2066>c"},
		"line separators are named":         {"a\u2028b", "a<U+2028>b"},
		"invalid UTF-8 is replaced":         {"a\xffb\xc3", "a\ufffdb\ufffd"},
		"an id of 512 bytes stays":          {strings.Repeat("i", 512), strings.Repeat("i", 512)},
		"longer text is cut":                {strings.Repeat("i", 513), strings.Repeat("i", 509) + "…"},
		"not within a character":            {strings.Repeat("é", 400), strings.Repeat("é", 254) + "…"},
		"nor within a name of one":          {strings.Repeat("i", 505) + "\u202e" + strings.Repeat("i", 9), strings.Repeat("i", 505) + "…"},
		"also when showing makes it longer": {strings.Repeat("\x01", 300), strings.Repeat("␁", 169) + "…"},
	} {
		if got := cleanText(c.in); got != c.want || len(got) > MaxField {
			t.Errorf("cleanText(%q), %s = %q (%d bytes), want %q", c.in, name, got, len(got), c.want)
		}
	}
}

func TestLog_CleansEveryEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store)
		long := strings.Repeat("\x00\xff", 10_000)
		e := Entry{Actor: long, Via: long, Action: Action(long), Subject: long, Name: long, Detail: long, Address: long, Count: -1}
		if err := l.Write(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		e.Count = 0
		l.Record(e)
		l.Viewed(long, long, long, long)
		closeLog(t, l)
		entries := store.stored()
		if len(entries) != 3 {
			t.Fatalf("stored() = %d entries, want 3", len(entries))
		}
		for _, e := range entries {
			for _, s := range []string{e.Actor, e.Via, string(e.Action), e.Subject, e.Name, e.Detail, e.Address} {
				if len(s) > MaxField || !utf8.ValidString(s) || strings.Contains(s, "\x00") || e.Count < 0 {
					t.Fatalf("stored text %q is not clean", s)
				}
			}
		}
	})
}
