package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestExternal_StaleListIsReplaced opens the list of a slow service again: the cached
// list shows at once, as of a time; unscrolled, the fresh list replaces it.
func TestExternal_StaleListIsReplaced(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, bob)
	f := startExternal(t, "normal")
	srv := in.serveExternal(t, f)
	tb := open(t, phone)
	tb.setSession(srv, secrets[bob])
	tb.goTo(srv.url + "/customers")
	tb.until("the list shows", rowsShown+" >= 30")
	all := f.list(t, bob)

	f.behave(t, "slow&delay=3s&deleted="+all[0])
	waitUntilStale()
	tb.onLoad(`window.first = {rows: ` + rowsShown + `, asOf: document.querySelector("[data-as-of]")?.dataset.asOf || "", text: document.querySelector("#about")?.innerText || ""}`)
	tb.goTo("about:blank")
	tb.goTo(srv.url + "/customers")
	served := eval[float64](tb, `(() => { const n = performance.getEntriesByType("navigation")[0]; return n.responseEnd - n.requestStart; })()`)
	t.Logf("with a service that takes 3 s, the browser had the second load after %.1f ms", served)
	if served > 2000 {
		t.Errorf("the second load took %.1f ms: it waited for the service", served)
	}
	at := eval[struct {
		Rows int
		AsOf string
		Text string
	}](tb, `window.first`)
	if at.Rows != 30 || at.AsOf == "" || !strings.Contains(at.Text, ":") {
		t.Errorf("at once there are %d rows as of %q, which reads %q", at.Rows, at.AsOf, at.Text)
	}
	tb.until("the fresh list replaces it by itself", fmt.Sprintf(
		`!document.querySelector('[data-customer-id=%q]') && %s >= 30`, all[0], rowsShown))
}

// TestExternal_ScrolledListOffersUpdates does the same, scrolled: the list must not
// change by itself, but offer the update.
func TestExternal_ScrolledListOffersUpdates(t *testing.T) {
	for _, d := range []device{phone, desktop} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			in, secrets := staff(t, bob)
			f := startExternal(t, "normal")
			srv := in.serveExternal(t, f)
			tb := open(t, d)
			tb.setSession(srv, secrets[bob])
			tb.goTo(srv.url + "/customers")
			tb.until("the list shows", rowsShown+" >= 30")
			all := f.list(t, bob)
			f.behave(t, "slow&delay=3s&deleted="+all[0])
			waitUntilStale()
			tb.onLoad(fmt.Sprintf(`document.querySelector('[data-customer-id=%q]')?.scrollIntoView({block: "start", behavior: "instant"})`, all[15]))
			tb.goTo("about:blank")
			tb.goTo(srv.url + "/customers")
			tb.until("the update is offered", `[...document.querySelectorAll('button, a')].some(e => e.checkVisibility() && /updates/i.test(e.innerText))`)
			if !eval[bool](tb, fmt.Sprintf(`!!document.querySelector('[data-customer-id=%q]')`, all[0])) {
				t.Error("a scrolled list changed by itself")
			}
			for _, small := range tb.smallTargets() {
				t.Errorf("smaller than %d pixels: %s", fingertip, small)
			}
			tb.do(chromedp.Evaluate(`[...document.querySelectorAll('button, a')].find(e => /updates/i.test(e.innerText)).setAttribute("data-test-updated", "")`, nil))
			tb.press(`[data-test-updated]`)
			tb.until("the fresh list shows", fmt.Sprintf(`!document.querySelector('[data-customer-id=%q]') && %s >= 30`, all[0], rowsShown))
		})
	}
}

// TestExternal_DownInBrowser reads on while the service is down, with scripts and
// without, in light and dark.
func TestExternal_DownInBrowser(t *testing.T) {
	needsBrowser(t)
	t.Parallel()
	in, secrets := staff(t, bob)
	f := startExternal(t, "normal&customers=40")
	srv := in.serveExternal(t, f)
	v := srv.client(t, secrets[bob])
	all := f.list(t, bob)
	v.complete("/customers", all)
	v.read(customerPath(all[2]))
	f.kill()
	waitUntilStale()
	v.read("/customers") // learns that it is down
	for _, d := range sampleDevices() {
		tb := open(t, d)
		tb.allowErrors()
		tb.setSession(srv, secrets[bob])
		tb.goTo(srv.url + "/customers")
		tb.until("the stale list shows", rowsShown+` >= 30 && !!document.querySelector('[data-as-of]')`)
		if d.noScripts {
			waitUntilStale()
			tb.goTo(srv.url + "/customers")
		}
		tb.until("a notice says why", `!!document.querySelector('.notice')?.checkVisibility()`)
		if eval[bool](tb, `!!document.querySelector('#list [data-error-code]')`) {
			t.Errorf("%s: an error stands in the place of the old list", d.name)
		}
		tb.goTo(srv.url + customerPath(all[2]))
		tb.until("details seen before show", `document.querySelectorAll('[data-channel]').length == 3`)
		tb.until("and they are marked stale", `!!document.querySelector('.person[data-as-of], .person [data-as-of]')`)
	}
	// It comes back, and an open list is fresh again without a reload.
	tb := open(t, phone)
	tb.setSession(srv, secrets[bob])
	tb.goTo(srv.url + "/customers")
	tb.until("the stale list shows", rowsShown+` >= 30 && !!document.querySelector('.notice')`)
	f.restart(t)
	f.behave(t, "normal&customers=40&deleted="+all[0])
	tb.until("back again, the open list is fresh", fmt.Sprintf(`%s >= 30 && !document.querySelector('[data-customer-id=%q]') && !document.querySelector('.notice')`, rowsShown, all[0]))
}

// TestExternal_PartialSearch searches a service that does not search, while typing:
// the search says what it covers, and finds everything in the end.
func TestExternal_PartialSearch(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, bob)
	f := startExternal(t, "unsearchable,slow&delay=100ms&customers=2000")
	srv := in.serveExternal(t, f, "--callback-rate", "40")
	rows := f.rows(t, bob)
	last := rows[len(rows)-1]
	tb := open(t, phone)
	tb.setSession(srv, secrets[bob])
	tb.goTo(srv.url + "/customers")
	tb.until("the list shows", rowsShown+" >= 30")
	tb.write(`input[name=q]`, last.Name)
	tb.until("the search says what it covers", `!!document.querySelector('[data-partial]')?.checkVisibility()`)
	tb.until("the last of 2,000 is found by itself", fmt.Sprintf(`document.querySelectorAll('[data-customer-id=%q]').length == 1`, last.ID))
}

// TestExternal_AvatarsAreProxied shows a list with avatars at the service: the
// browser never requests them there, nor, at a private address, does the program.
func TestExternal_AvatarsAreProxied(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, bob)
	f := startExternal(t, "normal&avatars=all&customers=30")
	srv := in.serveExternal(t, f)
	tb := open(t, phone)
	tb.setSession(srv, secrets[bob])
	tb.goTo(srv.url + "/customers")
	tb.until("the list shows", rowsShown+" == 30")
	time.Sleep(time.Second) // for the pictures
	if _, requests := tb.wire.total(); slices.ContainsFunc(requests, func(u string) bool { return strings.HasPrefix(u, f.url) }) {
		t.Errorf("the browser called the service itself: %q", requests)
	}
	if html := eval[string](tb, `document.documentElement.outerHTML`); strings.Contains(html, f.url) {
		t.Error("the page holds the URL of an avatar")
	}
	if n := eval[int](tb, `[...document.querySelectorAll('.avatar')].filter(e => e.checkVisibility() && e.innerText.trim().length > 0).length`); n < 30 {
		t.Errorf("%d avatars show initials, want 30", n)
	}
	if n := f.log(t).Avatars; n != 0 {
		t.Errorf("%d avatars were fetched from a private address", n)
	}
}
