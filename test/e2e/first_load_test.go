package e2e

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// firstLoad is the limit for the first load of My Customers, in bytes.
const firstLoad = 40 << 10

// TestApp_FirstLoadSize counts the bytes that a browser with an empty cache fetches to
// show My Customers with ten thousand of them: page, style, script, icons, all
// with their headers.
func TestApp_FirstLoadSize(t *testing.T) {
	needsBrowser(t)
	t.Parallel()
	in := install(t)
	in.importSample(t, 10_000)
	srv := in.serve(t)
	tb := open(t, phone)
	tb.signIn(srv)
	tb.do(network.ClearBrowserCache(), chromedp.Navigate("about:blank"))
	before, _ := tb.wire.total()
	tb.goTo(srv.url + "/customers")
	tb.until("the list shows", `document.querySelectorAll('[data-customer-id]').length >= 30`)
	time.Sleep(time.Second) // for requests that the page makes later
	after, requests := tb.wire.total()
	got := int(after - before)
	t.Logf("first load of My Customers: %d bytes over the wire (at most %d)", got, firstLoad)
	if got > firstLoad {
		t.Errorf("the first load has %d bytes, want at most %d: %q", got, firstLoad, requests)
	}
	if got < 2000 {
		t.Errorf("the first load has %d bytes: was it counted?", got)
	}
	// wire checks for every tab that no other host was requested.
}
