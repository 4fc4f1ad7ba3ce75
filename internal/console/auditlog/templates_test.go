package auditlog

import (
	"testing"

	"github.com/clientele-project/clientele/internal/console/view/viewtest"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

func TestTemplates_FitTheirStructs(t *testing.T) {
	viewtest.CheckPages(t, "..", 1, func(v *auth.Viewer) map[string][]any {
		base := ui.Base{Title: "T", Lang: v.Locale.Tag(), Dir: v.Locale.Dir(), Theme: "dark", Tab: "callbacks", View: "list"}
		row := Row{When: "w", Who: "w", WhoHref: "/w", What: "w", Detail: "d", Count: "c", Via: "v", Address: "a", Unusual: true}
		return map[string][]any{
			"audit": {entriesPage{}, entriesPage{
				Base: base, Done: "d", Problem: "p", Filter: filter{Actor: "a", Subject: "s", Kind: "view", From: "2026-01-01", To: "x", Unusual: true, FromError: "e", ToError: "e"}, Kinds: kindOptions("view", v), Zone: "UTC",
				Unusual: "3", All: "/a", OnlyUnusual: "/u", Rows: []Row{row, {}}, Older: "/o", Newest: "/n", Rules: rulesForm{Days: "1", Views: "2", Minutes: "3", DaysError: "e", ViewsError: "e", MinutesError: "e", Open: true},
			}, entriesPage{Older: "/o"}, entriesPage{Filter: filter{Unusual: true}}},
		}
	})
}
