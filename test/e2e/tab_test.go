package e2e

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// artifacts is the directory for screenshots: of failures, and with -screens of every
// screen that is checked.
const artifacts = "artifacts"

var saveScreens = flag.Bool("screens", false, "save a screenshot of every screen that is checked")

// screenshot saves a screenshot of the tab.
func (tb *tab) screenshot(name string) {
	tb.t.Helper()
	var png []byte
	err := tb.attempt(chromedp.CaptureScreenshot(&png))
	if err == nil {
		err = os.MkdirAll(artifacts, 0o755)
	}
	if err == nil {
		file := regexp.MustCompile(`[^\w]+`).ReplaceAllString(tb.t.Name()+" "+name, "-") + ".png"
		err = os.WriteFile(filepath.Join(artifacts, strings.Trim(file, "-")), png, 0o644)
	}
	if err != nil {
		tb.t.Logf("no screenshot of %s: %v", name, err)
	}
}

// back goes one step back in the history, as the browser's button does. The caller waits
// for the page, since one from the back-forward cache does not load.
func (tb *tab) back() {
	tb.t.Helper()
	if err := tb.attempt(chromedp.Evaluate(`history.back()`, nil)); err != nil {
		tb.t.Logf("going back: %v", err) // the page may be gone before it responds
	}
}

// goTo opens a URL and waits until it has loaded. A page that reloads itself at this
// moment aborts the navigation, which is then repeated.
func (tb *tab) goTo(url string) {
	tb.t.Helper()
	tb.do(chromedp.ActionFunc(func(ctx context.Context) error {
		err := chromedp.Navigate(url).Do(ctx)
		for again := 0; again < 3 && err != nil && strings.Contains(err.Error(), "net::ERR_ABORTED"); again++ {
			err = chromedp.Navigate(url).Do(ctx)
		}
		return err
	}))
}

// onLoad makes every further page of the tab run a script when it has loaded, before
// anything else can change it.
func (tb *tab) onLoad(script string) {
	tb.t.Helper()
	tb.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(`addEventListener("DOMContentLoaded", () => { ` + script + ` })`).Do(ctx)
		return err
	}))
}

// eval returns the value of a JavaScript expression, also with scripts off.
func eval[T any](tb *tab, expression string) T {
	tb.t.Helper()
	var value T
	tb.read(chromedp.Evaluate(expression, &value))
	return value
}

// attempt runs actions that only read, for a part of the limit: after a navigation the
// result may never come.
func (tb *tab) attempt(actions ...chromedp.Action) error {
	ctx, cancel := context.WithTimeout(tb.ctx, limit/3)
	defer cancel()
	return chromedp.Run(ctx, actions...)
}

// read runs actions that only read, and repeats them after a navigation: a waiting
// page reloads itself.
func (tb *tab) read(actions ...chromedp.Action) {
	tb.t.Helper()
	var err error
	for deadline := time.Now().Add(limit); time.Now().Before(deadline) && tb.ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		if err = tb.attempt(actions...); err == nil {
			return
		}
	}
	tb.screenshot("failed")
	tb.t.Fatalf("in the browser: %v", err)
}

// until waits until a JavaScript expression is true, across page loads.
func (tb *tab) until(what, expression string) {
	tb.t.Helper()
	var last error
	for deadline := time.Now().Add(limit); time.Now().Before(deadline) && tb.ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		var ok bool
		if last = tb.attempt(chromedp.Evaluate(expression, &ok)); last == nil && ok {
			return
		}
	}
	tb.screenshot("waiting")
	tb.t.Fatalf("timed out waiting until %s: %s (%v) at %s", what, expression, last, tb.location())
}

func (tb *tab) location() string {
	var at string
	if err := tb.attempt(chromedp.Location(&at)); err != nil {
		return err.Error()
	}
	return at
}

// press clicks the first element of a selector, as a user would: when the page is still,
// after scrolling to it, with the mouse, and only if nothing covers it. (chromedp's own
// click loses its nodes when a page comes from the back-forward cache.)
func (tb *tab) press(selector string) {
	tb.t.Helper()
	tb.waitUntilStill()
	tb.until("there is "+selector, fmt.Sprintf(`!!document.querySelector(%s)`, quote(selector)))
	var at struct {
		X, Y    float64
		Covered string
	}
	tb.read(chromedp.Evaluate(fmt.Sprintf(`(() => {
		const e = document.querySelector(%s);
		e.scrollIntoView({block: "nearest", behavior: "instant"});
		const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
		const top = document.elementFromPoint(x, y);
		return {x, y, covered: top && (e.contains(top) || top.contains(e)) ? "" : String(top && top.outerHTML)};
	})()`, quote(selector)), &at))
	if at.Covered != "" {
		tb.screenshot("covered")
		tb.t.Fatalf("%s at %.0f, %.0f is covered by %.200s", selector, at.X, at.Y, at.Covered)
	}
	tb.do(chromedp.MouseClickXY(at.X, at.Y))
}

// waitUntilStill waits for the end of a view transition, during which clicks are lost.
func (tb *tab) waitUntilStill() {
	tb.t.Helper()
	if tb.device.noScripts {
		return // nor motion
	}
	tb.read(chromedp.Evaluate(`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`, nil, awaited))
	tb.until("the page is still", `!document.getAnimations().some(a => a.effect.pseudoElement?.startsWith("::view-transition"))`)
}

// awaited makes an evaluation wait for its promise.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// write clicks an input and types, key by key.
func (tb *tab) write(selector, text string) {
	tb.t.Helper()
	tb.press(selector)
	tb.do(chromedp.KeyEvent(text))
}

// quote returns a string as a JavaScript literal.
func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // no string can
	}
	return string(text)
}

// pressAndLoad clicks an element that leads to another page, and waits for that page.
func (tb *tab) pressAndLoad(selector string) {
	tb.t.Helper()
	tb.navigate(func() { tb.press(selector) })
}

// navigate runs a function that leads to another page, and waits for that page.
func (tb *tab) navigate(how func()) {
	tb.t.Helper()
	loaded := make(chan struct{}, 8)
	ctx, cancel := context.WithCancel(tb.ctx)
	defer cancel()
	chromedp.ListenTarget(ctx, func(event any) {
		switch event.(type) {
		case *page.EventLoadEventFired, *page.EventNavigatedWithinDocument:
			select {
			case loaded <- struct{}{}:
			default:
			}
		}
	})
	how()
	select {
	case <-loaded:
	case <-time.After(limit):
		tb.screenshot("no-load")
		tb.t.Fatalf("no navigation; still at %s", tb.location())
	}
}

// withoutReload runs check while the page cannot reload itself, as a waiting page does
// with scripts off. Then it reloads the page, which continues to wait.
func (tb *tab) withoutReload(check func()) {
	tb.t.Helper()
	if !tb.device.noScripts {
		check()
		return
	}
	ctx, cancel := context.WithCancel(tb.ctx)
	chromedp.ListenTarget(ctx, func(event any) {
		if e, ok := event.(*fetch.EventRequestPaused); ok {
			go chromedp.Run(ctx, fetch.FailRequest(e.RequestID, network.ErrorReasonAborted))
		}
	})
	tb.do(fetch.Enable().WithPatterns([]*fetch.RequestPattern{{URLPattern: "*", ResourceType: network.ResourceTypeDocument}}))
	check()
	cancel()
	tb.do(fetch.Disable(), chromedp.Reload())
}

// accessible checks that axe-core finds no violations on this screen.
func (tb *tab) accessible(screen string) {
	tb.t.Helper()
	tb.waitUntilStill()
	findings := tb.axe()
	if *saveScreens || len(findings) > 0 {
		tb.screenshot(screen)
	}
	for _, finding := range findings {
		tb.t.Errorf("%s (%s): %s", screen, tb.device.name, finding)
	}
}

// accessibleWaiting is accessible for a waiting page. With scripts off it reloads
// itself, which axe-core forbids; this page has nothing to interrupt, and a link for
// reloading by hand.
func (tb *tab) accessibleWaiting(screen string) {
	tb.t.Helper()
	tb.withoutReload(func() {
		tb.waitUntilStill()
		if *saveScreens {
			tb.screenshot(screen)
		}
		for _, finding := range tb.axe() {
			if !tb.device.noScripts || !strings.HasPrefix(finding, "meta-refresh: ") {
				tb.t.Errorf("%s (%s): %s", screen, tb.device.name, finding)
			}
		}
	})
}

// axe returns the violations that axe-core finds on this screen, none without axe-core: the
// rest of the test is worth running.
func (tb *tab) axe() []string {
	tb.t.Helper()
	source := axeSource(tb.t)
	if source == "" {
		tb.t.Log("SKIPPED the check of accessibility, this machine has no axe-core (try scripts/deps)")
		return nil
	}
	type finding struct {
		ID, Help string
		Nodes    []struct {
			HTML           string
			FailureSummary string
		}
	}
	rules := `rules: {}`
	switch {
	case tb.device.contrastOnly:
		rules = `runOnly: {type: "rule", values: ["color-contrast"]}`
	case tb.device.noScripts: // contrasts take half of the time
		rules = `rules: {"color-contrast": {enabled: false}}`
	}
	var found []finding
	tb.read(
		// axe must run on a page that forbids external scripts, or all of them.
		emulation.SetScriptExecutionDisabled(false),
		chromedp.Evaluate(source+";true", nil),
		chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"], `+rules+`}).then(r => r.violations.map(v => ({
			id: v.id, help: v.help, nodes: v.nodes.map(n => ({html: n.html, failureSummary: n.failureSummary}))})))`,
			&found, awaited),
		emulation.SetScriptExecutionDisabled(tb.device.noScripts),
	)
	var findings []string
	for _, f := range found {
		text := f.ID + ": " + f.Help
		for i, n := range f.Nodes {
			if i == 3 {
				text += fmt.Sprintf("\n  … and %d more", len(f.Nodes)-3)
				break
			}
			text += fmt.Sprintf("\n  %s\n    %s", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n    "))
		}
		findings = append(findings, text)
	}
	return findings
}
