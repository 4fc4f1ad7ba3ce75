package app

import (
	"errors"
	"html/template"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/locale"
)

func loaded(t *testing.T) *app {
	t.Helper()
	a := &app{Options: Options{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Zone: time.UTC}}
	if err := a.load(); err != nil {
		t.Fatal(err)
	}
	return a
}

// pageStructs are each template with its struct: as empty and as full as it gets.
func pageStructs(v *visit, a *app) map[string][]any {
	full := func(title, tab, view string) base {
		return base{Title: title, Lang: v.words.Tag(), Dir: v.words.Dir(), Theme: "dark", Tab: tab, View: view}
	}
	failed := failureOf(&frontline.CallbackError{Code: 48005}, v.words, "/customers")
	heading := failureOf(frontline.ErrNotFound, v.words, "/customers")
	heading.Heading = true
	rows := listPane{
		Query: "q", Heading: true, Count: "1", Shown: "1", AsOf: "as of", AsOfISO: "2026", StaleTitle: "old", Partial: true,
		Ordered: true, From: "61", To: "62", Next: "/customers?page=2", First: "/customers", Empty: "nothing", Nothing: "none",
		Failure: failed, Self: "/customers",
		Groups: []group{{"A", []row{{ID: "1", Href: "/customers/1", Name: []piece{{"A", true}, {"b", false}}, Initials: "A", Selected: true}, {ID: "2"}}}},
	}
	line := channelLine{Type: "sms", Icon: "message", Label: "SMS", Shown: "+1", Copy: "+1"}
	one, two := target{Href: "tel:1", Shown: "1", Label: "SMS"}, target{Href: "https://wa.me/1", Shown: "1", Label: "WhatsApp"}
	who := &detailPane{
		Title: "T", ID: "1", Name: "N", Long: true, Initials: "N", Channels: []channelLine{line, {Icon: "at"}},
		Actions:   []contactAction{{"call", "call", "Call", "Which?", []target{one, two}}, {"whatsapp", "whatsapp", "WhatsApp", "Which?", []target{two}}},
		TextTitle: "T", Text: "a\nb", Links: []linkLine{{"https://example.com", "T", "N", false}, {"mailto:a@b", "", "N", true}},
		Masked: true, AsOfISO: "2026", StaleTitle: "old", Back: "/customers", Idle: true,
	}
	return map[string][]any{
		"error": {errorPage{full("T", "", "list"), failed}, errorPage{Failure: heading}},
		"signin": {signInPage{}, signInPage{full("T", "", ""), "alice", "/customers", "n", "p", "t", "e", "e", true, nil},
			signInPage{OneTap: []string{"alice"}}},
		"customers": {customersPage{}, customersPage{full("T", "customers", "detail"), rows, who},
			customersPage{full("T", "customers", "list"), listPane{Empty: "empty"}, nil}, customersPage{Detail: &detailPane{Failure: heading}}},
		"part":   {rows, listPane{Empty: "end"}},
		"detail": {who, &detailPane{}},
		"account": {accountPage{}, accountPage{
			base: full("T", "account", "list"), Identity: "alice", Done: "done", HasPassword: true, Languages: a.catalogue.Locales(), Zones: []string{"UTC"},
			Sessions: []sessionRow{{"1", "N", true, "used"}, {"2", "N", false, "used"}},
			Errors:   fieldErrors{"a", "b", "c", "d", "e", "f"},
		}},
	}
}

func TestEveryTemplateFitsItsStructInEveryLanguage(t *testing.T) {
	a := loaded(t)
	for _, l := range a.catalogue.Locales() {
		v := &visit{words: l, zone: time.UTC, now: time.Now()}
		for name, structs := range pageStructs(v, a) {
			for i, page := range structs {
				body, err := a.pages.Execute(l, name, page)
				if err != nil {
					t.Errorf("%s %s %d: %v", l.Tag(), name, i, err)
				}
				for _, bad := range []string{"ZgotmplZ", "<no value>", "%!"} {
					if strings.Contains(string(body), bad) {
						t.Errorf("%s %s %d: the page has %s in it", l.Tag(), name, i, bad)
					}
				}
			}
		}
	}
}

var (
	action2 = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	tag     = regexp.MustCompile(`(?s)<[^>]*>`)
	spoken  = regexp.MustCompile(`(?:alt|title|placeholder|aria-label|label)="([^"]*)"`)
	used    = regexp.MustCompile(`\{\{-?\s*(?:if |else if )?t[h]? "([^"]+)"`)
	inGo    = regexp.MustCompile(`"((?:nav|list|detail|action|channel|fail|signin|account|app|time)\.[a-z0-9.-]+)"`)
)

func templateFiles(t *testing.T) map[string]string {
	t.Helper()
	out := make(map[string]string)
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(data)
	}
	return out
}

func letters(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

func TestTemplatesHaveNoWordsOfTheirOwn(t *testing.T) {
	// The command that the first-run hint tells is no word of a language.
	command := regexp.MustCompile(`(?s)<pre.*?</pre>`)
	for name, text := range templateFiles(t) {
		text = action2.ReplaceAllString(command.ReplaceAllString(text, ""), "")
		for _, m := range spoken.FindAllStringSubmatch(text, -1) {
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

func TestEveryMessageExistsAndIsUsed(t *testing.T) {
	catalogue, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	english := catalogue.Locales()[0]
	wanted := make(map[string]bool)
	for _, text := range templateFiles(t) {
		for _, m := range used.FindAllStringSubmatch(text, -1) {
			wanted[m[1]] = true
			if !english.Has(m[1]) {
				t.Errorf("a template says %s, which is not in the catalogue", m[1])
			}
		}
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		data, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inGo.FindAllStringSubmatch(string(data), -1) {
			wanted[m[1]] = true
			if key := m[1]; !english.Has(key) && !english.Has(key+".other") && !strings.HasSuffix(key, ".") {
				t.Errorf("%s says %s, which is not in the catalogue", source, key)
			}
		}
	}
	for _, key := range english.Keys() {
		base := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")
		made := strings.HasPrefix(key, "fail.") || strings.HasPrefix(key, "channel.") || strings.HasPrefix(key, "account.role.") || strings.HasPrefix(key, "time.") || key == "language.name"
		if !wanted[key] && !wanted[base] && !made {
			t.Errorf("nobody says %s", key)
		}
	}
	for _, err := range []error{
		&frontline.CallbackError{Code: 48000}, &frontline.CallbackError{Code: 48001}, &frontline.CallbackError{Code: 48003}, &frontline.CallbackError{Code: 48004}, &frontline.CallbackError{Code: 48005},
		frontline.ErrNotFound, &frontline.InvalidRequestError{}, &frontline.UnavailableError{}, errNoPage, errMethod, errForeign, errForm, errPanic, errors.New("any other"),
	} {
		f := failureOf(err, english, "/")
		if strings.HasPrefix(f.Title, "fail.") || strings.HasPrefix(f.Text, "fail.") || f.Title == "" || f.Text == "" {
			t.Errorf("%v reads %q, %q", err, f.Title, f.Text)
		}
	}
}

func TestEveryIconIsDrawnOnce(t *testing.T) {
	icons, err := parseIcons(files)
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, text := range templateFiles(t) {
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
