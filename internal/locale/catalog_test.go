package locale_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clientele-project/clientele/internal/locale"
)

func load(t *testing.T) *locale.Catalog {
	t.Helper()
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pluralForms are the plural forms of each language in CLDR.
var pluralForms = map[string][]string{
	"en": {"one", "other"},
	"de": {"one", "other"},
	"ar": {"zero", "one", "two", "few", "many", "other"},
}

// splitPluralForm returns a key without its plural form, and whether it had one.
func splitPluralForm(key string) (string, bool) {
	i := strings.LastIndexByte(key, '.')
	if i > 0 && slices.Contains(pluralForms["ar"], key[i+1:]) {
		return key[:i], true
	}
	return key, false
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestCatalog_LanguagesAreComplete(t *testing.T) {
	c := load(t)
	english := c.Locales()[0]
	if english.Tag() != "en" || len(english.Keys()) < 100 {
		t.Fatalf("Locales()[0] is %s with %d messages, want en with 100 or more", english.Tag(), len(english.Keys()))
	}
	for _, l := range c.Locales() {
		want := make(map[string]bool)
		for _, key := range english.Keys() {
			base, plural := splitPluralForm(key)
			if !plural {
				want[key] = true
				continue
			}
			for _, form := range pluralForms[l.Tag()] {
				want[base+"."+form] = true
			}
		}
		for key := range want {
			if !l.Has(key) {
				t.Errorf("locale %s lacks %s", l.Tag(), key)
			} else if strings.TrimSpace(l.Text(key)) == "" {
				t.Errorf("Text(%s) in %s is empty", key, l.Tag())
			}
		}
		for _, key := range l.Keys() {
			if !want[key] {
				t.Errorf("locale %s has %s, which English lacks", l.Tag(), key)
			}
		}
	}
}

func TestCatalog_TranslationsHaveTheSamePlaceholders(t *testing.T) {
	c := load(t)
	english := c.Locales()[0]
	placeholders := func(s string) []string {
		all := placeholder.FindAllString(s, -1)
		slices.Sort(all)
		return slices.Compact(all)
	}
	for _, l := range c.Locales()[1:] {
		for _, key := range l.Keys() {
			if base, plural := splitPluralForm(key); plural {
				// A form may contain its number as a word: "two customers".
				for _, b := range placeholders(l.Text(key)) {
					if b != "{n}" {
						t.Errorf("Text(%s) in %s has the placeholder %s, want {n} only", key, l.Tag(), b)
					}
				}
				if other := l.Text(base + ".other"); !strings.Contains(other, "{n}") {
					t.Errorf("Text(%s.other) in %s = %q, want {n} in it", base, l.Tag(), other)
				}
				continue
			}
			if got, want := placeholders(l.Text(key)), placeholders(english.Text(key)); !slices.Equal(got, want) {
				t.Errorf("Text(%s) in %s has the placeholders %v, want %v as in English", key, l.Tag(), got, want)
			}
		}
	}
}

func TestCatalog_Match(t *testing.T) {
	c := load(t)
	for _, test := range []struct{ name, choice, accept, want string }{
		{"the person's choice wins", "de", "ar", "de"},
		{"without a choice, what the browser accepts", "", "de-AT,de;q=0.9,en;q=0.5", "de"},
		{"a region of a language", "", "ar-EG", "ar"},
		{"the best of several", "", "fr, de;q=0.4, en;q=0.2", "de"},
		{"an unknown language", "", "fr", "en"},
		{"neither", "", "", "en"},
		{"an unknown choice falls back to the browser", "xx", "de", "de"},
		{"invalid values", "\x00", "§$%&/;;q=,", "en"},
		{"a huge header", "", strings.Repeat("de,", 100_000), "de"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := c.Match(test.choice, test.accept).Tag(); got != test.want {
				t.Errorf("Match(%q, %.40q) = %s, want %s", test.choice, test.accept, got, test.want)
			}
		})
	}
}

func TestLocale_Dir(t *testing.T) {
	want := map[string]string{"en": "ltr", "de": "ltr", "ar": "rtl"}
	for _, l := range load(t).Locales() {
		if l.Dir() != want[l.Tag()] {
			t.Errorf("Dir() of %s = %s, want %s", l.Tag(), l.Dir(), want[l.Tag()])
		}
	}
}

func TestLoadFrom_Invalid(t *testing.T) {
	for name, dir := range map[string]fstest.MapFS{
		"a catalog without English": {"de.json": {Data: []byte(`{}`)}},
		"an empty one":              {},
		"a file that is not JSON":   {"en.json": {Data: []byte(`{"a":`)}},
		"a file that names no tag":  {"en.json": {Data: []byte(`{}`)}, "not a tag.json": {Data: []byte(`{}`)}},
	} {
		if _, err := locale.LoadFrom(dir); err == nil {
			t.Errorf("LoadFrom(%s) succeeded", name)
		}
	}
}

func TestLocale_FallsBackToEnglish(t *testing.T) {
	c, err := locale.LoadFrom(fstest.MapFS{
		"en.json": {Data: []byte(`{"a": "English {x}"}`)},
		"de.json": {Data: []byte(`{}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	de, _ := c.Locale("de")
	if got := de.Text("a", "x", "{y}", "y", 2); got != "English {y}" {
		t.Errorf("Text(a) = %q, want the English message", got)
	}
	if got := de.Text("nowhere"); got != "nowhere" {
		t.Errorf("Text(nowhere) = %q, want the key", got)
	}
}
