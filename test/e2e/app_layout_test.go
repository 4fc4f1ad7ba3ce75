package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestApp_ReloadKeepsScrollPosition opens a customer of a later page beside the
// list and reloads the page: the same rows, each once, and the same ones in view.
func TestApp_ReloadKeepsScrollPosition(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.importSample(t, 150)
	tb := open(t, desktop)
	tb.signIn(in.serve(t))
	for len(tb.ids()) < 120 {
		before := len(tb.ids())
		tb.do(chromedp.Evaluate(`document.querySelector('[rel=next]').scrollIntoView()`, nil))
		tb.until("the next page arrives", fmt.Sprintf(`document.querySelectorAll('[data-customer-id]').length > %d`, before))
	}
	want := tb.ids()
	row := fmt.Sprintf(`[data-customer-id=%q]`, want[70])
	tb.press(row)
	tb.until("the customer shows beside the list", `!!document.querySelector('.who')`)
	tb.do(chromedp.Reload())
	tb.until("the row is back in view", fmt.Sprintf(`(() => {
		const r = document.querySelector('%s .row[aria-current]')?.getBoundingClientRect();
		return r && r.top > 0 && r.bottom < innerHeight;
	})()`, row))
	got := tb.ids()
	if once := slices.Compact(slices.Sorted(slices.Values(got))); len(once) != len(got) {
		t.Errorf("%d rows of %d customers", len(got), len(once))
	}
	if n := min(len(got), len(want)); !slices.Equal(got[:n], want[:n]) {
		t.Errorf("the first visible row is %q, want %q", got[0], want[0])
	}
	if eval[int](tb, `document.querySelectorAll('[data-section]').length`) == 0 {
		t.Error("the sections are gone")
	}
}

// TestApp_WaitingForDetailsOnPhone opens a customer whose details are slow to load: a
// placeholder shows, and the user can go back.
func TestApp_WaitingForDetailsOnPhone(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.importSample(t, 40)
	srv := in.serve(t)
	given := make(chan struct{})
	slow := proxy(t, srv, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasPrefix(r.URL.Path, "/customers/") {
			select {
			case <-given:
			case <-r.Context().Done():
				return
			}
		}
		next.ServeHTTP(w, r)
	})
	t.Cleanup(func() { close(given) })

	tb := open(t, phone)
	tb.signIn(slow)
	tb.waitUntilStill()
	tb.do(chromedp.Evaluate(`scrollTo({top: 900, behavior: "instant"})`, nil))
	at := eval[int](tb, `Math.round(scrollY)`)
	row := fmt.Sprintf(`[data-customer-id=%q] .row`, tb.ids()[15])
	// While the next page loads, the browser accepts no commands, so a script in the
	// page clicks, checks and clicks again.
	tb.do(chromedp.Evaluate(fmt.Sprintf(`setTimeout(() => {
		document.querySelector('%s').click();
		const began = Date.now(), timer = setInterval(() => {
			window.bones = !!document.querySelector('#detail .skeleton')?.checkVisibility() && !document.querySelector('#list').checkVisibility();
			if (!window.bones && Date.now() - began < 4000) return;
			clearInterval(timer);
			if (window.bones) document.querySelector('#detail .back').click(); else stop();
		}, 20);
	}, 50)`, row), nil), chromedp.Sleep(100*time.Millisecond))
	tb.until("the placeholder of the details shows", `window.bones`)
	tb.until("the list is at its old position", fmt.Sprintf(
		`location.pathname == "/customers" && document.querySelector('#list').checkVisibility() && Math.round(scrollY) == %d`, at))
}

// TestApp_ChooserCloses opens a chooser over the card below it, and closes it by
// keyboard and by mouse.
func TestApp_ChooserCloses(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.importText(t, "two.csv", "customer_id,display_name,Phone 1 - Value,Phone 2 - Value\n1,Two Numbers,+12025550114,+447700900123\n")
	srv := in.serve(t)
	tb := open(t, desktop)
	tb.signIn(srv)
	tb.goTo(srv.url + "/customers/1")
	const opened = `document.querySelectorAll('details.action[open]').length`
	tb.press(`summary`)
	tb.until("the chooser opens", opened+` == 1`)
	tb.accessible("chooser")
	for range 3 { // over both numbers and out of it
		tb.do(chromedp.KeyEvent(kb.Tab))
	}
	tb.until("it closes when the focus leaves", opened+` == 0`)
	tb.press(`summary`)
	tb.do(chromedp.KeyEvent(kb.Escape))
	tb.until("Escape closes it", opened+` == 0 && document.activeElement.matches('summary')`)
	tb.press(`summary`)
	tb.do(chromedp.Evaluate(`addEventListener('click', e => e.preventDefault(), {once: true})`, nil)) // there is no phone app
	tb.press(`.choice a`)
	tb.until("it closes when one was chosen", opened+` == 0`)
}

// TestApp_SearchFieldStaysInPlace types while the number of matches appears and disappears.
func TestApp_SearchFieldStaysInPlace(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.importSample(t, 40)
	tb := open(t, phone)
	tb.signIn(in.serve(t))
	const top = `Math.round(document.querySelector('#q').getBoundingClientRect().top)`
	before := eval[int](tb, top)
	for typed, state := range map[string]string{"a": `!!document.querySelector('mark')`, "zzzqqq": `!!document.querySelector('[data-nothing-found]')`} {
		tb.do(chromedp.Evaluate(`document.querySelector('#q').value = ""`, nil))
		tb.write(`#q`, typed)
		tb.until("the result shows", state)
		if now := eval[int](tb, top); now != before {
			t.Errorf("typing %q moves the field from %d to %d", typed, before, now)
		}
	}
}

// TestApp_LargeText shows the details with text of twice the size: it stays within its
// buttons and circles.
func TestApp_LargeText(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.importText(t, "one.csv", "customer_id,display_name,phone,whatsapp,email\n1,Wilma Monroe,+12025550114,+12025550114,w@example.com\n")
	srv := in.serve(t)
	for _, width := range []int64{390, 320} {
		d := phone
		d.width = width
		tb := open(t, d)
		tb.signIn(srv)
		for _, path := range []string{"/customers", "/customers/1", "/account"} {
			tb.goTo(srv.url + path)
			tb.do(chromedp.Evaluate(`document.documentElement.style.fontSize = "200%"`, nil), chromedp.Sleep(50*time.Millisecond))
			out := eval[[]string](tb, `[...document.querySelectorAll('.action, .avatar, .segments span, .button, .tabs a')]
				.filter(e => e.checkVisibility() && (e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1)).map(e => e.textContent.trim())`)
			if len(out) > 0 {
				tb.screenshot("large letters " + path)
				t.Errorf("%s at %d pixels: too narrow for %q", path, width, strings.Join(out, ", "))
			}
		}
	}
}
