package integration

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/console/view/viewtest"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

func TestTemplates_FitTheirStructs(t *testing.T) {
	viewtest.CheckPages(t, "..", 4, func(v *auth.Viewer) map[string][]any {
		base := ui.Base{Title: "T", Lang: v.Locale.Tag(), Dir: v.Locale.Dir(), Theme: "dark", Tab: "callbacks", View: "list"}
		failed := &testResult{
			Title: "T", Tag: "500", Code: "48004", CodeText: "c", Diagnosis: "r", Summary: []string{"a", "b"}, Notes: []string{"n"}, Facts: []fact{{"N", "V"}},
			Request: &message{Line: "POST", Headers: []fact{{"N", "V"}}, Body: "b"}, Response: &message{Line: "HTTP", Cut: true, Length: "9 KiB"}, Unsaved: true,
		}
		status := statusCard{Service: "S", State: "s", Facts: []fact{{"N", "V"}}}
		at := timeRange{v.Now.Add(-time.Hour), v.Now, spans[0]}
		points := []activity.Point{{Start: at.from, Calls: 2, Failed: 1, Error: .5, Hits: 1, HitRate: .33, P50: time.Second}, {Start: v.Now}}
		fields := make(map[string]settingField)
		for i, f := range new(settings.Conversations).Fields() {
			field := settingField{Name: f.Name, Value: "v", Secret: f.Kind == settings.SecretField, Set: true, Error: "e"}
			if i >= 3 {
				field.Flag, field.Error = "--f", ""
			}
			fields[f.Name] = field
		}
		template := settings.Template{Text: "t", WhatsAppApproved: true, ContentSID: "HX", Variables: map[string]string{"1": "v"}}
		return map[string][]any{
			"callbacks": {callbacksPage{}, callbacksPage{
				Base: base, Done: "d", Problem: "p", NewToken: "t", CRMURL: "https://example.com", CRMProblem: "t",
				URLs: []urlField{
					{Which: crm, Name: "crm_callback_url", Label: "L", Help: "H", Value: "v", Was: "w", Flag: "--f"},
					{Which: outgoing, Name: "outgoing_callback_url", Label: "L", Help: "H", Error: "e"}, {Which: templates, Name: "x", Insecure: true},
				},
				Token:  tokenField{Error: "e", Status: "k", Age: "a", Since: "1", Grace: "g", Unsaved: true},
				Test:   testForm{Worker: "w", Workers: []string{"w", "x"}, Request: requestSearch, Channel: "whatsapp", WorkerError: "e", QueryError: "e", CustomerError: "e", AddressError: "e"},
				Result: failed,
			}, callbacksPage{Token: tokenField{Flag: "--f", Error: "e"}, BuiltIn: true, Result: &testResult{Problem: "p", Field: "f", Code: "48001"}}},
			"conversations": {conversationsPage{Fields: fields}, conversationsPage{
				Base: base, Done: "d", Problem: "p", Was: "w", Fields: fields, WorkerAddresses: "w +1", Errors: map[string]string{"workers": "e"},
				Typed: true, On: true, Report: &SetupReport{Findings: []Finding{{Code: "public", State: FindingGood, Value: "v"}, {Code: "webhooks.relay", State: FindingMissing}}},
			}},
			"templates": {templatesPage{}, templatesPage{
				Base: base, Done: "d", Problem: "p", External: "https://e", Customer: "c", Worker: "w",
				Categories: []categoryRow{{Name: "n", Templates: []templateRow{{ID: "i", Template: template}, {}}}},
				Form:       templateForm{ID: "i", Category: "c", Template: template, Field: "text", Error: "e"},
			}},
			"result": {failed, &testResult{}, &testResult{Good: true, Tag: "200"}},
			"activity": {activityPage{}, activityPage{Base: base, Empty: true, Status: status, Refusals: []refusalRow{{"w", "c", "c"}}}, activityPage{
				Base: base, Span: "24h", Failed: true, Status: status, Figures: []fact{{"N", "V"}}, Charts: charts(points, at, v.Locale),
				Rows: []intervalRow{{Start: "s"}}, More: "?older=1",
				Calls: []callRow{{When: "w", Worker: "w", Request: "q", Outcome: "failed", Code: "48004", Meaning: "m", Status: 500, Queued: "q", Crawl: true, BuiltIn: true}, {Outcome: "ok"}},
			}, activityPage{Charts: charts(nil, at, v.Locale)}},
		}
	})
}

func TestCatalog_HasEveryCodeAndOutcome(t *testing.T) {
	for _, l := range viewtest.Locales(t) {
		for _, code := range []frontline.Code{frontline.CodeInvalidPayload, frontline.CodeNoCallbackURL, frontline.CodeInvalidResponse, frontline.CodeCallbackFailed, frontline.CodeCallbackTimeout} {
			if key := "console.code." + strconv.Itoa(int(code)); !l.Has(key) {
				t.Errorf("locale %s lacks %s", l.Tag(), key)
			}
		}
		for _, outcome := range []activity.Outcome{activity.OK, activity.NotFound, activity.Failed} {
			if key := "console.outcome." + string(outcome); !l.Has(key) {
				t.Errorf("locale %s lacks %s", l.Tag(), key)
			}
		}
	}
}

// No URL error is shown in English in another language.
func TestURLProblem_CoversEveryError(t *testing.T) {
	for _, raw := range []string{
		"", "x", "example.com/crm", "ftp://example.com/", "https://", "https://u@example.com/", "https://u:p@example.com/", "https://example.com/#top", "https://example.com/#",
		"https://example.com/?q=a b", "https://example.com/?q=é", "https://example.com/?bodySHA256=00", "https://example.com/?a;&body%53HA256", "https://exämple.com/",
		"https://[fe80::1%25eth0]/", "https://example.com:0/", "https://example.com:65536/", "https://example.com:http/", "https://example.com/\n", "https://[::1", "https:example.com",
	} {
		err := frontline.CheckCallbackURL(raw)
		if err == nil {
			t.Errorf("CheckCallbackURL(%q) accepts the URL", raw)
			continue
		}
		if got := urlProblem(raw, err, viewtest.Locales(t)[0]); strings.Contains(got, "can’t be used:") || strings.Contains(got, "console.") {
			t.Errorf("urlProblem(%q) = %q", raw, got)
		}
	}
}
