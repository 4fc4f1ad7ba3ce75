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

// lately lets things of every kind have been done.
func lately(b *bench) {
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
		b.trail.happened(e)
	}
}

func TestTheAuditReadsAsSentences(t *testing.T) {
	b := newBench(t, nil)
	lately(b)
	b.get("root", "/console/audit").must(t, http.StatusOK, []string{
		"Signed in", "with password", "203.0.113.9", "Failed to sign in as <bdi>mallory@example.com</bdi>",
		`Viewed <a href="/console/customers/one?id=c-1"><bdi>Anna &lt;Berg&gt;</bdi></a>`,
		"an unusual number of customers", "within 12 minutes", `class="odd"`, ">73<",
		`Changed the account of <a href="/console/people/person?id=bob"><bdi>bob</bdi></a>`, "role: Administrator, can export",
		"Deleted the account of <bdi>gone</bdi>", "Transferred customers from <bdi>gone</bdi>", "312 customers", "to alice",
		"Imported <bdi>kunden.csv</bdi>", "3 created, 2 rejected; failed", "5 rows", "phone number display", "numbers masked",
		"from-the-future", "Command line", `href="/console/audit?actor=alice"`,
	}, "<Berg>", "\u202e", "0 updated", "console.audit")
	b.status.BuiltIn = false
	b.get("root", "/console/audit").must(t, http.StatusOK, []string{"Viewed <bdi>Anna &lt;Berg&gt;</bdi>"}, "/console/customers/one")
}

func TestTheAuditIsFiltered(t *testing.T) {
	b := newBench(t, nil)
	lately(b)
	for query, want := range map[string]string{
		"actor=alice":                   "Signed in|Viewed <|Viewed an unusual",
		"actor=alice&kind=view":         "Viewed <|Viewed an unusual",
		"subject=c-2":                   "Viewed <",
		"kind=people":                   "Changed the account|Deleted the account",
		"kind=file":                     "Imported",
		"kind=customer":                 "Transferred",
		"kind=setting":                  "Changed a setting",
		"kind=nonsense&actor=bob":       "Viewed <",
		"unusual=1":                     "Viewed an unusual",
		"from=2026-11-20":               "Changed a setting|from-the-future",
		"to=2026-11-11":                 "Signed in",
		"from=2026-11-12&to=2026-11-12": "Failed to sign in",
	} {
		body := b.get("root", "/console/audit?"+query).must(t, http.StatusOK, nil).body
		rows := strings.Split(want, "|")
		if got := strings.Count(body, `class="did"`); got != len(rows) {
			t.Errorf("?%s shows %d rows, want %d", query, got, len(rows))
		}
		for _, row := range rows {
			if !strings.Contains(body, row) {
				t.Errorf("?%s does not show %q", query, row)
			}
		}
	}
	b.get("root", "/console/audit?actor=nobody").must(t, http.StatusOK, []string{"No matching entries"})
	newBench(t, nil).get("root", "/console/audit").must(t, http.StatusOK, []string{"No entries yet"})
}

func TestDaysAreThoseOfTheReader(t *testing.T) {
	b := newBench(t, nil)
	b.staff.all[2].Preferences = account.Preferences{TimeZone: "Pacific/Auckland"} // 13 hours ahead
	lately(b)
	b.get("root", "/console/audit?from=2026-11-12&to=2026-11-12").must(t, http.StatusOK, []string{"Signed in", "Pacific/Auckland"}, "Failed to sign in")
	for query, want := range map[string]string{"from=nonsense": "Enter the date", "to=2026-02-30": "Enter the date", "from=2026-11-12&to=2026-11-11": "before the start"} {
		b.get("root", "/console/audit?"+query).must(t, http.StatusUnprocessableEntity, []string{want, `aria-invalid="true"`, " open>"}, `class="did"`)
	}
}

func TestTheAuditTurnsPages(t *testing.T) {
	b := newBench(t, nil)
	for i := range 120 {
		b.trail.happened(audit.Entry{Actor: "alice", Via: "app", Action: audit.Viewed, Subject: fmt.Sprint("c-", i), Name: fmt.Sprintf("Customer %03d", i), Unusual: i < 110})
	}
	next, seen := "/console/audit?actor=alice", 0
	for pages := 1; ; pages++ {
		a := b.get("root", next).must(t, http.StatusOK, []string{"99+"})
		seen += strings.Count(a.body, `class="did"`)
		if back := strings.Contains(a.body, "Newest entries"); back != (pages > 1) {
			t.Errorf("page %d leads back to the newest: %v", pages, back)
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
		t.Errorf("the pages show %d entries", seen)
	}
	a := b.get("root", "/console/audit?actor=alice&after=9999").must(t, http.StatusSeeOther, nil)
	if got := a.Header.Get("Location"); got != "/console/audit?actor=alice" {
		t.Errorf("a place that is gone leads to %s", got)
	}
	for _, after := range []string{"-5", "x", "99999999999999999999"} {
		if got := b.get("root", "/console/audit?after="+after).StatusCode; got != http.StatusOK && got != http.StatusSeeOther {
			t.Errorf("after=%s answers %d", after, got)
		}
	}
}

func TestAnAuditThatIsAwayIsSaid(t *testing.T) {
	b := newBench(t, nil)
	b.trail.find = fmt.Errorf("find: %w", audit.ErrUnavailable)
	b.get("root", "/console/audit").must(t, http.StatusServiceUnavailable, []string{"Can’t reach the audit log", "Try again"})
	b.trail.find = errors.New("secret of the store")
	b.get("root", "/console/audit").must(t, http.StatusInternalServerError, nil, "secret of the store")
}

func TestTheFileIsWrittenDownBeforeItLeaves(t *testing.T) {
	b := newBench(t, nil)
	lately(b)
	b.trail.happened(audit.Entry{Actor: "=cmd|x", Via: "app", Action: audit.Viewed, Subject: "c-9"})
	a := b.post("root", "/console/audit/export").must(t, http.StatusOK, []string{"id,when,actor", "'=cmd|x", "audit-export", "mallory@example.com"})
	if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="clientele-audit-2026-11-22.csv"` || a.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("the headers are %v", a.Header)
	}
	if e := b.trail.last(); e.Action != audit.AuditExported || e.Actor != "root" || e.Detail != "all of it" {
		t.Errorf("the audit has %+v", e)
	}
	b.post("root", "/console/audit/export", "actor", "alice", "kind", "view").must(t, http.StatusOK, []string{"Anna"}, "mallory", ",bob,")
	if e := b.trail.last(); e.Detail != "a part of it" {
		t.Errorf("the audit has %+v", e)
	}
	b.post("root", "/console/audit/export", "from", "nonsense").must(t, http.StatusBadRequest, nil)
	b.trail.keep = audit.ErrUnavailable
	b.post("root", "/console/audit/export").must(t, http.StatusServiceUnavailable, nil, "mallory")
	b.trail.keep, b.trail.find = nil, errors.New("gone")
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("a file that ends early looks whole")
		}
	}()
	b.post("root", "/console/audit/export")
}

func TestTheRulesOfTheAuditAreKept(t *testing.T) {
	b := newBench(t, nil)
	b.get("root", "/console/audit").must(t, http.StatusOK, []string{`name="days" value="365"`, `name="views" value="60"`, `name="minutes" value="15"`}, "<details class=\"card more rules\" id=\"rules\" open>")
	a := b.post("root", "/console/audit/rules", "days", " 90 ", "views", "30", "minutes", "60").must(t, http.StatusSeeOther, nil)
	kept, err := b.settings.AuditRules(t.Context())
	if want := (settings.AuditRules{KeepDays: 90, Views: 30, Within: time.Hour}); err != nil || kept != want {
		t.Errorf("kept are %+v, %v", kept, err)
	}
	if e := b.trail.last(); e.Action != audit.SettingChanged || e.Subject != "audit" || b.reloads != 1 {
		t.Errorf("the audit has %+v, after %d reloads", e, b.reloads)
	}
	b.get("root", a.Header.Get("Location")).must(t, http.StatusOK, []string{"Saved.", `value="90"`})
	for _, fields := range [][]string{
		{"days", "29", "views", "30", "minutes", "15"}, {"days", "3651", "views", "30", "minutes", "15"}, {"days", "90", "views", "0", "minutes", "15"},
		{"days", "90", "views", "30", "minutes", "1441"}, {"days", "many", "views", "", "minutes", "1e3"}, {"days", "\u202e90", "views", "30", "minutes", "15"},
	} {
		b.post("root", "/console/audit/rules", fields...).must(t, http.StatusUnprocessableEntity, []string{"Enter a whole number from", `id="rules" open`}, "\u202e")
	}
	if now, _ := b.settings.AuditRules(t.Context()); now != kept {
		t.Errorf("kept are %+v", now)
	}
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"", "actor=a&kind=view&from=2026-01-01", "after=1&unusual=1", "from=%00&to=9999-99-99", "subject=%ff%fe&actor=%e2%80%ae", "from=0001-01-01&to=9999-12-31"} {
		f.Add(seed)
	}
	b := newBench(f, nil)
	lately(b)
	f.Fuzz(func(t *testing.T, query string) {
		if _, err := url.ParseQuery(query); err != nil {
			t.Skip()
		}
		r := posted("/console/audit")
		r.Method, r.URL.RawQuery = http.MethodGet, query
		one := *b
		one.t = t
		switch a := one.do("root", r); a.StatusCode {
		case http.StatusOK, http.StatusSeeOther, http.StatusUnprocessableEntity:
			if strings.ContainsAny(a.body, "\u202e\x00") {
				t.Errorf("?%s is shown as it came", query)
			}
		default:
			t.Errorf("?%s answers %d", query, a.StatusCode)
		}
	})
}
