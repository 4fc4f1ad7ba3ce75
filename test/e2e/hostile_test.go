package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestHostileNames_AreHarmless shows customers whose data contains markup and scripts,
// in the list, in their details and in a search.
func TestHostileNames_AreHarmless(t *testing.T) {
	needsBrowser(t)
	t.Parallel()
	long := strings.Repeat("Longname ", 555) + "end"
	unbroken := strings.Repeat("x", 5000)
	names := []string{
		`<script>document.title="owned"</script>`,
		`"><img src=x onerror=document.title="owned">`,
		`</title><svg onload=document.title="owned">`,
		`{{.}} ${7*7} %s &lt;b&gt; javascript:alert(1)`,
		"Evil \u202egnp.exe\u202c \u2066hidden\u2069",
		"Zalgo " + strings.Repeat("a\u0300\u0301\u0302\u0303\u0304", 40),
		"👩‍👩‍👧‍👦 🇨🇭 é́",
		"=cmd|' /C calc'!A0",
		"Line\u2028separator",
		long, unbroken,
	}
	var csv strings.Builder
	csv.WriteString("customer_id,display_name,company,phone,email,website,notes\n")
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	for i, name := range names {
		fmt.Fprintf(&csv, "%s,%s,%s,+12025550100,evil%d@example.com,%s,%s\n",
			quote(fmt.Sprintf(`<b id="%d">/..//%%2F`, i)), quote(name), quote(name), i,
			quote(`javascript:document.title="owned"`), quote("a\n"+name))
	}
	in := install(t)
	in.importText(t, "hostile.csv", csv.String())
	srv := in.serve(t)

	for _, d := range []device{phone, desktop} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			tb := open(t, d)
			tb.signIn(srv)
			ids := tb.ids()
			if len(ids) != len(names) {
				t.Fatalf("the list has %d customers, want %d", len(ids), len(names))
			}
			tb.checkHarmless("the list")
			tb.accessible("hostile list")
			links := eval[[]string](tb, `[...document.querySelectorAll('[data-customer-id]')].map(e => (e.closest('a') || e.querySelector('a')).href)`)
			if once := slices.Compact(slices.Sorted(slices.Values(links))); len(once) != len(names) {
				t.Errorf("%d different links for %d customers: %q", len(once), len(names), links)
			}
			for i, link := range links {
				tb.goTo(link)
				tb.until("the customer shows", `document.querySelectorAll('[data-channel]').length > 0`)
				tb.checkHarmless(fmt.Sprintf("the details %d", i))
			}
			tb.accessible("hostile details")
			tb.goTo(srv.url + `/customers?q=%3Cscript%3E+document`)
			tb.checkHarmless("a search for markup")
		})
	}
}

// checkHarmless checks that customers' data stayed text, and did not make the page wider
// than the screen.
func (tb *tab) checkHarmless(screen string) {
	tb.t.Helper()
	var report struct {
		Title    string
		Injected int
		Wide     int
		Bidi     bool
	}
	tb.do(chromedp.Evaluate(`({
		title: document.title,
		injected: document.querySelectorAll('img, svg[onload], b[id], script:not([src]), [href^="javascript:" i], [onerror]').length,
		wide: document.documentElement.scrollWidth - innerWidth,
		bidi: /[\u202a-\u202e\u2066-\u2069\u2028]/.test(document.body.innerText),
	})`, &report))
	if strings.Contains(report.Title, "owned") && !strings.Contains(report.Title, "document.title") {
		tb.t.Errorf("%s: a script in a customer's name ran", screen)
	}
	if report.Injected > 0 {
		tb.t.Errorf("%s: %d elements came from customers' data", screen, report.Injected)
	}
	if report.Wide > 0 {
		tb.screenshot(screen)
		tb.t.Errorf("%s: the page is %d pixels wider than the screen", screen, report.Wide)
	}
	if report.Bidi {
		tb.t.Errorf("%s: control characters of a name reached the screen", screen)
	}
}
