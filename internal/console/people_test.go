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

// holdings are how many customers each has.
type holdings map[string]int

func (h holdings) OwnerCount(_ context.Context, worker string) (int, error) {
	return h[text.IdentityKey(worker)], nil
}

// awkward are identities that a page, an address or a form could break at.
var awkward = []string{"a/b//c", "..", "%2F", "with <b>&amp;\"quotes\"'", "ليلى منصور", strings.Repeat("é", 128), "a b?c=d&e#f", "+15551234567"}

func TestPeopleAreListedWithWhatIsKnownOfThem(t *testing.T) {
	b := newBench(t, func(o *console.Options) { o.OwnerCounts = holdings{"alice": 12} })
	b.staff.all[0].LastSeen = noon.Add(-time.Hour)
	b.staff.all[1].Deactivated = noon
	b.staff.all = append(b.staff.all, account.Person{Identity: "carol", Role: account.RoleAdmin, MayExport: true, Issuer: "https://id.example", Subject: "1"})
	b.staff.sessions = map[string][]account.Session{"alice": {{}, {}}}
	a := b.get("root", "/console/people").must(t, http.StatusOK, []string{
		"4 people", "alice", "11:00", " 12</td>", "Password", "No password", "Identity provider", "Can export", "Deactivated", "/console/people/person?id=carol",
	})
	if strings.Index(a.body, "id=bob") < strings.Index(a.body, "id=root") {
		t.Error("who was deactivated stands among the others")
	}
	b.status.BuiltIn = false
	b.get("root", "/console/people").must(t, http.StatusOK, nil, " 12</td>", ">Customers</th>")
}

func TestPeopleAreFoundByTextAndRole(t *testing.T) {
	b := newBench(t, nil)
	b.staff.all = append(b.staff.all, account.Person{Identity: "Zoë@example.com", Role: account.RoleAdmin}, account.Person{Identity: "gone", Role: account.RoleWorker, Deactivated: noon})
	for query, want := range map[string]string{
		"q=ZOE": "Zoë@example.com", "q=+li+": "alice", "show=admin": "Zoë@example.com root", "show=worker": "alice bob gone", "show=inactive": "gone",
		"q=o&show=worker": "bob gone", "q=nobody": "", "show=nonsense": "Zoë@example.com alice bob gone root",
	} {
		body := b.get("root", "/console/people?"+query).must(t, http.StatusOK, nil).body
		for _, p := range b.staff.all {
			there := strings.Contains(body, `href="/console/people/person?`+strings.ReplaceAll(url.Values{"id": {p.Identity}}.Encode(), "&", "&amp;")+`"`)
			if wanted := strings.Contains(" "+want+" ", " "+p.Identity+" "); there != wanted {
				t.Errorf("?%s shows %s: %v", query, p.Identity, there)
			}
		}
		if want == "" && !strings.Contains(body, "No one found") {
			t.Errorf("?%s does not say that nobody was found", query)
		}
	}
}

func TestManyPeopleComeInPages(t *testing.T) {
	b := newBench(t, nil)
	for i := range 2000 {
		b.staff.all = append(b.staff.all, account.Person{Identity: fmt.Sprintf("w%04d", i), Role: account.RoleWorker})
	}
	seen := 0
	next := "/console/people?show=worker"
	for pages := 0; next != ""; pages++ {
		if pages > 50 {
			t.Fatal("the pages do not end")
		}
		a := b.get("root", next).must(t, http.StatusOK, []string{"2002 matches"})
		seen += strings.Count(a.body, `<td role="cell" class="name">`)
		_, rest, ok := strings.Cut(a.body, `<p class="turn">`)
		rest, _, _ = strings.Cut(rest, "</p>")
		next = ""
		if i := strings.LastIndex(rest, `href="`); ok && strings.Contains(rest, ">Next<") {
			next, _, _ = strings.Cut(rest[i+6:], `"`)
			next = strings.ReplaceAll(next, "&amp;", "&")
		}
	}
	if seen != 2002 {
		t.Errorf("the pages show %d people", seen)
	}
	for _, page := range []string{"0", "-1", "9999999", "x", "99999999999999999999"} {
		b.get("root", "/console/people?page="+page).must(t, http.StatusOK, []string{`class="name"`})
	}
}

func TestAnyIdentityHasAPageOfItsOwn(t *testing.T) {
	b := newBench(t, nil)
	for _, identity := range awkward {
		b.staff.all = append(b.staff.all, account.Person{Identity: identity, Role: account.RoleWorker})
		b.get("root", "/console/people/person?"+url.Values{"id": {identity}}.Encode()).must(t, http.StatusOK, []string{"Deactivate"}, "<b>")
		b.post("root", "/console/people/person", "id", identity, "do", "role", "role", "admin").must(t, http.StatusSeeOther, nil)
		if e := b.trail.last(); e.Subject != identity || e.Detail != "role: administrator" {
			t.Errorf("of %q the audit says %+v", identity, e)
		}
	}
	b.get("root", "/console/people").must(t, http.StatusOK, nil, "<b>&")
	for _, nobody := range []string{"", "nobody", "\x00", "\xff", strings.Repeat("x", 10_000)} {
		b.get("root", "/console/people/person?"+url.Values{"id": {nobody}}.Encode()).must(t, http.StatusNotFound, []string{"no longer has an account", `href="/console/people" data-retry>Show everyone`})
	}
}

func TestAPersonsPageOffersWhatCanBeDone(t *testing.T) {
	b := newBench(t, func(o *console.Options) { o.OwnerCounts = holdings{"alice": 3, "gone": 5} })
	b.staff.all = append(b.staff.all, account.Person{Identity: "gone", Role: account.RoleWorker, Deactivated: noon},
		account.Person{Identity: "bound", Role: account.RoleAdmin, Issuer: "https://id.example", Subject: "s", MayExport: true, Deactivated: noon})
	b.staff.sessions = map[string][]account.Session{"alice": {{}}}
	b.trail.happened(audit.Entry{Actor: "alice", Action: audit.Viewed, Subject: "1", Name: "Anna Berg"})
	b.get("root", "/console/people/person?id=alice").must(t, http.StatusOK, []string{
		"Viewed <bdi>Anna Berg</bdi>", "/console/audit?actor=alice", "/console/customers/reassign?from=alice", "Reset password", "Sign out everywhere", "do=deactivate",
	}, "do=remove", "do=unbind", `name="may"`)
	b.get("root", "/console/people/person?id=gone").must(t, http.StatusOK, []string{
		"Deactivated since", "/console/customers/reassign?from=gone", `value="activate"`, "do=remove", "No activity yet",
	}, "do=deactivate")
	b.get("root", "/console/people/person?id=bound").must(t, http.StatusOK, []string{"https://id.example", "do=unbind", `name="may" value="off"`})
	b.get("root", "/console/people/person?id=root").must(t, http.StatusOK, []string{"last active administrator", "You can’t give yourself permission"},
		"do=deactivate", "do=password", `name="may"`, "Save role")
	b.trail.find = audit.ErrUnavailable
	b.get("root", "/console/people/person?id=alice").must(t, http.StatusOK, []string{"Deactivate"})
}

func TestTheStoreBeingAwayIsSaid(t *testing.T) {
	b := newBench(t, nil)
	b.staff.fail = fmt.Errorf("list: %w", account.ErrUnavailable)
	for _, path := range []string{"/console/people", "/console/people/person?id=alice", "/console/people/confirm?id=alice&do=remove"} {
		b.get("root", path).must(t, http.StatusServiceUnavailable, []string{"Try again"})
	}
	b.post("root", "/console/people/person", "id", "alice", "do", "sessions").must(t, http.StatusServiceUnavailable, nil)
	b.staff.fail = errors.New("secret of the store")
	b.get("root", "/console/people").must(t, http.StatusInternalServerError, nil, "secret of the store")
}
