package console

import (
	"testing"

	"github.com/clientele-project/clientele/internal/console/view/viewtest"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

func TestErrorTemplate_FitsItsStruct(t *testing.T) {
	viewtest.CheckPages(t, ".", 1, func(v *auth.Viewer) map[string][]any {
		base := ui.Base{Title: "T", Lang: v.Locale.Tag(), Dir: v.Locale.Dir(), Theme: "dark", Tab: "callbacks", View: "list"}
		all := []any{ui.ErrorPage{Base: base, Failure: ui.Describe(classify(nil), v.Locale, "/console")}}
		for _, k := range kinds {
			all = append(all, ui.ErrorPage{Base: base, Failure: ui.Describe(k.kind, v.Locale, "/console")})
		}
		return map[string][]any{"error": all}
	})
}
