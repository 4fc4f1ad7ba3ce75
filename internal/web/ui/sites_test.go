package ui

import (
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/clientele-project/clientele/internal/locale"
)

// siteDirs are the packages that have templates, styles or message keys.
var siteDirs = []string{".", "../auth", "../../app", "../../console",
	"../../console/auditlog", "../../console/customers", "../../console/integration", "../../console/people", "../../console/view"}

// readSiteFiles returns the files in siteDirs that match pattern, by path.
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
		t.Fatalf("no site has files %s", pattern)
	}
	return out
}

var (
	braces          = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	tag             = regexp.MustCompile(`(?s)<[^>]*>`)
	spokenAttribute = regexp.MustCompile(`(?:alt|title|placeholder|aria-label|label)="([^"]*)"`)
	messageCall     = regexp.MustCompile(`\{\{-?\s*(?:if |else if )?t[h]? "([^"]+)"`)
	messageKey      = regexp.MustCompile(`"((?:nav|list|detail|action|channel|fail|signin|account|app|time|console|conversation)\.[a-z0-9._-]+)"`)
)

func letters(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

func TestTemplates_HaveNoTextOutsideTheCatalog(t *testing.T) {
	// The command in the first-run hint is not translated.
	command := regexp.MustCompile(`(?s)<pre.*?</pre>`)
	for name, text := range readSiteFiles(t, "templates/*.html") {
		text = braces.ReplaceAllString(command.ReplaceAllString(text, ""), "")
		for _, m := range spokenAttribute.FindAllStringSubmatch(text, -1) {
			if letters(m[1]) {
				t.Errorf("template %s: attribute text %q is not in the catalog", name, m[1])
			}
		}
		for line := range strings.Lines(tag.ReplaceAllString(text, "")) {
			if letters(line) {
				t.Errorf("template %s: text %q is not in the catalog", name, strings.TrimSpace(line))
			}
		}
	}
}

// composedKeys are the prefixes of the message keys that are composed at run time.
var composedKeys = []string{"fail.", "channel.", "account.role.", "time.", "language.name", "console.code.", "console.outcome.", "console.audit.what.", "console.audit.kind.", "console.audit.via.", "audit.", "conversation.failed.", "conversation.state.",
	"console.conversations.", "console.refused.", "console.setup.", "console.message_templates.invalid."}

func TestMessages_ExistAndAreUsed(t *testing.T) {
	catalog, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	english := catalog.Locales()[0]
	wanted := make(map[string]bool)
	for name, text := range readSiteFiles(t, "templates/*.html") {
		for _, m := range messageCall.FindAllStringSubmatch(text, -1) {
			wanted[m[1]] = true
			if !english.Has(m[1]) {
				t.Errorf("template %s: key %s is not in the catalog", name, m[1])
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
				t.Errorf("source %s: key %s is not in the catalog", source, key)
			}
		}
	}
	for _, key := range english.Keys() {
		base := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")
		composed := slices.ContainsFunc(composedKeys, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
		if !wanted[key] && !wanted[base] && !composed {
			t.Errorf("key %s is not used", key)
		}
	}
}

func TestIcons_ExistAndAreSafeToRepeat(t *testing.T) {
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
			t.Errorf("icon %s has an id or a style: %s", name, icon)
		}
	}
	for _, m := range regexp.MustCompile(`icon "([a-z-]+)"`).FindAllStringSubmatch(all, -1) {
		if icons[m[1]] == template.HTML("") {
			t.Errorf("icon %s is not in icons.svg", m[1])
		}
	}
}
