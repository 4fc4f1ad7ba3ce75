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

func TestEachActIsDoneAndWrittenDown(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields []string
		action audit.Action
		detail string
		check  func(p account.Person) bool
	}{
		{"role up", []string{"do", "role", "role", "admin"}, audit.PersonChanged, "role: administrator", func(p account.Person) bool { return p.Role == account.RoleAdmin }},
		{"sessions", []string{"do", "sessions"}, audit.SessionEnded, "all sessions", func(p account.Person) bool { return true }},
		{"deactivate", []string{"do", "deactivate", "sure", "yes"}, audit.PersonChanged, "deactivated", func(p account.Person) bool { return !p.Active() }},
		{"activate", []string{"do", "activate"}, audit.PersonChanged, "activated", account.Person.Active},
		{"unbind", []string{"do", "unbind", "sure", "yes"}, audit.PersonChanged, "parted from the identity provider", func(p account.Person) bool { return !p.Bound() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			woken := 0
			b := newBench(t, func(o *console.Options) { o.PeopleChanged = func() { woken++ } })
			b.staff.all[0].Issuer, b.staff.all[0].Subject = "https://id.example", "s"
			b.staff.sessions = map[string][]account.Session{"alice": {{}}}
			a := b.post("root", personForm, append(c.fields, "id", "ALICE")...)
			if a.StatusCode == http.StatusNotFound { // compared as written: no @ in it
				a = b.post("root", personForm, append(c.fields, "id", "alice")...)
			}
			a.must(t, http.StatusSeeOther, nil)
			p, _ := b.staff.Person(t.Context(), "alice")
			if !c.check(p) {
				t.Errorf("alice is %+v", p)
			}
			e := b.trail.last()
			if e.Action != c.action || e.Detail != c.detail || e.Subject != "alice" || e.Actor != "root" || e.Via != "console" || e.Address != "192.0.2.1" {
				t.Errorf("the audit has %+v", e)
			}
			if woken != 1 {
				t.Errorf("open pages were told %d times", woken)
			}
			b.get("root", a.Header.Get("Location")).must(t, http.StatusOK, []string{`role="status"`})
		})
	}
}

func TestOnlyWhoIsDeactivatedIsRemoved(t *testing.T) {
	b := newBench(t, nil)
	b.post("root", personForm, "id", "bob", "do", "remove", "sure", "yes").must(t, http.StatusConflict, []string{"Deactivate the account before"})
	if len(b.trail.entries) != 0 {
		t.Error("the audit tells of what was not done")
	}
	b.staff.all[1].Deactivated = noon
	a := b.post("root", personForm, "id", "bob", "do", "remove", "sure", "yes").must(t, http.StatusSeeOther, nil)
	if _, err := b.staff.Person(t.Context(), "bob"); !errors.Is(err, account.ErrNotFound) {
		t.Error("bob is still there")
	}
	if e := b.trail.last(); e.Action != audit.PersonRemoved || e.Subject != "bob" {
		t.Errorf("the audit has %+v", e)
	}
	b.get("root", a.Header.Get("Location")).must(t, http.StatusOK, []string{"Account deleted."})
	b.post("root", personForm, "id", "bob", "do", "remove", "sure", "yes").must(t, http.StatusNotFound, nil)
}

func TestTheLastAdministratorStays(t *testing.T) {
	for _, fields := range [][]string{{"do", "role", "role", "worker"}, {"do", "deactivate"}} {
		b := newBench(t, nil)
		b.post("root", personForm, append(fields, "id", "root", "sure", "yes")...).must(t, http.StatusConflict, []string{"last active administrator"})
		if p, _ := b.staff.Person(t.Context(), "root"); p.Role != account.RoleAdmin || !p.Active() || len(b.trail.entries) != 0 {
			t.Errorf("%v left %+v, %d entries", fields, p, len(b.trail.entries))
		}
	}
}

func TestDoingItToOneselfIsAskedAboutFirst(t *testing.T) {
	for _, c := range []struct{ do, role, next, says string }{
		{"deactivate", "", "/signin?ended=1", "This is you"},
		{"role", "worker", "/console/people/person?", "You lose access to the console"},
	} {
		b := newBench(t, nil)
		b.staff.all = append(b.staff.all, account.Person{Identity: "other", Role: account.RoleAdmin})
		a := b.post("root", personForm, "id", "root", "do", c.do, "role", c.role).must(t, http.StatusSeeOther, nil)
		ask := b.get("root", a.Header.Get("Location")).must(t, http.StatusOK, []string{c.says, `name="sure"`, `value="` + c.do + `"`})
		if c.role != "" && !strings.Contains(ask.body, `name="role" value="worker"`) {
			t.Error("the question does not carry the role")
		}
		if len(b.trail.entries) != 0 {
			t.Error("something was done unasked")
		}
		a = b.post("root", personForm, "id", "root", "do", c.do, "role", c.role, "sure", "yes").must(t, http.StatusSeeOther, nil)
		if got := a.Header.Get("Location"); !strings.HasPrefix(got, c.next) {
			t.Errorf("%s of oneself leads to %s", c.do, got)
		}
	}
}

func TestWhatOthersFeelIsAskedAboutFirst(t *testing.T) {
	b := newBench(t, func(o *console.Options) { o.OwnerCounts = holdings{"bob": 7} })
	b.staff.all[1].Deactivated, b.staff.all[1].Issuer, b.staff.all[1].Subject = noon, "i", "s"
	for do, says := range map[string]string{"deactivate": "7 customers", "remove": "can’t be undone", "unbind": "signed out everywhere"} {
		a := b.post("root", personForm, "id", "bob", "do", do).must(t, http.StatusSeeOther, nil)
		b.get("root", a.Header.Get("Location")).must(t, http.StatusOK, []string{says, "bob"})
	}
	b.get("root", "/console/people/confirm?id=bob&do=password").must(t, http.StatusOK, []string{"You get a temporary password"})
	b.get("root", "/console/people/confirm?id=bob&do=nonsense").must(t, http.StatusNotFound, nil)
	b.get("root", "/console/people/confirm?id=nobody&do=remove").must(t, http.StatusNotFound, nil)
	if len(b.trail.entries) != 0 {
		t.Error("something was done unasked")
	}
}

func TestNobodyAllowsThemselvesToExport(t *testing.T) {
	b := newBench(t, nil)
	b.staff.all = append(b.staff.all, account.Person{Identity: "other", Role: account.RoleAdmin})
	b.post("root", personForm, "id", "root", "do", "export", "may", "on").must(t, http.StatusConflict, []string{"You can’t give yourself permission"})
	b.post("root", personForm, "id", "alice", "do", "export", "may", "on").must(t, http.StatusConflict, []string{"Only administrators can export"})
	if p, _ := b.staff.Person(t.Context(), "root"); p.MayExport {
		t.Error("root may export")
	}
	b.post("root", personForm, "id", "other", "do", "export", "may", "on").must(t, http.StatusSeeOther, nil)
	if e := b.trail.last(); e.Detail != "may export" || e.Subject != "other" {
		t.Errorf("the audit has %+v", e)
	}
	b.post("other", personForm, "id", "root", "do", "export", "may", "on").must(t, http.StatusSeeOther, nil)
	b.post("root", personForm, "id", "root", "do", "export", "may", "off").must(t, http.StatusSeeOther, nil)
}

// wasField is what a confirmation carries of the password that is replaced.
var wasField = regexp.MustCompile(`name="was" value="([0-9a-f]+)"`)

func TestAPasswordIsShownOnce(t *testing.T) {
	b := newBench(t, nil)
	was := wasField.FindStringSubmatch(b.get("root", "/console/people/confirm?id=alice&do=password").body)
	if was == nil {
		t.Fatal("the question does not name the password that is replaced")
	}
	a := b.post("root", personForm, "id", "alice", "do", "password", "sure", "yes", "was", was[1]).must(t, http.StatusOK, []string{"made-up-1", `data-copy="made-up-1"`})
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	if e := b.trail.last(); e.Action != audit.PersonChanged || e.Detail != "new temporary password" || strings.Contains(e.Detail, "made-up") {
		t.Errorf("the audit has %+v", e)
	}
	// Loaded anew, the form makes no second one.
	b.post("root", personForm, "id", "alice", "do", "password", "sure", "yes", "was", was[1]).must(t, http.StatusConflict, []string{"No new password was created"}, "made-up-2")
	b.get("root", "/console/people/person?id=alice").must(t, http.StatusOK, []string{"Temporary password"}, "made-up-1")
	if strings.Contains(b.log.String(), "made-up") || strings.Contains(b.log.String(), "alice") {
		t.Error("the log tells the password, or whose it is")
	}
	b.post("root", personForm, "id", "root", "do", "password").must(t, http.StatusConflict, []string{"your own password under Account"})
	b.staff.passwordsOff = true
	b.post("root", personForm, "id", "alice", "do", "password").must(t, http.StatusConflict, []string{"Passwords are turned off"})
}

func TestWhatCannotBeWrittenDownIsSaid(t *testing.T) {
	b := newBench(t, nil)
	b.trail.keep = audit.ErrUnavailable
	a := b.post("root", personForm, "id", "alice", "do", "role", "role", "admin").must(t, http.StatusSeeOther, nil)
	b.get("root", a.Header.Get("Location")).must(t, http.StatusOK, []string{"Role saved", "couldn’t be recorded in the audit log", `role="alert"`}, `role="status">`+"\n")
	b.post("root", personForm, "id", "alice", "do", "password").must(t, http.StatusOK, []string{"made-up-1", "couldn’t be recorded in the audit log"})
	b.post("root", "/console/people/add", "identity", "carol", "role", "worker").must(t, http.StatusOK, []string{"made-up-2", "couldn’t be recorded in the audit log"})
	if !strings.Contains(b.log.String(), "could not be written to the audit") {
		t.Error("the log does not say so")
	}
	// It is written as soon as it can be.
	if late := b.trail.late; len(late) != 3 || late[0].Actor != "root" || late[0].Subject != "alice" || late[0].Via != "console" || late[0].When.IsZero() || late[2].Action != audit.PersonAdded {
		t.Errorf("to be written later are %+v", late)
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	b := newBench(t, nil)
	for _, fields := range [][]string{
		{"id", "alice"}, {"id", "alice", "do", "explode"}, {"id", "alice", "do", "role"}, {"id", "alice", "do", "role", "role", "root"}, {"id", "alice", "do", "export", "may", "perhaps"},
	} {
		b.post("root", personForm, fields...).must(t, http.StatusBadRequest, nil)
	}
	b.post("root", personForm, "do", "sessions").must(t, http.StatusNotFound, nil)
	if len(b.trail.entries) != 0 {
		t.Errorf("the audit has %+v", b.trail.entries)
	}
}
