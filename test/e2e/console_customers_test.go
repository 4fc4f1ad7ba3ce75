package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// importedFile is a file of six customers: two of bob, one of carol, three unassigned, of
// which two share an email; and an invalid row.
const importedFile = `customer_id,display_name,email,phone,owner,shoe
1,Ada Lovelace,ada@example.com,+493012345671,bob@example.com,38
2,Grace Hopper,grace@example.com,+493012345672,bob@example.com,39
3,ليلى منصور,laila@example.com,+493012345673,carol@example.com,
4,Bartholomew Featherstonehaugh-Cholmondeley of Considerable Length,bart@example.com,+493012345674,,
5,Pat Doe,pat@example.com,,,
6,Patricia Doe,pat@example.com,+493012345676,,
7,,,,,41
`

// uploadImport uploads a file in the console, and waits until it is checked.
func (tb *tab) uploadImport(srv *server, content string) {
	tb.t.Helper()
	tb.uploadFile(srv, "customers of autumn.csv", content)
	tb.waitForEnd("Ready to import")
}

// uploadFile uploads a file in the console.
func (tb *tab) uploadFile(srv *server, name, content string) {
	tb.t.Helper()
	file := filepath.Join(tb.t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		tb.t.Fatal(err)
	}
	tb.goTo(srv.url + "/console/customers/import")
	tb.checkScreen("import")
	tb.do(chromedp.ActionFunc(func(ctx context.Context) error {
		input, _, err := runtime.Evaluate(`document.querySelector("#file")`).Do(ctx)
		if err != nil {
			return err
		}
		return dom.SetFileInputFiles([]string{file}).WithObjectID(input.ObjectID).Do(ctx)
	}))
	tb.press(`[data-upload] [data-send]`)
	tb.until("the file is there", `location.pathname == "/console/customers/import/one"`)
}

// waitForEnd waits until the page reports by itself that a task has ended.
func (tb *tab) waitForEnd(with string) {
	tb.t.Helper()
	tb.until("it has ended", `document.readyState == "complete" && !!document.querySelector("#live") && !document.querySelector("[data-live]")`)
	tb.waitForText(with)
}

// searchCustomers searches the customers, while typing if scripts run.
func (tb *tab) searchCustomers(query, name string) {
	tb.t.Helper()
	tb.fill(`input[name=q]`, query)
	if tb.device.noScripts {
		tb.pressAndLoad(`[data-find] button`)
	}
	tb.until("the search shows "+name, fmt.Sprintf(`document.querySelectorAll(".customer-table .name").length == 1 && document.querySelector(".customer-table .name").textContent.includes(%s)`, quote(name)))
}

// TestConsole_ManagesCustomers is the life of customers in the administrator's browser,
// on every kind of device: imported, found, edited, assigned, transferred,
// merged, deleted, and not imported again.
func TestConsole_ManagesCustomers(t *testing.T) {
	for _, d := range consoleDevices() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			in, secrets := staff(t, admin, bob, carol)
			srv := in.serveConsole(t)
			b := srv.client(t, secrets[bob])
			tb := open(t, d)
			tb.wire.allow("422") // the browser logs it as an error
			tb.setSession(srv, secrets[admin])
			tb.goTo(srv.url + "/console/customers")
			tb.waitForText("No customers yet")
			tb.checkScreen("no customers")

			tb.uploadImport(srv, importedFile)
			tb.checkScreen("import ready")
			if s, _ := b.read("/customers"); !s.none {
				t.Errorf("before the import was confirmed, bob has %d customers", len(s.ids))
			}
			tb.press(`button[value=run].main`)
			tb.waitForEnd("Imported")
			tb.waitForText("New6")
			tb.checkScreen("import done")
			if s, _ := b.read("/customers"); len(s.ids) != 2 {
				t.Errorf("after the import, bob has %d customers", len(s.ids))
			}

			tb.goTo(srv.url + "/console/customers")
			tb.waitForText("6 customers")
			tb.checkScreen("customers")
			tb.searchCustomers("hopper", "Grace Hopper")
			tb.checkScreen("found")
			tb.pressAndLoad(`.customer-table .name a`)
			tb.checkScreen("customer")
			tb.fill(`input[name=avatar]`, "no address")
			tb.pressAndLoad(`main form .main`)
			tb.until("the error shows beside its field", `!!document.querySelector("#avatar-error")`)
			tb.checkScreen("customer refused")
			tb.fill(`input[name=avatar]`, "https://example.com/grace.jpg")
			tb.fill(`input[name=name]`, "Rear Admiral Hopper")
			tb.pressAndLoad(`main form .main`)
			tb.waitForText("Saved.")
			if page := b.get("/customers").body; !strings.Contains(page, "Rear Admiral Hopper") {
				t.Error("bob does not see the edited name")
			}

			tb.goTo(srv.url + "/console/customers?whose=none")
			tb.press(`.target:has([value="4"])`)
			tb.do(chromedp.Evaluate(`document.querySelector('[value="5"]').scrollIntoView({block: "center", behavior: "instant"})`, nil)) // out from under the bar
			tb.press(`.target:has([value="5"])`)
			tb.checkScreen("selected")
			tb.pressAndLoad(`.ticked button[value=assign]`)
			tb.fill(`input[name=worker]`, bob)
			tb.checkScreen("assign")
			tb.pressAndLoad(`.finish .main`)
			tb.waitForText("2 customers assigned")

			tb.goTo(srv.url + "/console/customers/reassign?from=" + url.QueryEscape(bob) + "&to=" + url.QueryEscape(carol))
			tb.waitForText("4 customers will move from " + bob + " to " + carol)
			tb.checkScreen("reassign")
			tb.press(`.confirm .main`)
			tb.until("it is running", `location.pathname.endsWith("/job")`)
			tb.waitForEnd("4 customers reassigned")
			tb.checkScreen("reassigned")
			if s, _ := b.read("/customers"); !s.none {
				t.Errorf("after the reassignment, bob has %d customers", len(s.ids))
			}

			tb.goTo(srv.url + "/console/customers/duplicates")
			tb.waitForText("pat@example.com")
			tb.checkScreen("duplicates")
			tb.pressAndLoad(`button[name=keep][value="6"]`)
			tb.checkScreen("merge")
			tb.pressAndLoad(`button[value=merge-now]`)
			tb.waitForText("Customers merged.")

			tb.goTo(srv.url + "/console/customers/one?id=1")
			tb.pressAndLoad(`button[value=delete]`)
			tb.checkScreen("delete")
			tb.pressAndLoad(`button[value=delete-now]`)
			tb.waitForText("1 customer deleted")
			tb.uploadImport(srv, importedFile)
			tb.waitForText("Previously deleted")
			tb.press(`button[value=run].main`)
			tb.waitForEnd("Imported")
			if page := b.get("/customers").body; strings.Contains(page, "Ada Lovelace") {
				t.Error("the import restored a deleted customer")
			}
			tb.goTo(srv.url + "/console/customers/deleted")
			tb.checkScreen("deleted")
			tb.pressAndLoad(`.deleted-table form:has([value="1"]) button`)
			tb.waitForText("Allowed again. The next import")

			if log := srv.log.String(); strings.Contains(log, "opper") || strings.Contains(log, "4930123") || strings.Contains(log, "autumn") || strings.Contains(log, "pat@") {
				t.Error("the log has data of a customer")
			}
		})
	}
}

// TestConsole_CustomersInArabic shows the screens from right to left, on a narrow phone.
func TestConsole_CustomersInArabic(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, admin, bob, carol)
	in.importText(t, "c.csv", importedFile+"8,Somebody of "+worker+",,,"+worker+",\n")
	srv := in.serveConsole(t)
	d := arabic
	d.width = 320
	tb := open(t, d)
	tb.setSession(srv, secrets[admin])
	for _, path := range []string{"", "?q=doe", "?q=nobody", "?whose=none", "/add", "/one?id=4", "/import", "/reassign", "/reassign?from=none&to=" + bob, "/duplicates", "/deleted", "/export"} {
		tb.goTo(srv.url + "/console/customers" + path)
		tb.checkScreen("arabic customers" + path)
		if got := eval[string](tb, `getComputedStyle(document.body).direction + " " + !!document.querySelector("h1")`); got != "rtl true" {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// TestConsole_ExportNeedsPermission exports without and with the permission.
func TestConsole_ExportNeedsPermission(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, admin, bob)
	in.importText(t, "c.csv", importedFile+"8,Somebody of "+worker+",,,"+worker+",\n")
	srv := in.serveConsole(t)
	a, b := srv.client(t, secrets[admin]), srv.client(t, secrets[bob])
	csv := url.Values{"format": {"csv"}}
	for name, got := range map[string]response{"an administrator without it": a.post("/console/customers/export/file", csv), "a worker": b.post("/console/customers/export/file", csv)} {
		if got.status != http.StatusForbidden || strings.Contains(got.body, "Hopper") {
			t.Errorf("%s gets status %d", name, got.status)
		}
	}
	tb := open(t, phone)
	tb.setSession(srv, secrets[admin])
	tb.goTo(srv.url + "/console/customers/export")
	tb.waitForText("You don’t have permission to export")
	tb.checkScreen("export not allowed")
	must(t, "", "user", "set", admin, "--may-export", "--database", in.database)
	tb.goTo(srv.url + "/console/customers/export")
	tb.waitForText("Includes full numbers")
	tb.checkScreen("export")
	for format, kind := range map[string]string{"csv": "text/csv; charset=utf-8", "json": "application/x-ndjson"} {
		got := a.post("/console/customers/export/file", url.Values{"format": {format}})
		if got.status != http.StatusOK || got.header.Get("Content-Type") != kind || !strings.Contains(got.body, "Grace Hopper") || !strings.Contains(got.body, "+493012345672") {
			t.Errorf("%s: status %d, %s\n%.300s", format, got.status, got.header.Get("Content-Type"), got.body)
		}
		// It can be imported again.
		other := installation{filepath.Join(t.TempDir(), "other.db")}
		file := filepath.Join(t.TempDir(), "export."+format)
		if err := os.WriteFile(file, []byte(got.body), 0o600); err != nil {
			t.Fatal(err)
		}
		must(t, "", "import", "--database", other.database, file)
		if want, back := must(t, "", "export", "--database", in.database), must(t, "", "export", "--database", other.database); back != want {
			t.Errorf("%s: the imported export differs:\n%s\nwant\n%s", format, back, want)
		}
	}
	if page := a.get("/console/audit").body; strings.Count(page, "xported") < 2 {
		t.Error("the audit log lacks the exports")
	}
}
