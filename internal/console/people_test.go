package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/text"
)

// ownerCounts are numbers of customers by owner.
type ownerCounts struct {
	emptyCustomers
	by map[string]int
}

func (c ownerCounts) OwnerCount(_ context.Context, worker string) (int, error) {
	return c.by[text.IdentityKey(worker)], nil
}

// awkward are identities with characters that need escaping.
var awkward = []string{"a/b//c", "..", "%2F", "with <b>&amp;\"quotes\"'", "ليلى منصور", strings.Repeat("é", 128), "a b?c=d&e#f", "+15551234567"}

func TestPeople_List(t *testing.T) {
	f := newFixture(t, func(o *console.Options) { o.Reader = ownerCounts{by: map[string]int{"alice": 12}} })
	f.accounts.all[0].LastSeen = noon.Add(-time.Hour)
	f.accounts.all[1].Deactivated = noon
	f.accounts.all = append(f.accounts.all, account.Person{Identity: "carol", Role: account.RoleAdmin, MayExport: true, Issuer: "https://id.example", Subject: "1"})
	f.accounts.sessions = map[string][]account.Session{"alice": {{}, {}}}
	a := f.get("root", "/console/people").check(t, http.StatusOK, []string{
		"4 people", "alice", "11:00", " 12</td>", "Password", "No password", "Identity provider", "Can export", "Deactivated", "/console/people/person?id=carol",
	})
	if strings.Index(a.body, "id=bob") < strings.Index(a.body, "id=root") {
		t.Error("a deactivated person is not listed last")
	}
	f.status.BuiltIn = false
	f.get("root", "/console/people").check(t, http.StatusOK, nil, " 12</td>", ">Customers</th>")
}

func TestPeople_Filters(t *testing.T) {
	f := newFixture(t, nil)
	f.accounts.all = append(f.accounts.all, account.Person{Identity: "Zoë@example.com", Role: account.RoleAdmin}, account.Person{Identity: "gone", Role: account.RoleWorker, Deactivated: noon})
	for query, want := range map[string]string{
		"q=ZOE": "Zoë@example.com", "q=+li+": "alice", "show=admin": "Zoë@example.com root", "show=worker": "alice bob gone", "show=inactive": "gone",
		"q=o&show=worker": "bob gone", "q=nobody": "", "show=nonsense": "Zoë@example.com alice bob gone root",
	} {
		body := f.get("root", "/console/people?"+query).check(t, http.StatusOK, nil).body
		for _, p := range f.accounts.all {
			there := strings.Contains(body, `href="/console/people/person?`+strings.ReplaceAll(url.Values{"id": {p.Identity}}.Encode(), "&", "&amp;")+`"`)
			if wanted := strings.Contains(" "+want+" ", " "+p.Identity+" "); there != wanted {
				t.Errorf("people?%s lists %s = %v", query, p.Identity, there)
			}
		}
		if want == "" && !strings.Contains(body, "No one found") {
			t.Errorf("people?%s has no message for an empty list", query)
		}
	}
}

func TestPeople_Pages(t *testing.T) {
	f := newFixture(t, nil)
	for i := range 2000 {
		f.accounts.all = append(f.accounts.all, account.Person{Identity: fmt.Sprintf("w%04d", i), Role: account.RoleWorker})
	}
	seen := 0
	next := "/console/people?show=worker"
	for pages := 0; next != ""; pages++ {
		if pages > 50 {
			t.Fatal("too many pages")
		}
		a := f.get("root", next).check(t, http.StatusOK, []string{"2002 matches"})
		seen += strings.Count(a.body, `<td role="cell" class="name">`)
		_, rest, ok := strings.Cut(a.body, `<p class="pager">`)
		rest, _, _ = strings.Cut(rest, "</p>")
		next = ""
		if i := strings.LastIndex(rest, `href="`); ok && strings.Contains(rest, ">Next<") {
			next, _, _ = strings.Cut(rest[i+6:], `"`)
			next = strings.ReplaceAll(next, "&amp;", "&")
		}
	}
	if seen != 2002 {
		t.Errorf("the pages list %d people", seen)
	}
	for _, page := range []string{"0", "-1", "9999999", "x", "99999999999999999999"} {
		f.get("root", "/console/people?page="+page).check(t, http.StatusOK, []string{`class="name"`})
	}
}

func TestPerson_AcceptsAnyIdentity(t *testing.T) {
	f := newFixture(t, nil)
	for _, identity := range awkward {
		f.accounts.all = append(f.accounts.all, account.Person{Identity: identity, Role: account.RoleWorker})
		f.get("root", "/console/people/person?"+url.Values{"id": {identity}}.Encode()).check(t, http.StatusOK, []string{"Deactivate"}, "<b>")
		f.post("root", "/console/people/person", "id", identity, "do", "role", "role", "admin").check(t, http.StatusSeeOther, nil)
		if e := f.audit.last(); e.Subject != identity || e.Params != audit.RoleAdmin {
			t.Errorf("last audit entry about %q = %+v", identity, e)
		}
	}
	f.get("root", "/console/people").check(t, http.StatusOK, nil, "<b>&")
	for _, unknown := range []string{"", "nobody", "\x00", "\xff", strings.Repeat("x", 10_000)} {
		f.get("root", "/console/people/person?"+url.Values{"id": {unknown}}.Encode()).check(t, http.StatusNotFound, []string{"no longer has an account", `href="/console/people" data-retry>Show everyone`})
	}
}

func TestPerson_ShowsActions(t *testing.T) {
	f := newFixture(t, func(o *console.Options) { o.Reader = ownerCounts{by: map[string]int{"alice": 3, "gone": 5}} })
	f.accounts.all = append(f.accounts.all, account.Person{Identity: "gone", Role: account.RoleWorker, Deactivated: noon},
		account.Person{Identity: "bound", Role: account.RoleAdmin, Issuer: "https://id.example", Subject: "s", MayExport: true, Deactivated: noon})
	_ = f.accounts.SetMayExport(t.Context(), "root", false)
	f.accounts.sessions = map[string][]account.Session{"alice": {{}}}
	f.audit.add(audit.Entry{Actor: "alice", Action: audit.Viewed, Subject: "1", Name: "Anna Berg"})
	f.get("root", "/console/people/person?id=alice").check(t, http.StatusOK, []string{
		"Viewed <bdi>Anna Berg</bdi>", "/console/audit?actor=alice", "/console/customers/reassign?from=alice", "Reset password", "Sign out everywhere", "do=deactivate",
	}, "do=remove", "do=unbind", `name="may"`)
	f.get("root", "/console/people/person?id=gone").check(t, http.StatusOK, []string{
		"Deactivated since", "/console/customers/reassign?from=gone", `value="activate"`, "do=remove", "No activity yet",
	}, "do=deactivate")
	f.get("root", "/console/people/person?id=bound").check(t, http.StatusOK, []string{"https://id.example", "do=unbind", `name="may" value="off"`})
	f.get("root", "/console/people/person?id=root").check(t, http.StatusOK, []string{"last active administrator", "You can’t give yourself permission"},
		"do=deactivate", "do=password", `name="may"`, "Save role")
	f.audit.findErr = audit.ErrUnavailable
	f.get("root", "/console/people/person?id=alice").check(t, http.StatusOK, []string{"Deactivate"})
}

func TestPeople_Unavailable(t *testing.T) {
	f := newFixture(t, nil)
	f.accounts.fail = fmt.Errorf("list: %w", account.ErrUnavailable)
	for _, path := range []string{"/console/people", "/console/people/person?id=alice", "/console/people/confirm?id=alice&do=remove"} {
		f.get("root", path).check(t, http.StatusServiceUnavailable, []string{"Try again"})
	}
	f.post("root", "/console/people/person", "id", "alice", "do", "sessions").check(t, http.StatusServiceUnavailable, nil)
	f.accounts.fail = errors.New("secret of the store")
	f.get("root", "/console/people").check(t, http.StatusInternalServerError, nil, "secret of the store")
}
