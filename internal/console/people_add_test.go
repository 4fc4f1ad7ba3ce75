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

func TestAPersonIsAddedWithAPasswordShownOnce(t *testing.T) {
	b := newBench(t, nil)
	b.get("root", addForm).must(t, http.StatusOK, []string{"create a temporary password", `name="identity"`})
	a := b.post("root", addForm, "identity", "  Carol@Example.com ", "role", "worker", "export", "on").must(t, http.StatusOK, []string{"Added.", "made-up-1", "They sign in at <bdi>", "as <bdi>Carol@Example.com</bdi>"})
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	p, err := b.staff.Person(t.Context(), "carol@example.com")
	if err != nil || p.Identity != "Carol@Example.com" || p.Role != account.RoleWorker || p.MayExport {
		t.Errorf("added is %+v, %v", p, err)
	}
	if e := b.trail.last(); e.Action != audit.PersonAdded || e.Subject != "Carol@Example.com" || e.Detail != "role: worker" || e.Actor != "root" {
		t.Errorf("the audit has %+v", e)
	}
	b.post("root", addForm, "identity", "dave", "role", "admin", "export", "on").must(t, http.StatusOK, []string{"made-up-2"})
	if e := b.trail.last(); e.Detail != "role: administrator, may export" {
		t.Errorf("the audit has %+v", e)
	}
	// Loaded anew, the form adds nobody and tells no password.
	b.post("root", addForm, "identity", "carol@EXAMPLE.com", "role", "worker").must(t, http.StatusConflict,
		[]string{"already has this identity", "View their account"}, "made-up")
}

func TestWhoCannotBeCalledSoIsNotAdded(t *testing.T) {
	b := newBench(t, nil)
	for identity, want := range map[string]string{
		"": "Enter an identity", "   ": "Enter an identity", "*": "means all workers", strings.Repeat("x", 257): "too long", strings.Repeat("x", 300): "too long",
		"al\u202eice": "invisible or unreadable", "al\u200bice": "invisible or unreadable", "al\x00ice": "invisible or unreadable", "al\nice": "invisible or unreadable", "\xff": "invisible or unreadable",
	} {
		b.post("root", addForm, "identity", identity, "role", "worker").must(t, http.StatusUnprocessableEntity, []string{want, `aria-invalid="true"`}, "\u202e", "\x00")
	}
	for _, role := range []string{"", "root", "Admin", "worker\x00"} {
		b.post("root", addForm, "identity", "carol", "role", role).must(t, http.StatusUnprocessableEntity, []string{"Choose a role", `value="carol"`})
	}
	if len(b.staff.all) != 3 || len(b.trail.entries) != 0 {
		t.Errorf("there are %d people, %d entries", len(b.staff.all), len(b.trail.entries))
	}
}

func TestWithoutPasswordsNobodyIsGivenOne(t *testing.T) {
	b := newBench(t, func(o *console.Options) { o.Provider = &console.Provider{Issuer: "https://id.example", ClientID: "c"} })
	if err := b.settings.SaveSignIn(t.Context(), settings.SignIn{PasswordsOff: true}); err != nil {
		t.Fatal(err)
	}
	b.staff.passwordsOff = true
	b.get("root", addForm).must(t, http.StatusOK, []string{"Passwords are turned off"}, "temporary password")
	a := b.post("root", addForm, "identity", "carol", "role", "worker").must(t, http.StatusSeeOther, nil)
	b.get("root", a.Header.Get("Location")).must(t, http.StatusOK, []string{"Added.", "Passwords are turned off"}, "do=password")
}

func TestEveryAwkwardIdentityCanBeAdded(t *testing.T) {
	b := newBench(t, nil)
	for _, identity := range awkward {
		b.post("root", addForm, "identity", identity, "role", "worker").must(t, http.StatusOK, []string{"made-up-"}, "<b>")
		if _, err := b.staff.Person(t.Context(), identity); err != nil {
			t.Errorf("%q: %v", identity, err)
		}
	}
}
