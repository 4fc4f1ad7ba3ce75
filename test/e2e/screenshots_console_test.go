//go:build screenshots

package e2e

import (
	"testing"
	"time"
)

// TestScreenshots_Console takes screenshots of people, customers, the audit log and masking
// in the console.
func TestScreenshots_Console(t *testing.T) {
	srv := start(t, "demo")
	enter := func(d device, who string) *tab {
		tb := open(t, d)
		tb.goTo(srv.url + "/signin")
		tb.pressAndLoad(`button[value="` + who + `"]`)
		tb.until("the list shows", `!!document.querySelector('main')`)
		return tb
	}
	console := enter(desktop, "admin@example.com")
	worker := enter(phone, "alice")
	for _, id := range []string{"4", "7", "1"} {
		worker.goTo(srv.url + "/customers/" + id)
		worker.waitUntilStill()
	}
	enter(phone, "bob")

	console.goTo(srv.url + "/console/callbacks")
	console.press(`input[name=mask_numbers][value=on]`)
	console.pressAndLoad(`#callbacks .finish button.main`)
	worker.goTo(srv.url + "/customers/1")
	worker.until("numbers are hidden", `document.body.innerText.includes("XXXX")`)
	worker.waitUntilStill()
	worker.keepAs("details-masked-phone")

	time.Sleep(2 * time.Second) // views are written in batches
	for _, s := range []struct{ name, path, there string }{
		{"console-people-desktop", "/console/people", "alice"},
		{"console-customers-desktop", "/console/customers", "Unassigned"},
		{"console-audit-desktop", "/console/audit", "Viewed Bobby S."},
	} {
		console.goTo(srv.url + s.path)
		console.until(s.name+" shows", `document.body.innerText.includes(`+quote(s.there)+`)`)
		console.waitUntilStill()
		console.keepAs(s.name)
	}
}
