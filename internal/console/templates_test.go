package console

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// pageStructs are each template with its struct: as empty and as full as it gets.
func pageStructs(v *visit) map[string][]any {
	base := ui.Base{Title: "T", Lang: v.Locale.Tag(), Dir: v.Locale.Dir(), Theme: "dark", Tab: "callbacks", View: "list"}
	failed := &testResult{
		Title: "T", Tag: "500", Code: "48004", CodeText: "c", Remedy: "r", Summary: []string{"a", "b"}, Notes: []string{"n"}, Facts: []fact{{"N", "V"}},
		Sent: &message{Line: "POST", Headers: []fact{{"N", "V"}}, Body: "b"}, Came: &message{Line: "HTTP", Cut: true, Length: "9 KiB"}, Unsaved: true,
	}
	status := statusCard{Service: "S", State: "s", Facts: []fact{{"N", "V"}}}
	at := frame{v.Now.Add(-time.Hour), v.Now, spans[0]}
	points := []activity.Point{{Start: at.from, Calls: 2, Failed: 1, Error: .5, Hits: 1, HitRate: .33, P50: time.Second}, {Start: v.Now}}
	row := auditRow{When: "w", Who: "w", WhoHref: "/w", What: "w", Detail: "d", Count: "c", Via: "v", Address: "a", Unusual: true}
	return map[string][]any{
		"callbacks": {callbacksPage{}, callbacksPage{
			Base: base, Done: "d", Problem: "p", NewToken: "t", InForce: "https://example.com", Trouble: "t",
			URLs: []urlField{
				{Which: crm, Name: "crm_callback_url", Label: "L", Help: "H", Value: "v", Was: "w", Flag: "--f"},
				{Which: outgoing, Name: "outgoing_callback_url", Label: "L", Help: "H", Error: "e"}, {Which: templates, Name: "x", Insecure: true},
			},
			Token:  tokenField{Error: "e", Kept: "k", Age: "a", Since: "1", Grace: "g", Typed: true},
			Test:   testForm{Worker: "w", Workers: []string{"w", "x"}, Question: askSearch, Channel: "whatsapp", WorkerError: "e", QueryError: "e", CustomerError: "e", AddressError: "e"},
			Result: failed,
		}, callbacksPage{Token: tokenField{Flag: "--f", Error: "e"}, BuiltIn: true, Result: &testResult{Problem: "p", Field: "f", Code: "48001"}}},
		"result": {failed, &testResult{}, &testResult{Good: true, Tag: "200"}},
		"activity": {activityPage{}, activityPage{Base: base, Empty: true, Status: status}, activityPage{
			Base: base, Span: "24h", Failed: true, Status: status, Figures: []fact{{"N", "V"}}, Charts: charts(points, at, v.Locale),
			Rows: []figuresRow{{Start: "s"}}, More: "?older=1",
			Calls: []callRow{{When: "w", Worker: "w", Question: "q", Outcome: "failed", Code: "48004", Meaning: "m", Status: 500, Queued: "q", Crawl: true, BuiltIn: true}, {Outcome: "ok"}},
		}, activityPage{Charts: charts(nil, at, v.Locale)}},
		"people": {peoplePage{}, peoplePage{Base: base, Done: "d", Problem: "p", Query: "q", Show: "admin", Count: "c", Counted: true, Before: "/b", After: "/a", Rows: []personRow{
			{Href: "/h", Name: "n", Initials: "N", Role: "r", Self: true, Inactive: true, Seen: "s", Sessions: 1, Customers: 2, Theirs: "/t", SignsIn: "i", MayExport: true}, {},
		}}},
		"add": {addPage{}, addPage{Base: base, Identity: "i", Role: "admin", MayExport: true, Passwords: true, IdentityError: "e", RoleError: "e", Existing: "/e"}},
		"person": {personPage{}, personPage{
			Base: base, Done: "d", Problem: "p", NewPassword: "n", ID: "i", IsAdmin: true, Added: "a", Passwords: true, Bound: "https://i", HandOver: "/h", Audit: "/a", Traces: []auditRow{row, {}},
			personRow: personRow{Name: "n", Customers: 3, Sessions: 1, MayExport: true, Seen: "s"},
		}, personPage{personRow: personRow{Inactive: true, Customers: 3}, Deactivated: "d"}, personPage{IsAdmin: true, Last: true, personRow: personRow{Self: true, Customers: -1}}, personPage{ByClaim: true, IsAdmin: true}},
		"confirm": {confirmPage{}, confirmPage{Base: base, ID: "i", Name: "n", Href: "/h", Do: "role", Role: "worker", Heading: "h", Text: "t", Self: "s", Customers: "c", HandOver: "/h", Action: "a", Was: "w"}},
		"signin":  {signInPage{}, signInPage{Base: base, Done: "d", Problem: "p", Provider: &Provider{"https://i", "c"}, Origin: "https://o", Callback: "https://c", After: "https://a", Guessed: true, Claim: "c", RoleClaim: "r", AdminValue: "v", Provision: true, PasswordsOff: true, MayLock: true, ClaimError: "e", RoleError: "e", ValueError: "e", PasswordsError: "e"}},
		"audit": {auditPage{}, auditPage{
			Base: base, Done: "d", Problem: "p", Filter: auditFilter{Actor: "a", Subject: "s", Kind: "view", From: "2026-01-01", To: "x", Unusual: true, FromError: "e", ToError: "e"}, Kinds: kindChoices("view", v), Zone: "UTC",
			Unusual: "3", All: "/a", OnlyUnusual: "/u", Rows: []auditRow{row, {}}, Older: "/o", Newest: "/n", Rules: rulesForm{Days: "1", Views: "2", Minutes: "3", DaysError: "e", ViewsError: "e", MinutesError: "e", Open: true},
		}, auditPage{Older: "/o"}, auditPage{Filter: auditFilter{Unusual: true}}},
		"error": {ui.ErrorPage{Base: base, Failure: ui.Describe(classify(nil), v.Locale, "/console")}},
	}
}

func TestEveryTemplateFitsItsStructInEveryLanguage(t *testing.T) {
	c := &console{Options: Options{Logger: slog.New(slog.DiscardHandler), Now: time.Now}}
	if err := c.load(); err != nil {
		t.Fatal(err)
	}
	for _, l := range languages(t) {
		v := &visit{Locale: l, Zone: time.UTC, Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
		for name, structs := range pageStructs(v) {
			for i, page := range structs {
				body, err := c.pages.Execute(l, name, page)
				if err != nil {
					t.Errorf("%s %s %d: %v", l.Tag(), name, i, err)
				}
				for _, bad := range []string{"ZgotmplZ", "<no value>", "%!", "NaN"} {
					if strings.Contains(string(body), bad) {
						t.Errorf("%s %s %d: the page has %s in it", l.Tag(), name, i, bad)
					}
				}
			}
		}
	}
}

func languages(t testing.TB) []*locale.Locale {
	t.Helper()
	catalogue, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue.Locales()
}

func TestEveryCodeAndOutcomeHasWords(t *testing.T) {
	for _, l := range languages(t) {
		for _, code := range []frontline.Code{frontline.CodeInvalidPayload, frontline.CodeNoCallbackURL, frontline.CodeInvalidResponse, frontline.CodeCallbackFailed, frontline.CodeCallbackTimeout} {
			if key := "console.code." + count(int64(code)); !l.Has(key) {
				t.Errorf("%s lacks %s", l.Tag(), key)
			}
		}
		for _, outcome := range []activity.Outcome{activity.OK, activity.NotFound, activity.Failed} {
			if key := "console.outcome." + string(outcome); !l.Has(key) {
				t.Errorf("%s lacks %s", l.Tag(), key)
			}
		}
	}
}

// TestEveryURLErrorHasWordsOfOurOwn sees to it that nobody reads the English of a
// package below in another language.
func TestEveryURLErrorHasWordsOfOurOwn(t *testing.T) {
	for _, raw := range []string{
		"", "x", "example.com/crm", "ftp://example.com/", "https://", "https://u@example.com/", "https://u:p@example.com/", "https://example.com/#top", "https://example.com/#",
		"https://example.com/?q=a b", "https://example.com/?q=é", "https://example.com/?bodySHA256=00", "https://example.com/?a;&body%53HA256", "https://exämple.com/",
		"https://[fe80::1%25eth0]/", "https://example.com:0/", "https://example.com:65536/", "https://example.com:http/", "https://example.com/\n", "https://[::1", "https:example.com",
	} {
		err := frontline.CheckCallbackURL(raw)
		if err == nil {
			t.Errorf("%q is no bad URL", raw)
			continue
		}
		if got := urlProblem(raw, err, languages(t)[0]); strings.Contains(got, "can’t be used:") || strings.Contains(got, "console.") {
			t.Errorf("%q reads %q", raw, got)
		}
	}
}
