package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// listed is how many customers TestApp_WorkerDay imports: several pages.
const listed = 100

// The customers that the test searches for.
const special = `customer_id,display_name,company,phone,email,notes
x/1 ø,Zoë Żółć,Kestrel Logistics,+12025550114,zoe@example.org,"First line
Second line"
x2,王小龙,,+447700900123,,
`

// TestApp_WorkerDay is the main job, on every kind of device: an administrator
// imports, a worker signs in, sees their customers, scrolls to the end, searches,
// opens one and goes back to the same position.
func TestApp_WorkerDay(t *testing.T) {
	needsBrowser(t)
	t.Parallel()
	in := install(t)
	in.importSample(t, listed)
	in.importText(t, "special.csv", special)
	srv := in.serve(t)
	for _, d := range devices() {
		d.contrastOnly = d.dark
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			tb := open(t, d)
			tb.goTo(srv.url + "/customers")
			tb.accessible("sign-in")
			tb.signIn(srv)
			tb.accessible("list")
			tb.walkToTheEnd()
			tb.openAndGoBack()
			tb.search()
			tb.nothingFound()
			tb.account()
			tb.signOut()
		})
	}
}

// signIn opens the list, signs in on the way, and ends at the list.
func (tb *tab) signIn(srv *server) {
	tb.t.Helper()
	tb.goTo(srv.url + "/customers")
	tb.until("the sign-in form shows", `!!document.querySelector('input[name=identity]') && !!document.querySelector('input[name=password]')`)
	tb.write(`input[name=identity]`, worker)
	tb.navigate(func() { tb.write(`input[name=password]`, password+kb.Enter) })
	tb.until("the list shows", `location.pathname == "/customers" && document.querySelectorAll('[data-customer-id]').length > 0`)
}

// ids returns the IDs of the customers in the list, in order.
func (tb *tab) ids() []string {
	tb.t.Helper()
	return eval[[]string](tb, `[...document.querySelectorAll('[data-customer-id]')].map(e => e.dataset.customerId)`)
}

// walkToTheEnd scrolls, or follows the links, until there are no more, and checks
// that every customer and every section came exactly once.
func (tb *tab) walkToTheEnd() {
	tb.t.Helper()
	ids := tb.ids()
	if len(ids) != 30 {
		tb.t.Fatalf("the first page has %d customers, want 30", len(ids))
	}
	for page := 0; eval[bool](tb, `!!document.querySelector('[rel=next]')`); page++ {
		if page > listed {
			tb.t.Fatal("the list does not end")
		}
		if tb.device.noScripts {
			tb.pressAndLoad(`a[rel=next]`)
			ids = append(ids, tb.ids()...)
			continue
		}
		before := len(ids)
		tb.do(chromedp.Evaluate(`document.querySelector('[rel=next]').scrollIntoView()`, nil))
		tb.until("the next page arrives", fmt.Sprintf(
			`document.querySelectorAll('[data-customer-id]').length > %d || !document.querySelector('[rel=next]')`, before))
		ids = tb.ids()
	}
	want := []string{"x/1 ø", "x2"}
	for i := range listed {
		want = append(want, strconv.Itoa(i+1))
	}
	slices.Sort(want)
	got := slices.Sorted(slices.Values(ids))
	if !slices.Equal(got, want) {
		tb.t.Errorf("the whole list has %d customers %q, want each of %d once", len(ids), got, len(want))
	}
	if !tb.device.noScripts { // all of them are on one page
		sections := eval[[]string](tb, `[...document.querySelectorAll('[data-section]')].map(e => e.dataset.section)`)
		if once := slices.Compact(slices.Sorted(slices.Values(sections))); len(once) != len(sections) || len(once) < 10 {
			tb.t.Errorf("the sections are %q, want each once", sections)
		}
	}
}

// openAndGoBack opens a customer far down the list, and goes back.
func (tb *tab) openAndGoBack() {
	tb.t.Helper()
	ids := tb.ids()
	row := fmt.Sprintf(`[data-customer-id=%q]`, ids[len(ids)-5])
	top := fmt.Sprintf(`Math.round(document.querySelector('%s').getBoundingClientRect().top)`, row)
	tb.do(chromedp.Evaluate(fmt.Sprintf(`document.querySelector('%s').scrollIntoView({block: "center", behavior: "instant"})`, row), nil))
	before := eval[int](tb, top)
	at := tb.location()
	tb.pressAndLoad(row)
	tb.until("the customer shows", `location.pathname.startsWith("/customers/")`)
	tb.back()
	tb.until("the list is at its old position", fmt.Sprintf(
		`location.pathname == "/customers" && !!document.querySelector('%s') && Math.abs(%s - %d) < 8`, row, top, before))
	if now := tb.location(); now != at {
		tb.t.Logf("position after going back: %s, before: %s", now, at)
	}
}

// search types a name without its accents, and checks the match and its details.
func (tb *tab) search() {
	tb.t.Helper()
	tb.do(chromedp.Evaluate(`scrollTo(0, 0)`, nil))
	tb.write(`input[name=q]`, "zoe zolc")
	if tb.device.noScripts {
		tb.navigate(func() { tb.do(chromedp.KeyEvent(kb.Enter)) })
	}
	tb.until("the search is in the address", `new URLSearchParams(location.search).get("q") == "zoe zolc"`)
	tb.until("one is found", `document.querySelectorAll('[data-customer-id]').length == 1`)
	if id := tb.ids()[0]; id != "x/1 ø" {
		tb.t.Errorf("found %q", id)
	}
	if !tb.device.noScripts && !eval[bool](tb, `document.activeElement == document.querySelector('input[name=q]')`) {
		tb.t.Error("searching while typing lost the focus")
	}
	if !eval[bool](tb, `!!document.querySelector('[data-customer-id] mark')`) {
		tb.t.Error("the match is not marked")
	}
	tb.accessible("found")
	tb.pressAndLoad(`[data-customer-id]`)
	tb.until("the customer shows", `location.pathname == "/customers/x%2F1%20%C3%B8" && document.querySelectorAll('[data-channel]').length == 2`)
	text := eval[string](tb, `document.body.innerText`)
	for _, want := range []string{"Zoë Żółć", "+1 202", "zoe@example.org", "First line\nSecond line"} {
		if !strings.Contains(text, want) {
			tb.t.Errorf("the details do not show %q:\n%s", want, text)
		}
	}
	for _, href := range []string{"mailto:zoe@example.org", "tel:+12025550114", "sms:+12025550114"} {
		if !eval[bool](tb, fmt.Sprintf(`!!document.querySelector('a[href^=%q]')`, href)) {
			tb.t.Errorf("the details have no link %s", href)
		}
	}
	tb.accessible("details")
	tb.back()
	tb.until("the search is back", `new URLSearchParams(location.search).get("q") == "zoe zolc" &&
		document.querySelector('input[name=q]').value == "zoe zolc" && document.querySelectorAll('[data-customer-id]').length == 1`)
}

// nothingFound checks a search without matches: it shows the query, and a way back.
func (tb *tab) nothingFound() {
	tb.t.Helper()
	tb.goTo(tb.origin() + "/customers?q=nobody+of+that+name")
	if n := len(tb.ids()); n != 0 {
		tb.t.Errorf("found %d customers", n)
	}
	if text := eval[string](tb, `document.body.innerText`); !strings.Contains(text, "nobody of that name") {
		tb.t.Errorf("the page does not show the query:\n%s", text)
	}
	if !eval[bool](tb, `!!document.querySelector('main a[href="/customers"], a[href="/customers"]')`) {
		tb.t.Error("a search without matches has no way back")
	}
	tb.accessible("nothing found")
	tb.wire.allow("/customers/no-such-customer") // the browser complains of every 404
	tb.goTo(tb.origin() + "/customers/no-such-customer")
	tb.accessible("no such customer")
}

// account opens the account screen.
func (tb *tab) account() {
	tb.t.Helper()
	tb.goTo(tb.origin() + "/account")
	if text := eval[string](tb, `document.body.innerText`); !strings.Contains(text, worker) {
		tb.t.Errorf("the account screen does not say who is signed in:\n%s", text)
	}
	tb.accessible("account")
}

// signOut signs out; going back must not show customers.
func (tb *tab) signOut() {
	tb.t.Helper()
	tb.pressAndLoad(`form[action="/signout"] button`)
	tb.until("the sign-in form shows", `!!document.querySelector('input[name=identity]')`)
	tb.accessible("signed out")
	tb.goTo(tb.origin() + "/customers")
	if n := len(tb.ids()); n != 0 {
		tb.t.Errorf("signed out, and %d customers show", n)
	}
}

// origin is the scheme and host of where the tab is.
func (tb *tab) origin() string { return eval[string](tb, `location.origin`) }
