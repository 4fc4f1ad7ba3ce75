package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestScreenshots makes the pictures of the README from the demo: see `make
// screenshots`. Otherwise it only goes the same way, so that the way stays good.
func TestScreenshots(t *testing.T) {
	into := os.Getenv("CLIENTELE_SCREENSHOTS")
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
			tb.settle()
			if into == "" {
				return
			}
			var picture []byte
			tb.do(chromedp.CaptureScreenshot(&picture))
			if err := os.MkdirAll(into, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(into, s.name+".png"), smaller(t, picture), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}
