package ui

import (
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/clientele-project/clientele/internal/locale"
)

// siteDirs are the rooms that have templates, styles or words for people.
var siteDirs = []string{"../look", "../door", "../app", "../console"}

// readSiteFiles reads the files of all faces that match pattern, by path.
func readSiteFiles(t *testing.T, pattern string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, dir := range siteDirs {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out[filepath.ToSlash(name)] = string(data)
		}
	}
	if len(out) == 0 {
		t.Fatalf("no face has %s", pattern)
	}
	return out
}

var (
	braces          = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	tag             = regexp.MustCompile(`(?s)<[^>]*>`)
	spokenAttribute = regexp.MustCompile(`(?:alt|title|placeholder|aria-label|label)="([^"]*)"`)
	messageCall     = regexp.MustCompile(`\{\{-?\s*(?:if |else if )?t[h]? "([^"]+)"`)
	messageKey      = regexp.MustCompile(`"((?:nav|list|detail|action|channel|fail|signin|account|app|time|console)\.[a-z0-9.-]+)"`)
)

func letters(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

func TestTemplatesHaveNoWordsOfTheirOwn(t *testing.T) {
	// The command that the first-run hint tells is no word of a language.
	command := regexp.MustCompile(`(?s)<pre.*?</pre>`)
	for name, text := range readSiteFiles(t, "templates/*.html") {
		text = braces.ReplaceAllString(command.ReplaceAllString(text, ""), "")
		for _, m := range spokenAttribute.FindAllStringSubmatch(text, -1) {
			if letters(m[1]) {
				t.Errorf("%s says %q", name, m[1])
			}
		}
		for line := range strings.Lines(tag.ReplaceAllString(text, "")) {
			if letters(line) {
				t.Errorf("%s says %q", name, strings.TrimSpace(line))
			}
		}
	}
}

// composedKeys are the messages whose keys are put together while the program runs.
var composedKeys = []string{"fail.", "channel.", "account.role.", "time.", "language.name", "console.code.", "console.outcome.", "console.audit.what.", "console.audit.kind.", "console.audit.via."}

func TestEveryMessageExistsAndIsUsed(t *testing.T) {
	catalogue, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	english := catalogue.Locales()[0]
	wanted := make(map[string]bool)
	for name, text := range readSiteFiles(t, "templates/*.html") {
		for _, m := range messageCall.FindAllStringSubmatch(text, -1) {
			wanted[m[1]] = true
			if !english.Has(m[1]) {
				t.Errorf("%s says %s, which is not in the catalogue", name, m[1])
			}
		}
	}
	for source, data := range readSiteFiles(t, "*.go") {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		for _, m := range messageKey.FindAllStringSubmatch(data, -1) {
			wanted[m[1]] = true
			if key := m[1]; !english.Has(key) && !english.Has(key+".other") && !english.Has(key+".title") && !strings.HasSuffix(key, ".") {
				t.Errorf("%s says %s, which is not in the catalogue", source, key)
			}
		}
	}
	for _, key := range english.Keys() {
		base := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")
		made := false
		for _, prefix := range composedKeys {
			made = made || strings.HasPrefix(key, prefix)
		}
		if !wanted[key] && !wanted[base] && !made {
			t.Errorf("nobody says %s", key)
		}
	}
}

func TestEveryIconIsDrawnOnce(t *testing.T) {
	icons, err := parseIcons(files)
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, text := range readSiteFiles(t, "templates/*.html") {
		all += text
	}
	for name, icon := range icons {
		if strings.Contains(string(icon), "id=") || strings.Contains(string(icon), "style=") {
			t.Errorf("icon %s would clash or be refused: %s", name, icon)
		}
	}
	for _, m := range regexp.MustCompile(`icon "([a-z]+)"`).FindAllStringSubmatch(all, -1) {
		if icons[m[1]] == template.HTML("") {
			t.Errorf("icon %s is not drawn", m[1])
		}
	}
}
