package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// fingertip is the minimum width and height of a touch target, in pixels.
const fingertip = 44

// smallTargets returns the touch targets of this screen that are too small.
func (tb *tab) smallTargets() []string {
	tb.t.Helper()
	return eval[[]string](tb, fmt.Sprintf(`[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')]
		.filter(e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !e.closest('.skip, [hidden]'))
		.map(e => [e, (e.closest('label') || e.labels?.[0]?.contains(e) ? e.closest('label') : e).getBoundingClientRect()])
		.filter(([e, r]) => r.width > 1 && r.height > 1 && (r.width < %d - 0.5 || r.height < %[1]d - 0.5))
		.map(([e, r]) => Math.round(r.width) + " x " + Math.round(r.height) + ": " + e.outerHTML.slice(0, 120))`, fingertip))
}

// TestScreen_TouchTargets measures all touch targets on a phone.
func TestScreen_TouchTargets(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.importSample(t, 40)
	srv := in.serve(t)
	tb := open(t, phone)
	check := func(screen string) {
		for _, small := range tb.smallTargets() {
			t.Errorf("%s: smaller than %d pixels: %s", screen, fingertip, small)
		}
	}
	tb.goTo(srv.url + "/signin")
	check("sign-in")
	tb.signIn(srv)
	check("list")
	tb.goTo(srv.url + "/customers?q=exam")
	check("search")
	tb.goTo(srv.url + "/customers?q=nobody+here")
	check("nothing found")
	tb.goTo(srv.url + "/customers/1")
	check("details")
	tb.goTo(srv.url + "/account")
	check("account")
}

// TestScreen_RightToLeft shows the screens in Arabic: mirrored, and no wider than the phone.
func TestScreen_RightToLeft(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.importText(t, "rtl.csv", "customer_id,display_name,phone,notes\n1,ليلى منصور,+447700900123,ملاحظة\n2,Bobby S.,+12025550114,In English\n")
	srv := in.serve(t)
	d := phone
	d.language = "ar"
	tb := open(t, d)
	tb.signIn(srv)
	for _, path := range []string{"/customers", "/customers?q=bobby", "/customers/1", "/customers/2", "/account"} {
		tb.goTo(srv.url + path)
		tb.accessible("arabic " + path)
		if got := eval[string](tb, `document.documentElement.lang + " " + getComputedStyle(document.body).direction`); got != "ar rtl" {
			t.Errorf("%s is in %q, want Arabic from right to left", path, got)
		}
		tb.checkHarmless(path)
	}
	tb.goTo(srv.url + "/customers")
	place := eval[map[string]float64](tb, `(() => {
		const row = document.querySelector('[data-customer-id="1"]');
		const avatar = row.querySelector('.avatar').getBoundingClientRect(), name = row.querySelector('.name').getBoundingClientRect();
		return {avatar: avatar.x, name: name.x};
	})()`)
	if place["avatar"] < place["name"] {
		t.Errorf("the avatar is left of the name: %v", place)
	}
}

// TestScreen_Keyboard signs in, searches, opens a customer and goes back without
// the mouse; the focus must be visible.
func TestScreen_Keyboard(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.importSample(t, 40)
	srv := in.serve(t)
	tb := open(t, desktop)
	tb.signIn(srv)
	tb.goTo(srv.url + "/customers")
	reached := map[string]bool{}
	// The focused elements, in order, and whether the focus is visible.
	for range 12 {
		tb.do(chromedp.KeyEvent(kb.Tab))
		at := eval[struct {
			What    string
			Visible bool
		}](tb, `(() => {
			const e = document.activeElement, s = getComputedStyle(e);
			return {what: e.closest('[data-customer-id]') ? "row" : e.matches('.skip') ? "skip" : e.name || e.tagName,
				visible: s.outlineStyle != "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow != "none"};
		})()`)
		reached[at.What] = true
		if at.What != "BODY" && !at.Visible {
			t.Errorf("the focus of %s is not visible", at.What)
		}
	}
	for _, want := range []string{"skip", "q", "row"} {
		if !reached[want] {
			t.Errorf("the tab key does not reach %s, only %v", want, reached)
		}
	}
	for range 30 { // on to a row, wherever the focus is
		if eval[bool](tb, `!!document.activeElement.closest('[data-customer-id]')`) {
			break
		}
		tb.do(chromedp.KeyEvent(kb.Tab))
	}
	row := eval[string](tb, `document.activeElement.closest('[data-customer-id]').dataset.customerId`)
	tb.navigate(func() { tb.do(chromedp.KeyEvent(kb.Enter)) })
	tb.until("the customer shows", `location.pathname == "/customers/`+row+`" && !!document.querySelector('[data-channel], .who')`)
	name := eval[string](tb, `document.querySelector('.who').innerText`)
	if title := eval[string](tb, `document.title`); !strings.Contains(title, strings.TrimSpace(name)) {
		t.Errorf("the title is %q on the page of %q", title, name)
	}
	tb.back()
	tb.until("the list is back, with its focus", `location.pathname == "/customers" &&
		document.activeElement.closest('[data-customer-id]')?.dataset.customerId == "`+row+`"`)
}
