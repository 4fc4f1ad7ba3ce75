package locale_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clientele-project/clientele/internal/locale"
)

func load(t *testing.T) *locale.Catalogue {
	t.Helper()
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// forms are the plural forms that each language has, as CLDR tells.
var forms = map[string][]string{
	"en": {"one", "other"},
	"de": {"one", "other"},
	"ar": {"zero", "one", "two", "few", "many", "other"},
}

// stem is a key without its plural form, and whether it had one.
func stem(key string) (string, bool) {
	i := strings.LastIndexByte(key, '.')
	if i > 0 && slices.Contains(forms["ar"], key[i+1:]) {
		return key[:i], true
	}
	return key, false
}

var blank = regexp.MustCompile(`\{[a-z]+\}`)

func TestEveryLanguageHasEveryMessage(t *testing.T) {
	c := load(t)
	english := c.Locales()[0]
	if english.Tag() != "en" || len(english.Keys()) < 100 {
		t.Fatalf("the first language is %s with %d messages", english.Tag(), len(english.Keys()))
	}
	for _, l := range c.Locales() {
		want := make(map[string]bool)
		for _, key := range english.Keys() {
			base, plural := stem(key)
			if !plural {
				want[key] = true
				continue
			}
			for _, form := range forms[l.Tag()] {
				want[base+"."+form] = true
			}
		}
		for key := range want {
			if !l.Has(key) {
				t.Errorf("%s lacks %s", l.Tag(), key)
			} else if strings.TrimSpace(l.Text(key)) == "" {
				t.Errorf("%s says nothing for %s", l.Tag(), key)
			}
		}
		for _, key := range l.Keys() {
			if !want[key] {
				t.Errorf("%s has %s, which English does not", l.Tag(), key)
			}
		}
	}
}

func TestTranslationsHaveTheSameBlanks(t *testing.T) {
	c := load(t)
	english := c.Locales()[0]
	blanks := func(s string) []string {
		all := blank.FindAllString(s, -1)
		slices.Sort(all)
		return slices.Compact(all)
	}
	for _, l := range c.Locales()[1:] {
		for _, key := range l.Keys() {
			if base, plural := stem(key); plural {
				// A form may spell its number out: "two customers".
				for _, b := range blanks(l.Text(key)) {
					if b != "{n}" {
						t.Errorf("%s: %s has the blank %s", l.Tag(), key, b)
					}
				}
				if other := l.Text(base + ".other"); !strings.Contains(other, "{n}") {
					t.Errorf("%s: %s.other does not say how many: %q", l.Tag(), base, other)
				}
				continue
			}
			if got, want := blanks(l.Text(key)), blanks(english.Text(key)); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the blanks %v, English %v", l.Tag(), key, got, want)
			}
		}
	}
}

func TestMatchChoosesTheLanguage(t *testing.T) {
	c := load(t)
	for _, test := range []struct{ name, choice, accept, want string }{
		{"the person's choice wins", "de", "ar", "de"},
		{"without a choice, what the browser accepts", "", "de-AT,de;q=0.9,en;q=0.5", "de"},
		{"a region of a language that we have", "", "ar-EG", "ar"},
		{"the best of several", "", "fr, de;q=0.4, en;q=0.2", "de"},
		{"a language that we lack", "", "fr", "en"},
		{"nothing at all", "", "", "en"},
		{"a choice that we lack falls back to the browser", "xx", "de", "de"},
		{"nonsense", "\x00", "§$%&/;;q=,", "en"},
		{"a huge header", "", strings.Repeat("de,", 100_000), "de"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := c.Match(test.choice, test.accept).Tag(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestDirection(t *testing.T) {
	want := map[string]string{"en": "ltr", "de": "ltr", "ar": "rtl"}
	for _, l := range load(t).Locales() {
		if l.Dir() != want[l.Tag()] {
			t.Errorf("%s is written %s", l.Tag(), l.Dir())
		}
	}
}

func TestLoadFromRefuses(t *testing.T) {
	for name, dir := range map[string]fstest.MapFS{
		"a catalogue without English": {"de.json": {Data: []byte(`{}`)}},
		"an empty one":                {},
		"a file that is not JSON":     {"en.json": {Data: []byte(`{"a":`)}},
		"a file that names no tag":    {"en.json": {Data: []byte(`{}`)}, "not a tag.json": {Data: []byte(`{}`)}},
	} {
		if _, err := locale.LoadFrom(dir); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestAMessageThatALanguageLacksIsEnglish(t *testing.T) {
	c, err := locale.LoadFrom(fstest.MapFS{
		"en.json": {Data: []byte(`{"a": "English {x}"}`)},
		"de.json": {Data: []byte(`{}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	de, _ := c.Locale("de")
	if got := de.Text("a", "x", "{y}", "y", 2); got != "English {y}" {
		t.Errorf("got %q", got)
	}
	if got := de.Text("nowhere"); got != "nowhere" {
		t.Errorf("an unknown key reads %q", got)
	}
}
