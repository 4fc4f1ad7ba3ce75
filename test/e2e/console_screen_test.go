package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestConsole_ChangesReachTheApp sets and tests the URL of a service on every kind of
// device. The worker sees its customers; when it fails, the worker and the administrator
// see an error.
func TestConsole_ChangesReachTheApp(t *testing.T) {
	for _, d := range consoleDevices() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			in, secrets := staff(t, admin, bob)
			f := startExternal(t, "normal", "-auth-token", authToken)
			srv := in.serveConsole(t, "--auth-token", authToken)
			console := open(t, d)
			console.setSession(srv, secrets[admin])
			console.goTo(srv.url + "/console")
			console.until("the callbacks show", `location.pathname == "/console/callbacks"`)
			console.checkScreen("callbacks")

			console.submitRefusedURL("ftp://crm.example.com")
			console.fill(`input[name=crm_callback_url]`, f.callbackURL())
			console.fill(`input[name=worker]`, bob)
			console.testCallback("200", "Adeyemi")
			console.checkScreen("test went well")
			console.navigate(func() { console.write(`input[name=crm_callback_url]`, kb.Enter) })
			console.until("it is saved", fmt.Sprintf(`location.search.includes("saved") && document.querySelector('input[name=crm_callback_url]').value == %q`, f.callbackURL()))

			v := srv.client(t, secrets[bob])
			v.complete("/customers", f.list(t, bob))
			f.behave(t, "html500")
			console.fill(`input[name=worker]`, bob)
			console.testCallback("48004", "500")
			console.checkScreen("test went wrong")

			console.goTo(srv.url + "/console/activity")
			console.until("the calls show", `document.body.innerText.includes("48004") || document.querySelectorAll("table tr").length > 2`)
			if !eval[bool](console, `!!document.querySelector("svg[role=img], figure svg") && !!document.querySelector("table")`) {
				t.Error("the activity has no chart, or no table of the same figures")
			}
			console.checkScreen("activity")
		})
	}
}

// submitRefusedURL saves an invalid CRM callback URL, sees an error, and types another.
func (tb *tab) submitRefusedURL(url string) {
	tb.t.Helper()
	tb.wire.allow("422") // the browser logs it as an error
	tb.fill(`input[name=crm_callback_url]`, url)
	tb.navigate(func() { tb.write(`input[name=crm_callback_url]`, kb.Enter) })
	tb.until("the error shows beside its field", `!!document.querySelector("#crm_callback_url-error")`)
	tb.checkScreen("callbacks refused")
	if tb.device.noScripts {
		return
	}
	tb.fill(`input[name=crm_callback_url]`, "h")
	if eval[bool](tb, `!!document.querySelector("#crm_callback_url-error, [aria-invalid]")`) {
		tb.t.Error("the old error stays on the new input")
	}
}

// fill sets the value of a field.
func (tb *tab) fill(selector, text string) {
	tb.t.Helper()
	tb.do(chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%s).value = ""`, quote(selector)), nil))
	tb.write(selector, text)
}

// testCallback presses Test of the CRM callback and checks the result.
func (tb *tab) testCallback(want ...string) {
	tb.t.Helper()
	press := func() { tb.press(`button[name=which][value=crm]`) }
	if tb.device.noScripts {
		tb.navigate(press)
	} else {
		press()
	}
	for _, w := range want {
		tb.until("the result shows "+w, fmt.Sprintf(`document.querySelector("#result").textContent.includes(%q)`, w))
	}
	if strings.Contains(eval[string](tb, `document.documentElement.outerHTML`), authToken) {
		tb.t.Error("the page holds the token")
	}
}

// checkScreen checks that a screen is accessible, no wider than the device, and has large targets.
func (tb *tab) checkScreen(screen string) {
	tb.t.Helper()
	tb.do(chromedp.Evaluate(`scrollTo(0, 0)`, nil))
	tb.accessible(screen)
	if wide := eval[int](tb, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
		tb.t.Errorf("%s (%s): the page is %d pixels wider than the screen", screen, tb.device.name, wide)
	}
	if !tb.device.touch {
		return
	}
	for _, small := range tb.smallTargets() {
		tb.t.Errorf("%s (%s): smaller than %d pixels: %s", screen, tb.device.name, fingertip, small)
	}
}

// TestConsole_RefusesWorkers opens the console as a worker in a browser: an error page with
// a way back.
func TestConsole_RefusesWorkers(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, bob)
	srv := in.serveConsole(t)
	tb := open(t, phone)
	tb.wire.allow("status of 403")
	tb.setSession(srv, secrets[bob])
	tb.goTo(srv.url + "/console/callbacks")
	if !eval[bool](tb, `!!document.querySelector('a[href="/customers"]') && !document.querySelector('input')`) {
		t.Error("a worker sees a form, or no way back")
	}
	tb.checkScreen("console of a worker")
}
