package e2e

import (
	"testing"
	"time"
)

// TestScreenshotsOfTheConsole makes those of what an administrator decides: who works
// here, whose the customers are, who looked at whom, and numbers that are hidden.
func TestScreenshotsOfTheConsole(t *testing.T) {
	srv := start(t, "demo")
	enter := func(d device, who string) *tab {
		tb := open(t, d)
		tb.goTo(srv.url + "/signin")
		tb.pressAndLoad(`button[value="` + who + `"]`)
		tb.until("the list shows", `!!document.querySelector('main')`)
		return tb
	}
	desk := enter(desktop, "admin@example.com")
	worker := enter(phone, "alice")
	for _, id := range []string{"4", "7", "1"} {
		worker.goTo(srv.url + "/customers/" + id)
		worker.settle()
	}
	enter(phone, "bob")

	desk.goTo(srv.url + "/console/callbacks")
	desk.press(`input[name=mask_numbers][value=on]`)
	desk.pressAndLoad(`#callbacks .finish button.main`)
	worker.goTo(srv.url + "/customers/1")
	worker.until("numbers are hidden", `document.body.innerText.includes("XXXX")`)
	worker.settle()
	worker.keepAs("details-masked-phone")

	time.Sleep(2 * time.Second) // views are written in batches
	for _, s := range []struct{ name, path, there string }{
		{"console-people-desktop", "/console/people", "alice"},
		{"console-customers-desktop", "/console/customers", "Unassigned"},
		{"console-audit-desktop", "/console/audit", "Viewed Bobby S."},
	} {
		desk.goTo(srv.url + s.path)
		desk.until(s.name+" shows", `document.body.innerText.includes(`+quote(s.there)+`)`)
		desk.settle()
		desk.keepAs(s.name)
	}
}
