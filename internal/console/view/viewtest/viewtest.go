// Package viewtest checks the page structs of the console against its templates.
package viewtest

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// Locales returns every language of the catalog, English first.
func Locales(t testing.TB) []*locale.Locale {
	t.Helper()
	catalog, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return catalog.Locales()
}

// CheckPages executes each template with its structs in every language. structs returns
// them by template name, as empty and as full as they get. dir is the directory of
// package console, and pages the number of templates that are whole pages.
//
// A page that hid a field of its ui.Base, such as State, would tell the browser to
// follow a wrong state, and to reload again and again. CheckPages refuses it.
func CheckPages(t *testing.T, dir string, pages int, structs func(v *auth.Viewer) map[string][]any) {
	t.Helper()
	resources, err := ui.New(os.DirFS(dir), view.AssetsPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range Locales(t) {
		v := &auth.Viewer{Locale: l, Zone: time.UTC, Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
		whole := 0
		for name, all := range structs(v) {
			if checkBase(t, name, reflect.TypeOf(all[0])) {
				whole++
			}
			for n, page := range all {
				body, err := resources.Pages.Execute(l, name, page)
				if err != nil {
					t.Errorf("Execute(%s, %q, struct %d) failed: %v", l.Tag(), name, n, err)
				}
				for _, bad := range []string{"ZgotmplZ", "<no value>", "%!", "NaN", "{n}", "{max}", ">console.", `"console.`} {
					if strings.Contains(string(body), bad) {
						t.Errorf("Execute(%s, %q, struct %d) contains %q", l.Tag(), name, n, bad)
					}
				}
			}
		}
		if i == 0 && whole != pages {
			t.Errorf("structs has %d whole pages, want %d", whole, pages)
		}
	}
}

// checkBase reports whether page embeds ui.Base, and fails when it hides a field of it.
func checkBase(t *testing.T, name string, page reflect.Type) bool {
	t.Helper()
	base := reflect.TypeFor[ui.Base]()
	in, ok := reflect.StructField{}, false
	if page.Kind() == reflect.Struct {
		in, ok = page.FieldByName("Base")
	}
	if !ok || in.Type != base {
		return false
	}
	for i := range base.NumField() {
		field, found := page.FieldByName(base.Field(i).Name)
		if want := append(in.Index[:len(in.Index):len(in.Index)], i); !found || !reflect.DeepEqual(field.Index, want) {
			t.Errorf("template %q: the page hides Base.%s", name, base.Field(i).Name)
		}
	}
	return true
}
