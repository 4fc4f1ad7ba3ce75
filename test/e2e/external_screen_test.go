package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/clientele-project/clientele/frontline"
)

// rowsShown is how many customers a list shows.
const rowsShown = `document.querySelectorAll('[data-customer-id]').length`

// TestExternal_WaitingPage opens a slow service's list in a browser: a waiting page
// shows soon and fills itself in, with scripts and without.
func TestExternal_WaitingPage(t *testing.T) {
	for _, d := range sampleDevices() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			in, secrets := staff(t, bob)
			f := startExternal(t, "slow&delay=4s&customers=40")
			srv := in.serveExternal(t, f)
			tb := open(t, d)
			tb.setSession(srv, secrets[bob])
			tb.onLoad(`window.first = (document.querySelector("[data-pending]") ? "waiting, " : "complete, ") + ` + rowsShown)
			tb.goTo(srv.url + "/customers")
			tb.until("the list fills itself in", rowsShown+" == 30")
			if d.noScripts { // the waiting page reloads itself
				_, requests := tb.wire.total()
				if n := len(slices.DeleteFunc(requests, func(u string) bool { return u != srv.url+"/customers" })); n < 2 {
					t.Errorf("the list was loaded %d times, want a waiting page first", n)
				}
			} else if first := eval[string](tb, `window.first`); first != "waiting, 0" {
				t.Errorf("the page is at first %q, want it waiting, with 0 customers", first)
			}
			if eval[bool](tb, `!!document.querySelector('[data-pending]')`) {
				t.Error("the list is complete, and the page still waits")
			}
		})
	}
}

// TestExternal_TooSlow waits for a service that takes too long: an error with its code and
// Try again shows by itself before the service responds, and Try again shows the list.
func TestExternal_TooSlow(t *testing.T) {
	for _, d := range []device{phone, {name: "desktop, dark, scripts off", width: 1280, height: 800, scale: 1, dark: true, noScripts: true}} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			in, secrets := staff(t, bob)
			f := startExternal(t, "slow&delay=60s")
			srv := in.serveExternal(t, f)
			tb := open(t, d)
			tb.allowErrors()
			tb.setSession(srv, secrets[bob])
			begun := time.Now()
			tb.goTo(srv.url + "/customers")
			tb.until("the error shows", `document.querySelector('[data-error-code]')?.dataset.errorCode == "48005"`)
			took := time.Since(begun)
			t.Logf("48005 after %v", took.Round(time.Millisecond))
			if took > 30*time.Second {
				t.Errorf("the error came after %v, want it soon after %v", took, frontline.CallTimeout)
			}
			tb.checkErrorState("48005", "too slow")
			f.behave(t, "normal")
			tb.tryAgain()
			tb.until("the list shows", rowsShown+" == 30")
		})
	}
}

// allowErrors allows the browser's messages about failed responses.
func (tb *tab) allowErrors() {
	tb.wire.allow("Failed to load resource: the server responded with a status of 5")
	tb.wire.allow("a server error came from ")
}

// tryAgain presses Try again.
func (tb *tab) tryAgain() {
	tb.t.Helper()
	if tb.device.noScripts {
		tb.pressAndLoad(`[data-error-code] a.button, [data-retry]`)
	} else {
		tb.press(`[data-retry]`)
	}
}

// checkErrorState checks an error and its screen.
func (tb *tab) checkErrorState(code, screen string) {
	tb.t.Helper()
	text := eval[string](tb, `document.querySelector('[data-error-code]').innerText`)
	if !strings.Contains(text, code) || !strings.Contains(text, "Try again") {
		tb.t.Errorf("%s: the error reads %q, with no code or no Try again", screen, text)
	}
	tb.accessible(screen)
	for _, small := range tb.smallTargets() {
		tb.t.Errorf("%s: smaller than %d pixels: %s", screen, fingertip, small)
	}
}

// TestExternal_FailuresInBrowser shows each failure with an empty cache.
func TestExternal_FailuresInBrowser(t *testing.T) {
	for i, c := range []struct{ how, code string }{
		{"down", "48004"}, {"html500", "48004"}, {"redirect", "48004"}, {"truncated", "48003"}, {"oversize", "48003"},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			in, secrets := staff(t, bob)
			f := startExternal(t, c.how)
			srv := in.serveExternal(t, f)
			tb := open(t, devices()[i])
			tb.allowErrors()
			tb.setSession(srv, secrets[bob])
			tb.goTo(srv.url + "/customers")
			tb.until("the error shows", fmt.Sprintf(`document.querySelector('[data-error-code]')?.dataset.errorCode == %q`, c.code))
			tb.checkErrorState(c.code, c.how)
			if n := eval[int](tb, rowsShown); n != 0 {
				t.Errorf("%d customers show beside the error", n)
			}
		})
	}
}

// TestExternal_NextPageError scrolls into an error, tries again and reaches the end.
func TestExternal_NextPageError(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, bob)
	f := startExternal(t, "token&fail_from=30&customers=80")
	srv := in.serveExternal(t, f)
	for _, d := range []device{phone, desktop} {
		f.behave(t, "token&fail_from=30&customers=80")
		tb := open(t, d)
		tb.allowErrors()
		tb.setSession(srv, secrets[bob])
		tb.goTo(srv.url + "/customers")
		tb.until("the first page shows", rowsShown+" == 30")
		tb.do(chromedp.Evaluate(`document.querySelector('[rel=next]')?.scrollIntoView()`, nil))
		tb.until("the error shows below the rows", `document.querySelector('[data-error-code]')?.dataset.errorCode == "48004"`)
		if n := eval[int](tb, rowsShown); n != 30 {
			t.Errorf("%s: beside the error %d rows show, want 30", d.name, n)
		}
		if !eval[bool](tb, `document.querySelector('[data-error-code]').getBoundingClientRect().top >
			[...document.querySelectorAll('[data-customer-id]')].pop().getBoundingClientRect().top`) {
			t.Errorf("%s: the error is not below the rows", d.name)
		}
		tb.checkErrorState("48004", "error in the middle, "+d.name)
		f.behave(t, "token&customers=80")
		// After errors, the program may not call the service for a while.
		tb.press(`[data-retry]`)
		tb.until("Try again completes the list", `(document.querySelector('[data-retry]')?.click(),
			document.querySelector('[rel=next]')?.scrollIntoView(), `+rowsShown+` == 80)`)
		if got, want := tb.ids(), f.list(t, bob); !slices.Equal(got, want) {
			t.Errorf("%s: the list is not the service's: %s", d.name, difference(got, want))
		}
		f.kill() // the second device must start with an empty cache
		in, secrets = staff(t, bob)
		f = startExternal(t, "normal")
		srv = in.serveExternal(t, f)
	}
}
