package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/settings"
)

const addForm = "/console/people/add"

func TestAddPerson_ShowsPasswordOnce(t *testing.T) {
	f := newFixture(t, nil)
	f.get("root", addForm).check(t, http.StatusOK, []string{"create a temporary password", `name="identity"`})
	a := f.post("root", addForm, "identity", "  Carol@Example.com ", "role", "worker", "export", "on").check(t, http.StatusOK, []string{"Added.", "made-up-1", "They sign in at <bdi>", "as <bdi>Carol@Example.com</bdi>"})
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	p, err := f.accounts.Person(t.Context(), "carol@example.com")
	if err != nil || p.Identity != "Carol@Example.com" || p.Role != account.RoleWorker || p.MayExport {
		t.Errorf("Person(carol) = %+v, %v", p, err)
	}
	if e := f.audit.last(); e.Action != audit.PersonAdded || e.Subject != "Carol@Example.com" || e.Params != audit.RoleWorker || e.Actor != "root" {
		t.Errorf("last audit entry = %+v", e)
	}
	f.post("root", addForm, "identity", "dave", "role", "admin", "export", "on").check(t, http.StatusOK, []string{"made-up-2"})
	if e := f.audit.last(); e.Params != audit.Added(true, true) {
		t.Errorf("last audit entry = %+v", e)
	}
	// A reload adds no one and shows no password.
	f.post("root", addForm, "identity", "carol@EXAMPLE.com", "role", "worker").check(t, http.StatusConflict,
		[]string{"already has this identity", "View their account"}, "made-up")
}

func TestAddPerson_RefusesInvalidIdentities(t *testing.T) {
	f := newFixture(t, nil)
	for identity, want := range map[string]string{
		"": "Enter an identity", "   ": "Enter an identity", "*": "means all workers", strings.Repeat("x", 257): "too long", strings.Repeat("x", 300): "too long",
		"al\u202eice": "invisible or unreadable", "al\u200bice": "invisible or unreadable", "al\x00ice": "invisible or unreadable", "al\nice": "invisible or unreadable", "\xff": "invisible or unreadable",
	} {
		f.post("root", addForm, "identity", identity, "role", "worker").check(t, http.StatusUnprocessableEntity, []string{want, `aria-invalid="true"`}, "\u202e", "\x00")
	}
	for _, role := range []string{"", "root", "Admin", "worker\x00"} {
		f.post("root", addForm, "identity", "carol", "role", role).check(t, http.StatusUnprocessableEntity, []string{"Choose a role", `value="carol"`})
	}
	if len(f.accounts.all) != 3 || len(f.audit.entries) != 0 {
		t.Errorf("after invalid forms: %d people and %d audit entries", len(f.accounts.all), len(f.audit.entries))
	}
}

func TestAddPerson_WithoutPasswords(t *testing.T) {
	f := newFixture(t, func(o *console.Options) { o.Provider = &console.Provider{Issuer: "https://id.example", ClientID: "c"} })
	if err := f.settings.SaveSignIn(t.Context(), settings.SignIn{PasswordsOff: true}); err != nil {
		t.Fatal(err)
	}
	f.accounts.passwordsOff = true
	f.get("root", addForm).check(t, http.StatusOK, []string{"Passwords are turned off"}, "temporary password")
	a := f.post("root", addForm, "identity", "carol", "role", "worker").check(t, http.StatusSeeOther, nil)
	f.get("root", a.Header.Get("Location")).check(t, http.StatusOK, []string{"Added.", "Passwords are turned off"}, "do=password")
}

func TestAddPerson_AcceptsUnusualIdentities(t *testing.T) {
	f := newFixture(t, nil)
	for _, identity := range awkward {
		f.post("root", addForm, "identity", identity, "role", "worker").check(t, http.StatusOK, []string{"made-up-"}, "<b>")
		if _, err := f.accounts.Person(t.Context(), identity); err != nil {
			t.Errorf("adding %q failed: %v", identity, err)
		}
	}
}
