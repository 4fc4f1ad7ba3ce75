package console_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
)

// addEntries adds audit entries of every kind.
func addEntries(f *fixture) {
	for i, e := range []audit.Entry{
		{Actor: "alice", Via: "app", Action: audit.SignedIn, Subject: "alice", Detail: "password", Address: "203.0.113.9"},
		{Via: "app", Action: audit.SignInFailed, Subject: "mallory@example.com"},
		{Actor: "alice", Via: "app", Action: audit.Viewed, Subject: "c-1", Name: "Anna <Berg>"},
		{Actor: "bob", Via: "app", Action: audit.Viewed, Subject: "c-2", Name: "Bo"},
		{Actor: "alice", Via: "app", Action: audit.UnusualViews, Count: 73, Detail: "different customers within 12m0s", Unusual: true},
		{Actor: "root", Via: "console", Action: audit.PersonChanged, Subject: "bob", Detail: "role: administrator, may export"},
		{Actor: "root", Via: "console", Action: audit.PersonRemoved, Subject: "gone"},
		{Actor: "root", Via: "console", Action: audit.Reassigned, Subject: "gone", Detail: "to alice, within 3s", Count: 312},
		{Actor: "root", Via: "console", Action: audit.Imported, Subject: "kunden.csv", Detail: "3 created, 0 updated, 2 rejected; failed", Count: 5},
		{Actor: "root", Via: "console", Action: audit.SettingChanged, Subject: "masking", Detail: "numbers masked"},
		{Actor: "ops", Via: "command", Action: "from-the-future", Subject: "x", Detail: "whatever \u202e it is"},
	} {
		e.When = noon.Add(time.Duration(i-11) * 24 * time.Hour)
		f.audit.add(e)
	}
}

func TestAudit_DescribesEntries(t *testing.T) {
	f := newFixture(t, nil)
	addEntries(f)
	f.get("root", "/console/audit").check(t, http.StatusOK, []string{
		"Signed in", "with password", "203.0.113.9", "Failed to sign in as <bdi>mallory@example.com</bdi>",
		`Viewed <a href="/console/customers/one?id=c-1"><bdi>Anna &lt;Berg&gt;</bdi></a>`,
		"an unusual number of customers", "within 12 minutes", `class="unusual"`, ">73<",
		`Changed the account of <a href="/console/people/person?id=bob"><bdi>bob</bdi></a>`, "role: Administrator, can export",
		"Deleted the account of <bdi>gone</bdi>", "Reassigned customers of <bdi>gone</bdi>", "312 customers", "to alice",
		"Imported <bdi>kunden.csv</bdi>", "3 created, 2 rejected, failed", "5 rows", "phone number display", "numbers masked",
		"from-the-future", "Command line", `href="/console/audit?actor=alice"`,
	}, "<Berg>", "\u202e", "0 updated", "console.audit")
	f.status.BuiltIn = false
	f.get("root", "/console/audit").check(t, http.StatusOK, []string{"Viewed <bdi>Anna &lt;Berg&gt;</bdi>"}, "/console/customers/one")
}

func TestAudit_Filters(t *testing.T) {
	f := newFixture(t, nil)
	addEntries(f)
	for query, want := range map[string]string{
		"actor=alice":                   "Signed in|Viewed <|Viewed an unusual",
		"actor=alice&kind=view":         "Viewed <|Viewed an unusual",
		"subject=c-2":                   "Viewed <",
		"kind=people":                   "Changed the account|Deleted the account",
		"kind=file":                     "Imported",
		"kind=customer":                 "Reassigned",
		"kind=setting":                  "Changed a setting",
		"kind=nonsense&actor=bob":       "Viewed <",
		"unusual=1":                     "Viewed an unusual",
		"from=2026-11-20":               "Changed a setting|from-the-future",
		"to=2026-11-11":                 "Signed in",
		"from=2026-11-12&to=2026-11-12": "Failed to sign in",
	} {
		body := f.get("root", "/console/audit?"+query).check(t, http.StatusOK, nil).body
		rows := strings.Split(want, "|")
		if got := strings.Count(body, `class="did"`); got != len(rows) {
			t.Errorf("audit?%s shows %d rows, want %d", query, got, len(rows))
		}
		for _, row := range rows {
			if !strings.Contains(body, row) {
				t.Errorf("audit?%s does not show %q", query, row)
			}
		}
	}
	f.get("root", "/console/audit?actor=nobody").check(t, http.StatusOK, []string{"No matching entries"})
	newFixture(t, nil).get("root", "/console/audit").check(t, http.StatusOK, []string{"No entries yet"})
}

func TestAudit_UsesViewersZone(t *testing.T) {
	f := newFixture(t, nil)
	f.accounts.all[2].Preferences = account.Preferences{TimeZone: "Pacific/Auckland"} // 13 hours ahead
	addEntries(f)
	f.get("root", "/console/audit?from=2026-11-12&to=2026-11-12").check(t, http.StatusOK, []string{"Signed in", "Pacific/Auckland"}, "Failed to sign in")
	for query, want := range map[string]string{"from=nonsense": "Enter the date", "to=2026-02-30": "Enter the date", "from=2026-11-12&to=2026-11-11": "before the start"} {
		f.get("root", "/console/audit?"+query).check(t, http.StatusUnprocessableEntity, []string{want, `aria-invalid="true"`, " open>"}, `class="did"`)
	}
}

func TestAudit_Pages(t *testing.T) {
	f := newFixture(t, nil)
	for i := range 120 {
		f.audit.add(audit.Entry{Actor: "alice", Via: "app", Action: audit.Viewed, Subject: fmt.Sprint("c-", i), Name: fmt.Sprintf("Customer %03d", i), Unusual: i < 110})
	}
	next, seen := "/console/audit?actor=alice", 0
	for pages := 1; ; pages++ {
		a := f.get("root", next).check(t, http.StatusOK, []string{"99+"})
		seen += strings.Count(a.body, `class="did"`)
		if back := strings.Contains(a.body, "Newest entries"); back != (pages > 1) {
			t.Errorf("page %d links to the newest: %v", pages, back)
		}
		_, rest, more := strings.Cut(a.body, "after=")
		if !more {
			break
		}
		after, _, _ := strings.Cut(rest, "&")
		after, _, _ = strings.Cut(after, `"`)
		next = "/console/audit?actor=alice&after=" + after
	}
	if seen != 120 {
		t.Errorf("all pages show %d entries", seen)
	}
	a := f.get("root", "/console/audit?actor=alice&after=9999").check(t, http.StatusSeeOther, nil)
	if got := a.Header.Get("Location"); got != "/console/audit?actor=alice" {
		t.Errorf("an unknown cursor redirects to %s", got)
	}
	for _, after := range []string{"-5", "x", "99999999999999999999"} {
		if got := f.get("root", "/console/audit?after="+after).StatusCode; got != http.StatusOK && got != http.StatusSeeOther {
			t.Errorf("audit?after=%s: status %d", after, got)
		}
	}
}

func TestAudit_Unavailable(t *testing.T) {
	f := newFixture(t, nil)
	f.audit.findErr = fmt.Errorf("find: %w", audit.ErrUnavailable)
	f.get("root", "/console/audit").check(t, http.StatusServiceUnavailable, []string{"Can’t reach the audit log", "Try again"})
	f.audit.findErr = errors.New("secret of the store")
	f.get("root", "/console/audit").check(t, http.StatusInternalServerError, nil, "secret of the store")
}

func TestAudit_RecordsExportFirst(t *testing.T) {
	f := newFixture(t, nil)
	addEntries(f)
	f.audit.add(audit.Entry{Actor: "=cmd|x", Via: "app", Action: audit.Viewed, Subject: "c-9"})
	a := f.post("root", "/console/audit/export").check(t, http.StatusOK, []string{"id,when,actor", "'=cmd|x", "audit-export", "mallory@example.com"})
	if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="clientele-audit-2026-11-22.csv"` || a.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("export headers = %v", a.Header)
	}
	if e := f.audit.last(); e.Action != audit.AuditExported || e.Actor != "root" || e.Params != audit.AllEntries {
		t.Errorf("last audit entry = %+v", e)
	}
	f.post("root", "/console/audit/export", "actor", "alice", "kind", "view").check(t, http.StatusOK, []string{"Anna"}, "mallory", ",bob,")
	if e := f.audit.last(); e.Params != audit.FilteredEntries {
		t.Errorf("last audit entry = %+v", e)
	}
	f.post("root", "/console/audit/export", "from", "nonsense").check(t, http.StatusBadRequest, nil)
	f.audit.writeErr = audit.ErrUnavailable
	f.post("root", "/console/audit/export").check(t, http.StatusServiceUnavailable, nil, "mallory")
	f.audit.writeErr, f.audit.findErr = nil, errors.New("gone")
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("an aborted export looks complete")
		}
	}()
	f.post("root", "/console/audit/export")
}

func TestAudit_SavesRules(t *testing.T) {
	f := newFixture(t, nil)
	f.get("root", "/console/audit").check(t, http.StatusOK, []string{`name="days" value="365"`, `name="views" value="60"`, `name="minutes" value="15"`}, "<details class=\"card more rules\" id=\"rules\" open>")
	a := f.post("root", "/console/audit/rules", "days", " 90 ", "views", "30", "minutes", "60").check(t, http.StatusSeeOther, nil)
	stored, err := f.settings.AuditRules(t.Context())
	if want := (settings.AuditRules{KeepDays: 90, Views: 30, Within: time.Hour}); err != nil || stored != want {
		t.Errorf("AuditRules = %+v, %v", stored, err)
	}
	if e := f.audit.last(); e.Action != audit.SettingChanged || e.Subject != "audit" || f.reloads != 1 {
		t.Errorf("last audit entry = %+v after %d reloads", e, f.reloads)
	}
	f.get("root", a.Header.Get("Location")).check(t, http.StatusOK, []string{"Saved.", `value="90"`})
	for _, fields := range [][]string{
		{"days", "29", "views", "30", "minutes", "15"}, {"days", "3651", "views", "30", "minutes", "15"}, {"days", "90", "views", "0", "minutes", "15"},
		{"days", "90", "views", "30", "minutes", "1441"}, {"days", "many", "views", "", "minutes", "1e3"}, {"days", "\u202e90", "views", "30", "minutes", "15"},
	} {
		f.post("root", "/console/audit/rules", fields...).check(t, http.StatusUnprocessableEntity, []string{"Enter a whole number from", `id="rules" open`}, "\u202e")
	}
	if now, _ := f.settings.AuditRules(t.Context()); now != stored {
		t.Errorf("AuditRules after invalid forms = %+v", now)
	}
}

func FuzzAuditFilter(f *testing.F) {
	for _, seed := range []string{"", "actor=a&kind=view&from=2026-01-01", "after=1&unusual=1", "from=%00&to=9999-99-99", "subject=%ff%fe&actor=%e2%80%ae", "from=0001-01-01&to=9999-12-31"} {
		f.Add(seed)
	}
	site := newFixture(f, nil)
	addEntries(site)
	f.Fuzz(func(t *testing.T, query string) {
		if _, err := url.ParseQuery(query); err != nil {
			t.Skip()
		}
		r := formRequest("/console/audit")
		r.Method, r.URL.RawQuery = http.MethodGet, query
		one := *site
		one.t = t
		switch a := one.do("root", r); a.StatusCode {
		case http.StatusOK, http.StatusSeeOther, http.StatusUnprocessableEntity:
			if strings.ContainsAny(a.body, "\u202e\x00") {
				t.Errorf("audit?%s shows control characters", query)
			}
		default:
			t.Errorf("audit?%s: status %d", query, a.StatusCode)
		}
	})
}
