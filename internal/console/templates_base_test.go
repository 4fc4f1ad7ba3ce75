package console

import (
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/web/ui"
)

// A page that called a field of its own State would tell the browser to follow that
// instead of what the company shows, and be loaded anew again and again.
func TestPagesHideNothingOfTheirBase(t *testing.T) {
	v := &visit{Locale: languages(t)[0], Zone: time.UTC, Now: time.Now()}
	all := maps.Clone(pageStructs(v))
	maps.Copy(all, customersStructs(v))
	checked := 0
	base := reflect.TypeFor[ui.Base]()
	for name, pages := range all {
		page := reflect.TypeOf(pages[0])
		in, ok := reflect.StructField{}, false
		if page.Kind() == reflect.Struct {
			in, ok = page.FieldByName("Base")
		}
		if !ok || in.Type != base {
			continue // a part of a page
		}
		checked++
		for i := range base.NumField() {
			field, found := page.FieldByName(base.Field(i).Name)
			if want := append(in.Index[:len(in.Index):len(in.Index)], i); !found || !reflect.DeepEqual(field.Index, want) {
				t.Errorf("%s: %s is not its base's", name, base.Field(i).Name)
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d pages were looked at", checked)
	}
}
