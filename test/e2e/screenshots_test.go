//go:build screenshots

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/clientele-project/clientele/internal/sample"
)

// TestScreenshots_App takes the README's screenshots from the demo.
func TestScreenshots_App(t *testing.T) {
	needsBrowser(t)
	srv := start(t, "demo")
	shots := []struct {
		name, path string
		device     device
		dark       bool
	}{
		{"list-phone", "/customers", phone, false},
		{"list-phone-dark", "/customers", phone, true},
		{"details-phone", "/customers/1", phone, false},
		{"search-phone", "/customers?q=mart", phone, false},
		{"details-desktop", "/customers/1", desktop, false},
	}
	for _, s := range shots {
		t.Run(s.name, func(t *testing.T) {
			d := s.device
			d.dark = s.dark
			tb := open(t, d)
			tb.goTo(srv.url + "/signin")
			tb.pressAndLoad(`button[value="alice"]`)
			tb.until("the list shows", `document.querySelectorAll('[data-customer-id]').length > 0`)
			tb.goTo(srv.url + s.path)
			tb.waitUntilStill()
			tb.keepAs(s.name)
		})
	}
}

// TestScreenshots_External takes screenshots of the console and of a stale list: the demo
// uses another server's callback, which then stops.
func TestScreenshots_External(t *testing.T) {
	needsBrowser(t)
	var file strings.Builder
	if err := sample.WriteCSV(&file, 200, 1, func(int) string { return "alice" }); err != nil {
		t.Fatal(err)
	}
	customers, database := filepath.Join(t.TempDir(), "customers.csv"), filepath.Join(t.TempDir(), "service.db")
	if err := os.WriteFile(customers, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "", "import", "--database", database, customers)
	const token = "0123456789abcdef"
	service := start(t, "serve", "--database", database, "--auth-token", token)
	srv := start(t, "demo")
	console := open(t, desktop)
	console.goTo(srv.url + "/signin?next=/console/callbacks")
	console.pressAndLoad(`button[value="admin@example.com"]`)
	console.fill(`input[name=crm_callback_url]`, service.url+"/callbacks/crm")
	console.fill(`input[name=auth_token]`, token)
	console.fill(`input[name=worker]`, "alice")
	console.testCallback("200", "customer_id")
	console.do(chromedp.Evaluate(`document.activeElement.blur(); scrollTo(0, 0)`, nil))
	console.keepAs("console-desktop")
	console.fill(`input[name=auth_token]`, token)
	console.navigate(func() { console.write(`input[name=crm_callback_url]`, kb.Enter) })
	console.until("it is saved", `location.search.includes("saved")`)

	tb := open(t, phone)
	tb.goTo(srv.url + "/signin")
	tb.pressAndLoad(`button[value="alice"]`)
	tb.until("the list shows", `document.querySelectorAll('[data-customer-id]').length > 0`)
	service.stop(t)
	time.Sleep(6 * time.Second) // fresh data is not requested again
	tb.goTo(srv.url + "/customers")
	tb.until("the list is stale", `!!document.querySelector("[data-stale-code]")`)
	tb.waitUntilStill()
	tb.keepAs("old-phone")
}

// images is the directory of the README's screenshots.
const images = "../../docs/images"

// keepAs saves a screenshot.
func (tb *tab) keepAs(name string) {
	tb.t.Helper()
	var picture []byte
	tb.do(chromedp.CaptureScreenshot(&picture))
	if err := os.WriteFile(filepath.Join(images, name+".png"), smaller(tb.t, picture), 0o644); err != nil {
		tb.t.Fatal(err)
	}
}
