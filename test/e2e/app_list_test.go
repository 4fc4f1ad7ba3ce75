package e2e

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
)

// Conditions in the page.
const (
	waitingList = `!!document.querySelector('#results [data-pending]')`
	oldList     = `!!document.querySelector('#results [data-as-of]')`
	pill        = `!!document.querySelector('.updated button')?.checkVisibility()`
)

func shown(id string) string {
	return fmt.Sprintf(`!!document.querySelector('[data-customer-id=%q]')`, id)
}

var arabic = device{name: "phone, arabic, dark", width: 390, height: 844, scale: 2, touch: true, dark: true, language: "ar"}

// TestApp_WaitingPageFillsIn opens a list, a search, a next page and details that are
// pending; each fills in by itself.
func TestApp_WaitingPageFillsIn(t *testing.T) {
	for _, d := range append(sampleDevices(), arabic) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := startFakeApp(t, account.RoleWorker)
			tb := open(t, d)
			s.signIn(tb)
			s.setList(pendingList(0.5))
			tb.goTo(s.url + "/customers?q=Person")
			tb.until("it waits", waitingList)
			tb.accessibleWaiting("waiting")
			before := s.requestCount("list")
			eventually(t, "the page polls", func() bool { return s.requestCount("list") >= before+2 })
			// With scripts off the page reloads itself, and has no content in between.
			tb.until("it still waits", waitingList)
			if eval[bool](tb, `!!document.querySelector('[data-error-code], .state:not(.choose)')`) {
				t.Error("the page no longer waits")
			}
			s.setList(listOf(45, nil, frontline.Meta{}))
			tb.until("it fills itself in", rowsShown+" == 30 && !"+waitingList)
			if at := tb.location(); !strings.HasSuffix(at, "/customers?q=Person") {
				t.Errorf("waiting led to %s", at)
			}
			s.mu.Lock()
			real := s.details
			s.details = func(frontline.DetailsRequest) (frontline.DetailsResponse, error) {
				return frontline.DetailsResponse{}, pending(0.5)
			}
			s.mu.Unlock()
			tb.goTo(s.url + "/customers/c003")
			tb.until("the details wait", `!!document.querySelector('#detail [data-pending]')`)
			tb.accessibleWaiting("details waiting")
			s.setDetails(real)
			tb.until("the details fill themselves in", `document.querySelectorAll('#detail [data-channel]').length == 3`)
			tb.until("with their title", `document.title.includes("Person")`)
		})
	}
}

// TestApp_ListWaitsBesideDetails opens details beside a pending list.
func TestApp_ListWaitsBesideDetails(t *testing.T) {
	t.Parallel()
	s := startFakeApp(t, account.RoleWorker)
	tb := open(t, desktop)
	s.signIn(tb)
	s.setList(pendingList(0.5))
	tb.goTo(s.url + "/customers/c003")
	tb.until("the details are there, and the list waits", `document.querySelectorAll('#detail [data-channel]').length == 3 && `+waitingList)
	tb.do(chromedp.Evaluate(`document.querySelector('#detail summary').focus(); window.same = document.querySelector('#detail .person')`, nil))
	s.setList(listOf(45, nil, frontline.Meta{}))
	tb.until("the list fills itself in", rowsShown+" == 30")
	if !eval[bool](tb, `window.same.isConnected && window.same.contains(document.activeElement)`) {
		t.Error("the details were replaced while the list loaded")
	}
	if !eval[bool](tb, `document.querySelector('[data-customer-id="c003"] .row').matches('[aria-current]')`) {
		t.Error("the list does not show which customer is open")
	}
}

// TestApp_NextPageAndSearchWait scrolls and types into lists that are pending.
func TestApp_NextPageAndSearchWait(t *testing.T) {
	t.Parallel()
	s := startFakeApp(t, account.RoleWorker)
	tb := open(t, phone)
	s.signIn(tb)
	all := listOf(45, nil, frontline.Meta{})
	s.setList(func(r frontline.ListRequest) (frontline.ListResponse, error) {
		if r.NextPageToken != "" || r.Query != "" {
			return frontline.ListResponse{}, pending(0.5)
		}
		return all(r)
	})
	tb.goTo(s.url + "/customers")
	tb.until("the first page is there", rowsShown+" == 30")
	tb.do(chromedp.Evaluate(`document.querySelector('[rel=next]').scrollIntoView()`, nil))
	tb.until("the next page waits", `!!document.querySelector('.next .waiting')`)
	tb.accessible("next page waiting")
	time.Sleep(time.Second)
	if n := eval[int](tb, rowsShown); n != 30 || eval[bool](tb, `!!document.querySelector('[data-error-code]')`) {
		t.Errorf("%d rows while the next page waits", n)
	}
	tb.do(chromedp.Evaluate(`scrollTo(0, 0)`, nil))
	tb.write("#q", "zz")
	tb.until("the search waits", waitingList)
	tb.accessible("search waiting")
	tb.do(chromedp.KeyEvent("\b\b"), chromedp.KeyEvent("004"))
	s.setList(all)
	tb.until("the other search is there", rowsShown+` == 1 && document.activeElement.id == "q"`)
	time.Sleep(1500 * time.Millisecond) // a late response for zz would show now
	if got := tb.ids(); len(got) != 1 || got[0] != "c004" {
		t.Errorf("the search found %q", got)
	}
}

// TestApp_HiddenTabStopsPolling hides the tab while a list waits.
func TestApp_HiddenTabStopsPolling(t *testing.T) {
	t.Parallel()
	s := startFakeApp(t, account.RoleWorker)
	tb := open(t, phone)
	s.signIn(tb)
	s.setList(pendingList(0.2))
	tb.goTo(s.url + "/customers")
	tb.until("it waits", waitingList)
	hide := func(hidden bool) {
		tb.do(chromedp.Evaluate(fmt.Sprintf(`Object.defineProperty(document, 'hidden', {value: %v, configurable: true}); document.dispatchEvent(new Event('visibilitychange'))`, hidden), nil))
	}
	hide(true)
	time.Sleep(1500 * time.Millisecond)
	before := s.requestCount("list")
	time.Sleep(2500 * time.Millisecond)
	if n := s.requestCount("list") - before; n != 0 {
		t.Errorf("a hidden tab made %d requests", n)
	}
	s.setList(listOf(5, nil, frontline.Meta{}))
	hide(false)
	tb.until("seen again, it fills itself in", rowsShown+" == 5")
}

func old() frontline.Meta { return frontline.Meta{AsOf: time.Now().Add(-3 * time.Hour)} }

// TestApp_StaleListIsReplaced shows a stale list; the fresh one replaces it.
func TestApp_StaleListIsReplaced(t *testing.T) {
	for _, d := range []device{phone, desktop, arabic} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := startFakeApp(t, account.RoleWorker)
			tb := open(t, d)
			s.signIn(tb)
			s.setList(staleList(listOf(45, nil, old()), pendingList(0.3)))
			tb.goTo(s.url + "/customers")
			tb.until("the stale list shows", rowsShown+" == 30 && "+oldList)
			tb.accessible("old")
			s.setList(staleList(listOf(45, nil, old()), listOf(45, []string{"c000"}, frontline.Meta{})))
			tb.until("the fresh list replaces it", rowsShown+" == 30 && !"+oldList+" && !"+shown("c000"))
			if text := eval[string](tb, `document.querySelector('#about').innerText`); text != "" {
				t.Errorf("the fresh list still says %q", text)
			}
			if eval[bool](tb, pill) {
				t.Error("an unscrolled list offers an update instead of showing it")
			}
			tb.do(chromedp.Evaluate(`document.querySelector('[rel=next]').scrollIntoView()`, nil))
			tb.until("it continues in the fresh list", rowsShown+" == 44")
			if s.requestCount("page=fresh-after-30") == 0 || s.requestCount("page=after-30") != 0 {
				t.Error("the next page is from the stale list")
			}
		})
	}
}

// TestApp_UnchangedRowsStay gets an equal list: the rows stay the same elements,
// and only the "as of" disappears.
func TestApp_UnchangedRowsStay(t *testing.T) {
	t.Parallel()
	s := startFakeApp(t, account.RoleWorker)
	tb := open(t, phone)
	s.signIn(tb)
	s.setList(staleList(listOf(130, nil, old()), pendingList(0.3)))
	tb.goTo(s.url + "/customers")
	tb.until("the stale list shows", rowsShown+" == 30")
	tb.do(chromedp.Evaluate(`document.querySelector('[rel=next]').scrollIntoView()`, nil))
	tb.until("more pages are", rowsShown+" >= 60")
	tb.do(chromedp.Evaluate(`window.row = document.querySelectorAll('.row')[40]; row.scrollIntoView({block: "center"}); row.focus({preventScroll: true}); window.top40 = row.getBoundingClientRect().top`, nil))
	s.setList(staleList(listOf(130, nil, old()), listOf(130, nil, frontline.Meta{})))
	tb.until("it is fresh", "!"+oldList)
	if !eval[bool](tb, `row.isConnected && document.activeElement === row && Math.abs(row.getBoundingClientRect().top - top40) < 2 && !document.querySelector('.updated')`) {
		t.Error("unchanged rows were replaced")
	}
	tb.until("it continues to the end", `!document.querySelector('[rel=next]')?.scrollIntoView() && `+rowsShown+" == 130")
	if s.requestCount("page=fresh-after-120") != 1 || s.requestCount("page=after-120") != 0 {
		t.Error("the next pages are from the stale list")
	}
}

// TestApp_UpdatesAreOffered scrolls a stale list: it does not change by itself, but
// offers the update, also to the keyboard.
func TestApp_UpdatesAreOffered(t *testing.T) {
	for _, d := range []device{phone, desktop, arabic} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := startFakeApp(t, account.RoleWorker)
			tb := open(t, d)
			s.signIn(tb)
			s.setList(staleList(listOf(45, nil, old()), pendingList(0.3)))
			tb.goTo(s.url + "/customers")
			tb.until("the stale list shows", rowsShown+" >= 30")
			tb.do(chromedp.Evaluate(`document.querySelector('[data-customer-id="c012"]').scrollIntoView({block: "start"})`, nil))
			s.setList(staleList(listOf(45, nil, old()), listOf(45, []string{"c000"}, frontline.Meta{})))
			tb.until("it offers the update", pill)
			if !eval[bool](tb, shown("c000")+" && "+oldList) {
				t.Error("a scrolled list changed by itself")
			}
			tb.accessible("updated")
			for _, small := range tb.smallTargets() {
				t.Errorf("smaller than %d pixels: %s", fingertip, small)
			}
			tb.do(chromedp.Evaluate(`document.querySelector('.updated button').focus()`, nil), chromedp.KeyEvent("\r"))
			tb.until("the fresh list shows from its beginning", "!"+shown("c000")+" && !"+oldList+" && !"+pill+
				` && [document.scrollingElement, document.querySelector('#list')].every(e => e.scrollTop < 2) && document.activeElement.id == "results"`)
		})
	}
}

// TestApp_RetriesWhileServiceIsDown shows a stale list of a service that is down: it
// says so, retries, and is fresh when the service is back.
func TestApp_RetriesWhileServiceIsDown(t *testing.T) {
	for _, d := range append(sampleDevices(), arabic) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := startFakeApp(t, account.RoleWorker)
			tb := open(t, d)
			s.signIn(tb)
			down := old()
			s.setList(staleList(listOf(45, nil, down), pendingList(0.3)))
			tb.goTo(s.url + "/customers")
			tb.until("the stale list shows", rowsShown+" == 30 && "+oldList)
			down.Stale = &stale{&frontline.CallbackError{Code: 48004, Status: 429, Err: errors.New("busy")}, &frontline.UnavailableError{RetryAfter: 500 * time.Millisecond}}
			s.setList(listOf(45, nil, down))
			if d.noScripts {
				tb.pressAndLoad(`#about a`)
			}
			tb.until("it says that the service is down", `!!document.querySelector('#results [data-stale-code="48004"] .notice.old')?.checkVisibility()`)
			if text := eval[string](tb, `document.querySelector('.notice.old').innerText`); !strings.Contains(text, "48004") {
				t.Errorf("the notice reads %q", text)
			}
			tb.accessible("stale")
			if !d.noScripts {
				n, began := s.requestCount("newer=true"), time.Now()
				eventually(t, "the list is requested twice more", func() bool { return s.requestCount("newer=true") >= n+2 })
				again, took := s.requestCount("newer=true")-n, time.Since(began)
				if float64(again) > 2+took.Seconds() { // it waits a second each time
					t.Errorf("%d retries in %v", again, took)
				}
				tb.until("rows stay", rowsShown+" == 30")
			}
			s.setList(listOf(45, []string{"c000"}, frontline.Meta{}))
			if d.noScripts {
				tb.pressAndLoad(`.notice.old a`)
			}
			tb.until("it is fresh", "!"+oldList+" && !"+shown("c000")+` && !document.querySelector('.notice')`)
		})
	}
}

// stale is the first error, with the retry time of the second.
type stale struct {
	callback *frontline.CallbackError
	soon     *frontline.UnavailableError
}

func (s *stale) Error() string   { return s.callback.Error() }
func (s *stale) Unwrap() []error { return []error{s.callback, s.soon} }
