package console_test

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
)

const personForm = "/console/people/person"

func TestPerson_ActionsAreRecorded(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields []string
		action audit.Action
		params audit.Params
		check  func(p account.Person) bool
	}{
		{"role up", []string{"do", "role", "role", "admin"}, audit.PersonChanged, audit.RoleAdmin, func(p account.Person) bool { return p.Role == account.RoleAdmin }},
		{"sessions", []string{"do", "sessions"}, audit.SessionEnded, audit.AllSessions, func(p account.Person) bool { return true }},
		{"deactivate", []string{"do", "deactivate", "sure", "yes"}, audit.PersonChanged, audit.Deactivated, func(p account.Person) bool { return !p.Active() }},
		{"activate", []string{"do", "activate"}, audit.PersonChanged, audit.Activated, account.Person.Active},
		{"unbind", []string{"do", "unbind", "sure", "yes"}, audit.PersonChanged, audit.Unlinked, func(p account.Person) bool { return !p.Linked() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			woken := 0
			f := newFixture(t, func(o *console.Options) { o.OnPeopleChange = func() { woken++ } })
			f.accounts.all[0].Issuer, f.accounts.all[0].Subject = "https://id.example", "s"
			f.accounts.sessions = map[string][]account.Session{"alice": {{}}}
			a := f.post("root", personForm, append(c.fields, "id", "ALICE")...)
			if a.StatusCode == http.StatusNotFound { // compared without folding: it has no @
				a = f.post("root", personForm, append(c.fields, "id", "alice")...)
			}
			a.check(t, http.StatusSeeOther, nil)
			p, _ := f.accounts.Person(t.Context(), "alice")
			if !c.check(p) {
				t.Errorf("Person(alice) = %+v", p)
			}
			e := f.audit.last()
			if e.Action != c.action || e.Params != c.params || e.Subject != "alice" || e.Actor != "root" || e.Via != "console" || e.Address != "192.0.2.1" {
				t.Errorf("audit entry = %+v", e)
			}
			if woken != 1 {
				t.Errorf("OnPeopleChange was called %d times", woken)
			}
			f.get("root", a.Header.Get("Location")).check(t, http.StatusOK, []string{`role="status"`})
		})
	}
}

func TestPerson_RemoveNeedsDeactivation(t *testing.T) {
	f := newFixture(t, nil)
	f.post("root", personForm, "id", "bob", "do", "remove", "sure", "yes").check(t, http.StatusConflict, []string{"Deactivate the account before"})
	if len(f.audit.entries) != 0 {
		t.Error("the audit has an action that was refused")
	}
	f.accounts.all[1].Deactivated = noon
	a := f.post("root", personForm, "id", "bob", "do", "remove", "sure", "yes").check(t, http.StatusSeeOther, nil)
	if _, err := f.accounts.Person(t.Context(), "bob"); !errors.Is(err, account.ErrNotFound) {
		t.Error("bob was not removed")
	}
	if e := f.audit.last(); e.Action != audit.PersonRemoved || e.Subject != "bob" {
		t.Errorf("audit entry = %+v", e)
	}
	f.get("root", a.Header.Get("Location")).check(t, http.StatusOK, []string{"Account deleted."})
	f.post("root", personForm, "id", "bob", "do", "remove", "sure", "yes").check(t, http.StatusNotFound, nil)
}

func TestPerson_KeepsLastAdministrator(t *testing.T) {
	for _, fields := range [][]string{{"do", "role", "role", "worker"}, {"do", "deactivate"}} {
		f := newFixture(t, nil)
		f.post("root", personForm, append(fields, "id", "root", "sure", "yes")...).check(t, http.StatusConflict, []string{"last active administrator"})
		if p, _ := f.accounts.Person(t.Context(), "root"); p.Role != account.RoleAdmin || !p.Active() || len(f.audit.entries) != 0 {
			t.Errorf("form %v: person = %+v with %d audit entries", fields, p, len(f.audit.entries))
		}
	}
}

func TestPerson_ConfirmsActionsOnOneself(t *testing.T) {
	for _, c := range []struct{ do, role, next, says string }{
		{"deactivate", "", "/signin?ended=1", "This is you"},
		{"role", "worker", "/console/people/person?", "You lose access to the console"},
	} {
		f := newFixture(t, nil)
		f.accounts.all = append(f.accounts.all, account.Person{Identity: "other", Role: account.RoleAdmin})
		a := f.post("root", personForm, "id", "root", "do", c.do, "role", c.role).check(t, http.StatusSeeOther, nil)
		ask := f.get("root", a.Header.Get("Location")).check(t, http.StatusOK, []string{c.says, `name="sure"`, `value="` + c.do + `"`})
		if c.role != "" && !strings.Contains(ask.body, `name="role" value="worker"`) {
			t.Error("the confirmation form lacks the role")
		}
		if len(f.audit.entries) != 0 {
			t.Error("an unconfirmed action was done")
		}
		a = f.post("root", personForm, "id", "root", "do", c.do, "role", c.role, "sure", "yes").check(t, http.StatusSeeOther, nil)
		if got := a.Header.Get("Location"); !strings.HasPrefix(got, c.next) {
			t.Errorf("action %s on oneself redirects to %s", c.do, got)
		}
	}
}

func TestPerson_ConfirmsRemoval(t *testing.T) {
	f := newFixture(t, func(o *console.Options) { o.Reader = ownerCounts{by: map[string]int{"bob": 7}} })
	f.accounts.all[1].Deactivated, f.accounts.all[1].Issuer, f.accounts.all[1].Subject = noon, "i", "s"
	for do, says := range map[string]string{"deactivate": "7 customers", "remove": "can’t be undone", "unbind": "signed out everywhere"} {
		a := f.post("root", personForm, "id", "bob", "do", do).check(t, http.StatusSeeOther, nil)
		f.get("root", a.Header.Get("Location")).check(t, http.StatusOK, []string{says, "bob"})
	}
	f.get("root", "/console/people/confirm?id=bob&do=password").check(t, http.StatusOK, []string{"You get a temporary password"})
	f.get("root", "/console/people/confirm?id=bob&do=nonsense").check(t, http.StatusNotFound, nil)
	f.get("root", "/console/people/confirm?id=nobody&do=remove").check(t, http.StatusNotFound, nil)
	if len(f.audit.entries) != 0 {
		t.Error("an unconfirmed action was done")
	}
}

func TestPerson_CannotGrantOneselfExport(t *testing.T) {
	f := newFixture(t, nil)
	f.accounts.all = append(f.accounts.all, account.Person{Identity: "other", Role: account.RoleAdmin})
	_ = f.accounts.SetMayExport(t.Context(), "root", false)
	f.post("root", personForm, "id", "root", "do", "export", "may", "on").check(t, http.StatusConflict, []string{"You can’t give yourself permission"})
	f.post("root", personForm, "id", "alice", "do", "export", "may", "on").check(t, http.StatusConflict, []string{"Only administrators can export"})
	if p, _ := f.accounts.Person(t.Context(), "root"); p.MayExport {
		t.Error("root granted themselves the permission to export")
	}
	f.post("root", personForm, "id", "other", "do", "export", "may", "on").check(t, http.StatusSeeOther, nil)
	if e := f.audit.last(); e.Params != audit.ExportOn || e.Subject != "other" {
		t.Errorf("audit entry = %+v", e)
	}
	f.post("other", personForm, "id", "root", "do", "export", "may", "on").check(t, http.StatusSeeOther, nil)
	f.post("root", personForm, "id", "root", "do", "export", "may", "off").check(t, http.StatusSeeOther, nil)
}

// wasField matches the digest of the password in a confirmation form.
var wasField = regexp.MustCompile(`name="was" value="([0-9a-f]+)"`)

func TestPerson_ShowsPasswordOnce(t *testing.T) {
	f := newFixture(t, nil)
	was := wasField.FindStringSubmatch(f.get("root", "/console/people/confirm?id=alice&do=password").body)
	if was == nil {
		t.Fatal("the confirmation form lacks the digest of the password")
	}
	a := f.post("root", personForm, "id", "alice", "do", "password", "sure", "yes", "was", was[1]).check(t, http.StatusOK, []string{"made-up-1", `data-copy="made-up-1"`, "expires in 72 hours"})
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	if e := f.audit.last(); e.Action != audit.PersonChanged || e.Params != audit.TemporaryPassword {
		t.Errorf("audit entry = %+v", e)
	}
	// A reload generates no second one.
	f.post("root", personForm, "id", "alice", "do", "password", "sure", "yes", "was", was[1]).check(t, http.StatusConflict, []string{"No new password was created"}, "made-up-2")
	f.get("root", "/console/people/person?id=alice").check(t, http.StatusOK, []string{"Temporary password"}, "made-up-1")
	if strings.Contains(f.log.String(), "made-up") || strings.Contains(f.log.String(), "alice") {
		t.Error("the log contains the password or the identity")
	}
	f.post("root", personForm, "id", "root", "do", "password").check(t, http.StatusConflict, []string{"your own password under Account"})
	f.accounts.passwordsOff = true
	f.post("root", personForm, "id", "alice", "do", "password").check(t, http.StatusConflict, []string{"Passwords are turned off"})
}

func TestPerson_ChangesNothingUnrecorded(t *testing.T) {
	f := newFixture(t, nil)
	f.audit.writeErr = audit.ErrUnavailable
	for _, form := range [][]string{{personForm, "id", "alice", "do", "role", "role", "admin"}, {personForm, "id", "alice", "do", "password"}, {"/console/people/add", "identity", "carol", "role", "worker"}} {
		f.post("root", form[0], form[1:]...).check(t, http.StatusServiceUnavailable, []string{"Can’t reach the audit log right now"}, "made-up")
	}
}

func TestPerson_RefusesInvalidForms(t *testing.T) {
	f := newFixture(t, nil)
	for _, fields := range [][]string{
		{"id", "alice"}, {"id", "alice", "do", "explode"}, {"id", "alice", "do", "role"}, {"id", "alice", "do", "role", "role", "root"}, {"id", "alice", "do", "export", "may", "perhaps"},
	} {
		f.post("root", personForm, fields...).check(t, http.StatusBadRequest, nil)
	}
	f.post("root", personForm, "do", "sessions").check(t, http.StatusNotFound, nil)
	if len(f.audit.entries) != 0 {
		t.Errorf("audit entry = %+v", f.audit.entries)
	}
}
