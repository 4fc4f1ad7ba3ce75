package people

import (
	"testing"

	"github.com/clientele-project/clientele/internal/console/auditlog"
	"github.com/clientele-project/clientele/internal/console/view/viewtest"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

func TestTemplates_FitTheirStructs(t *testing.T) {
	viewtest.CheckPages(t, "..", 5, func(v *auth.Viewer) map[string][]any {
		base := ui.Base{Title: "T", Lang: v.Locale.Tag(), Dir: v.Locale.Dir(), Theme: "dark", Tab: "callbacks", View: "list"}
		row := auditlog.Row{When: "w", Who: "w", WhoHref: "/w", What: "w", Detail: "d", Count: "c", Via: "v", Address: "a", Unusual: true}
		return map[string][]any{
			"people": {listPage{}, listPage{Base: base, OwnersHint: "h", Done: "d", Problem: "p", Query: "q", Show: "admin", Count: "c", Counted: true, Previous: "/b", Next: "/a", Rows: []personRow{
				{Href: "/h", Name: "n", Initials: "N", Role: "r", Self: true, Inactive: true, LastSeen: "s", Sessions: 1, Customers: 2, CustomersHref: "/t", SignInMethod: "i", MayExport: true}, {},
			}}},
			"add": {addPage{}, addPage{Base: base, Identity: "i", Role: "admin", MayExport: true, Passwords: true, IdentityError: "e", RoleError: "e", Existing: "/e"}},
			"person": {personPage{}, personPage{
				Base: base, Done: "d", Problem: "p", NewPassword: "n", ID: "i", IsAdmin: true, Added: "a", Passwords: true, LinkedTo: "https://i", ReassignHref: "/h", AuditHref: "/a", Recent: []auditlog.Row{row, {}},
				personRow: personRow{Name: "n", Customers: 3, Sessions: 1, MayExport: true, LastSeen: "s"},
			}, personPage{TakesConversations: true}, personPage{TakesConversations: true, Available: true}, personPage{personRow: personRow{Inactive: true, Customers: 3}, Deactivated: "d"}, personPage{IsAdmin: true, Last: true, personRow: personRow{Self: true, Customers: -1}}, personPage{ByClaim: true, IsAdmin: true}},
			"confirm": {confirmPage{}, confirmPage{Base: base, ID: "i", Name: "n", Href: "/h", Do: "role", Role: "worker", Heading: "h", Text: "t", Self: "s", Customers: "c", ReassignHref: "/h", Action: "a", Was: "w"}},
			"signin":  {signInPage{}, signInPage{Base: base, Done: "d", Problem: "p", Provider: &Provider{"https://i", "c"}, Origin: "https://o", Callback: "https://c", SignedOut: "https://a", Guessed: true, Claim: "c", RoleClaim: "r", AdminValue: "v", Provision: true, PasswordsOff: true, CanDisablePasswords: true, ClaimError: "e", RoleError: "e", ValueError: "e", PasswordsError: "e", SessionIdle: "30", SessionMax: "90", SessionIdleError: "e", SessionMaxError: "e"}},
		}
	})
}
