package e2e

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// A browser is one Chromium for all tests, started when first wanted, with a new
// profile. Each tab has cookies of its own.
type browser struct {
	names     []string // of its program
	once      sync.Once
	ctx       context.Context
	cancel    func()
	userAgent string
	err       error
}

// headless is Chromium without windows, which takes a third less time. It keeps no page that
// was left, as chromium does: without scripts, that is what brings a list back to where it was.
var (
	chromium = browser{names: []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"}}
	headless = browser{names: append([]string{os.Getenv("CHROMIUM"), "/usr/lib/chromium/chromium-headless-shell"}, chromium.names[1:]...)}
)

// path finds its program, or "".
func (b *browser) path() string {
	for _, name := range b.names {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	return ""
}

func (b *browser) start(path string) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // root in a container has no user namespace to sandbox in
		chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("lang", "en-GB"),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("font-render-hinting", "none"),
		// The pages that every window loads for its address bar cost a tenth of the time.
		chromedp.Flag("disable-features", "site-per-process,Translate,WebUIOmniboxPopup,WebUIOmniboxAimPopup"),
		// No request leaves this machine.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(alloc)
	b.ctx, b.cancel = ctx, func() { stop(); stopAlloc() }
	started := make(chan error, 1)
	go func() {
		started <- chromedp.Run(ctx, chromedp.Evaluate(`navigator.userAgent`, &b.userAgent))
	}()
	select {
	case b.err = <-started:
	case <-time.After(limit):
		b.err = context.DeadlineExceeded
	}
}

// tab opens a tab in a window with cookies and storage of its own, until the
// test is over.
func (b *browser) tab(t *testing.T) (context.Context, error) {
	whole := cdp.WithExecutor(b.ctx, chromedp.FromContext(b.ctx).Browser)
	profile, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(whole)
	if err != nil {
		return nil, err
	}
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(whole)
	if err != nil {
		return nil, err
	}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(id))
	ctx, cancelTime := context.WithTimeout(ctx, 8*limit)
	t.Cleanup(func() {
		cancelTime()
		cancel()
		if err := target.DisposeBrowserContext(profile).Do(whole); err != nil {
			t.Logf("cannot delete the tab's profile: %v", err)
		}
	})
	// The first run attaches to the tab for as long as its context lives, so it
	// gets the context of the whole test.
	return ctx, chromedp.Run(ctx)
}

func (b *browser) stop() {
	if b.cancel != nil {
		b.cancel()
	}
}

// A device is what a tab emulates.
type device struct {
	name          string
	width, height int64
	scale         float64
	touch         bool
	dark          bool
	noScripts     bool
	// contrastOnly leaves other faults to the light device, whose pages have the same
	// elements.
	contrastOnly bool
	language     string // Accept-Language, en-GB when empty
}

var (
	phone   = device{name: "phone", width: 390, height: 844, scale: 2, touch: true}
	desktop = device{name: "desktop", width: 1280, height: 800, scale: 1}
)

// devices are all the ways in which a screen must work: phone and desktop, each light,
// dark, and without scripts (which change no color).
func devices() []device {
	var all []device
	for _, d := range []device{phone, desktop} {
		light, dark, noScripts := d, d, d
		light.name += ", light"
		dark.name += ", dark"
		dark.dark = true
		noScripts.name += ", scripts off"
		noScripts.noScripts = true
		all = append(all, light, dark, noScripts)
	}
	return all
}

// sampleDevices are phone and desktop, light and dark, with scripts and without, but not
// each with each.
func sampleDevices() []device {
	all := devices()
	phoneLight, phoneNoScripts, desktopDark := all[0], all[2], all[4]
	return []device{phoneLight, phoneNoScripts, desktopDark}
}

// consoleDevices are the sampleDevices, and the desktop without scripts.
func consoleDevices() []device {
	desktopNoScripts := devices()[5]
	return append(sampleDevices(), desktopNoScripts)
}

// A tab is an open page with its network traffic.
type tab struct {
	t      *testing.T
	ctx    context.Context
	device device
	wire   *wire
}

// needsBrowser skips the test if there is no Chromium.
func needsBrowser(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED, -short does without a browser")
	}
	if chromium.path() == "" {
		skipMissing(t, "Chromium")
	}
}

// open opens an empty tab. The test fails at its end if a script threw, the browser
// logged an error, another host was requested or the server failed.
func open(t *testing.T, d device) *tab {
	t.Helper()
	b := &headless
	if d.noScripts {
		b = &chromium
	}
	needsBrowser(t)
	b.once.Do(func() { b.start(b.path()) })
	if b.err != nil {
		t.Fatalf("cannot start %s: %v", b.path(), b.err)
	}
	ctx, err := b.tab(t)
	if err != nil {
		t.Fatalf("cannot open a tab: %v", err)
	}
	tb := &tab{t: t, ctx: ctx, device: d, wire: newWire()}
	chromedp.ListenTarget(ctx, func(event any) {
		if t.Context().Err() == nil { // after the test its servers stop, under an open page
			tb.wire.record(event)
		}
	})
	scheme := "light"
	if d.dark {
		scheme = "dark"
	}
	motion := "no-preference"
	if d.noScripts || !d.touch { // only phones show motion, which takes time
		motion = "reduce"
	}
	language := d.language
	if language == "" {
		language = "en-GB"
	}
	tb.do(
		css.Disable(), dom.Disable(), // chromedp enables them, and follows every element of a page
		network.Enable(), log.Enable(), runtime.Enable(), page.Enable(),
		emulation.SetUserAgentOverride(b.userAgent).WithAcceptLanguage(language), // for the server and for scripts
		emulation.SetDeviceMetricsOverride(d.width, d.height, d.scale, d.touch),
		emulation.SetTouchEmulationEnabled(d.touch),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion}}),
		emulation.SetScriptExecutionDisabled(d.noScripts),
	)
	t.Cleanup(func() {
		for _, complaint := range tb.wire.complaints() {
			t.Error(complaint)
		}
	})
	return tb
}

// do runs actions, or ends the test.
func (tb *tab) do(actions ...chromedp.Action) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, limit)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		tb.screenshot("failed")
		tb.t.Fatalf("in the browser: %v", err)
	}
}

// wire records what a tab logs and fetches.
type wire struct {
	mu       sync.Mutex
	bytes    float64
	requests []string
	trouble  []string
	allowed  []string
}

// newWire returns a wire that allows Chromium's message about a skipped view transition,
// such as on a reload: none of our scripts starts one, and the page works without.
func newWire() *wire {
	return &wire{allowed: []string{"Transition was aborted because of invalid state"}}
}

func (w *wire) record(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if strings.HasPrefix(e.Request.URL, "data:") || strings.HasPrefix(e.Request.URL, "blob:") {
			return
		}
		w.requests = append(w.requests, e.Request.URL)
		if u, err := url.Parse(e.Request.URL); err != nil || u.Hostname() != "127.0.0.1" {
			w.trouble = append(w.trouble, "a request left for another host: "+e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 500 {
			w.trouble = append(w.trouble, "a server error came from "+e.Response.URL)
		}
	case *network.EventLoadingFinished:
		w.bytes += e.EncodedDataLength
	case *runtime.EventExceptionThrown:
		w.trouble = append(w.trouble, "a script threw: "+e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			w.trouble = append(w.trouble, "the browser complained: "+e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// allow ignores complaints with this text.
func (w *wire) allow(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.allowed = append(w.allowed, text)
}

func (w *wire) complaints() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var left []string
next:
	for _, text := range w.trouble {
		for _, allowed := range w.allowed {
			if strings.Contains(text, allowed) {
				continue next
			}
		}
		left = append(left, text)
	}
	return left
}

// total returns the bytes received so far, headers included, and the requests.
func (w *wire) total() (float64, []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bytes, append([]string(nil), w.requests...)
}
