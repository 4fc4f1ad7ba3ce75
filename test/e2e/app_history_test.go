package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
)

// TestApp_HiddenListIsNotPolled opens details on a phone: the list beside
// them is stale and hidden, and is not requested again.
func TestApp_HiddenListIsNotPolled(t *testing.T) {
	t.Parallel()
	s := startFakeApp(t, account.RoleWorker)
	s.setList(staleList(listOf(45, nil, old()), listOf(45, nil, frontline.Meta{})))
	tb := open(t, phone)
	s.signIn(tb)
	tb.goTo(s.url + "/customers/c003")
	tb.until("the details are there", `document.querySelectorAll('#detail [data-channel]').length == 3`)
	time.Sleep(1500 * time.Millisecond)
	if n := s.requestCount("list q= page= newer=true"); n != 0 {
		t.Errorf("the hidden list was requested %d times", n)
	}
	s.setList(pendingList(0.3))
	tb.goTo(s.url + "/customers/c004")
	tb.until("the details are there", `document.querySelectorAll('#detail [data-channel]').length == 3`)
	before := s.requestCount("list")
	time.Sleep(1500 * time.Millisecond)
	if n := s.requestCount("list") - before; n != 0 {
		t.Errorf("the hidden waiting list was requested %d times", n)
	}
}

// TestApp_WaitsAgainAfterBack navigates away from a waiting list and back.
func TestApp_WaitsAgainAfterBack(t *testing.T) {
	t.Parallel()
	s := startFakeApp(t, account.RoleWorker)
	s.setList(pendingList(0.5))
	tb := open(t, phone)
	s.signIn(tb)
	tb.goTo(s.url + "/customers?q=Person")
	tb.until("it waits", waitingList)
	tb.pressAndLoad(`.tabs a[href="/account"]`)
	tb.back()
	tb.until("it is back, and waits", `location.pathname == "/customers" && `+waitingList)
	s.setList(listOf(5, nil, frontline.Meta{}))
	tb.until("it fills itself in", rowsShown+` == 5 && document.querySelector('#q').value == "Person"`)
}

// TestApp_BackRestoresStaleList scrolls a stale list, opens a customer, and
// goes back to the same position, although the browser did not cache the page.
func TestApp_BackRestoresStaleList(t *testing.T) {
	t.Parallel()
	s := startFakeApp(t, account.RoleWorker)
	s.setList(staleList(listOf(100, nil, old()), pendingList(0.5)))
	tb := open(t, phone)
	s.signIn(tb)
	tb.goTo(s.url + "/customers")
	tb.until("more pages are there", `!document.querySelector('[rel=next]')?.scrollIntoView() && `+rowsShown+" >= 60")
	tb.do(chromedp.Evaluate(`document.querySelector('[data-customer-id="c040"]').scrollIntoView({block: "center"})`, nil))
	time.Sleep(500 * time.Millisecond)
	tb.do(chromedp.Evaluate(`addEventListener("unload", () => {}); window.top40 = document.querySelector('[data-customer-id="c040"]').getBoundingClientRect().top; sessionStorage.top40 = top40`, nil))
	tb.navigate(func() { tb.do(chromedp.Reload()) })
	tb.until("it is at the old position", `Math.abs(document.querySelector('[data-customer-id="c040"]')?.getBoundingClientRect().top - sessionStorage.top40) < 3 && `+oldList)
	s.setList(staleList(listOf(100, nil, old()), listOf(100, []string{"c000"}, frontline.Meta{})))
	tb.until("it offers the update", pill)
	if !eval[bool](tb, `Math.abs(document.querySelector('[data-customer-id="c040"]')?.getBoundingClientRect().top - sessionStorage.top40) < 3`) {
		t.Error("the list moved by itself")
	}
}

// TestApp_AdministratorsGetConsoleLink checks the tabs and the account page.
func TestApp_AdministratorsGetConsoleLink(t *testing.T) {
	for _, d := range []device{phone, desktop, arabic} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := startFakeApp(t, account.RoleAdmin)
			s.setList(listOf(45, nil, frontline.Meta{}))
			tb := open(t, d)
			s.signIn(tb)
			for _, path := range []string{"/customers", "/account"} {
				tb.goTo(s.url + path)
				tb.accessible("admin " + path)
				if n := eval[int](tb, `[...document.querySelectorAll('.tabs a')].filter(e => e.checkVisibility()).length`); n != 3 {
					t.Errorf("%s has %d tabs", path, n)
				}
				for _, small := range tb.smallTargets() {
					t.Errorf("%s: smaller than %d pixels: %s", path, fingertip, small)
				}
			}
		})
	}
}

// TestApp_OfflineError loses the connection while a list waits, and shows an error.
func TestApp_OfflineError(t *testing.T) {
	t.Parallel()
	s := startFakeApp(t, account.RoleWorker)
	s.setList(pendingList(0.3))
	tb := open(t, phone)
	s.signIn(tb)
	tb.goTo(s.url + "/customers")
	tb.until("it waits", waitingList)
	tb.wire.allow("net::ERR_")
	tb.do(chromedp.Evaluate(fmt.Sprintf(`window.real = fetch; window.fetch = () => Promise.reject(new TypeError(%q))`, "no connection"), nil))
	tb.until("it says so", `document.querySelector('[data-error-code]')?.dataset.errorCode == "offline"`)
	s.setList(listOf(5, nil, frontline.Meta{}))
	tb.do(chromedp.Evaluate(`window.fetch = real`, nil))
	tb.press(`[data-retry]`)
	tb.until("and tries again", rowsShown+" == 5")
	if at := tb.location(); !strings.HasSuffix(at, "/customers") {
		t.Errorf("Try again led to %s", at)
	}
}

// TestApp_SlowSignOut signs out just after a page was loaded: its first poll would hear
// that the session has ended before the response comes, and must not replace it.
func TestApp_SlowSignOut(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.importSample(t, 5)
	srv := proxy(t, in.serve(t), func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != "/signout" {
			next.ServeHTTP(w, r)
			return
		}
		response := httptest.NewRecorder()
		next.ServeHTTP(response, r)
		time.Sleep(2 * time.Second)
		maps.Copy(w.Header(), response.Header())
		w.WriteHeader(response.Code)
	})
	tb := open(t, phone)
	tb.signIn(srv)
	tb.goTo(srv.url + "/account")
	tb.press(`form[action="/signout"] button`)
	tb.until("the page says that the worker has signed out", `location.search == "?bye=1"`)
}
