package e2e

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// waitForAudit reads the audit log until it has all of words: views are written after a
// second or so.
func (v *client) waitForAudit(path string, words ...string) string {
	v.t.Helper()
	var body string
	eventually(v.t, fmt.Sprintf("%s has all of %q", path, words), func() bool {
		body = v.get(path).body
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(body, w) })
	})
	return body
}

// TestAudit_RecordsViews has a worker view customers, in the end unusually many, and
// an administrator read the audit log on every kind of device.
func TestAudit_RecordsViews(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, admin, bob)
	in.importText(t, "c.csv", "customer_id,display_name,phone,worker\n"+
		"c1,Anna Berg,+15550001,bob@example.com\nc2,=HYPERLINK(1),+15550002,bob@example.com\nc3,Ça va,+15550003,bob@example.com\n"+
		"c4,Dora,+15550004,bob@example.com\nc5,Emil,+15550005,bob@example.com\nc6,ليلى منصور,+15550006,bob@example.com\nc7,Gustav,+15550007,bob@example.com\n")
	srv := in.serveConsole(t)
	a, b := srv.client(t, secrets[admin]), srv.client(t, secrets[bob])
	if got := a.post("/console/audit/rules", url.Values{"days": {"90"}, "views": {"5"}, "minutes": {"10"}}); got.status != http.StatusSeeOther {
		t.Fatalf("saving the rules: status %d\n%s", got.status, got.body)
	}
	for _, id := range []string{"c1", "c2", "c3", "c4", "c5", "c6", "c7"} {
		if got := b.get("/customers/" + id); got.status != http.StatusOK {
			t.Fatalf("details of %s: status %d", id, got.status)
		}
	}
	a.waitForAudit("/console/audit", "Anna Berg", "ليلى منصور", "Gustav", "an unusual number of customers")
	a.waitForAudit("/console/audit?subject=c1", "Viewed <", bob)
	if got := a.get("/console/audit?kind=setting").body; !strings.Contains(got, "Changed a setting") || strings.Contains(got, "Anna Berg") {
		t.Error("kind=setting does not show the changed settings alone")
	}

	file := a.post("/console/audit/export", url.Values{"actor": {bob}})
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.body, "\ufeff"))).ReadAll()
	if err != nil || file.status != http.StatusOK || len(rows) < 8 {
		t.Errorf("the file has %d rows, status %d, %v", len(rows), file.status, err)
	}
	for _, row := range rows[1:] {
		if row[2] != bob {
			t.Errorf("the audit file filtered by bob has a row of %s", row[2])
		}
		for _, cell := range row {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("a cell is a formula: %s", cell)
			}
		}
	}
	a.waitForAudit("/console/audit?kind=file", "Downloaded the audit log", "filtered entries")
	for _, path := range []string{"/console/audit", "/console/audit/export", "/console/audit/rules"} {
		if got := b.post(path, url.Values{"days": {"30"}, "views": {"5"}, "minutes": {"1"}}); got.status != http.StatusForbidden && got.status != http.StatusMethodNotAllowed {
			t.Errorf("a worker's POST to %s: status %d, want 403", path, got.status)
		}
	}
	if log := srv.log.String(); strings.Contains(log, "Anna") || strings.Contains(log, bob) {
		t.Error("the log has data of the audit log")
	}

	for _, d := range append(sampleDevices(), arabic) {
		t.Run(d.name, func(t *testing.T) {
			tb := open(t, d)
			tb.setSession(srv, secrets[admin])
			tb.goTo(srv.url + "/console/audit")
			tb.waitForText("Anna Berg")
			tb.checkScreen("audit")
			tb.pressAndLoad(`.picks a:last-child`)
			tb.until("only what is unusual shows", `location.search == "?unusual=1" && document.querySelectorAll("tbody tr").length > 0 && document.querySelectorAll("tbody tr").length == document.querySelectorAll("tbody tr.unusual").length`)
			tb.checkScreen("unusual")
			tb.goTo(srv.url + "/console/audit")
			tb.press(`.filter-panel summary`)
			tb.checkScreen("filter open")
			tb.fill(`input[name=actor]`, "nobody@example.com")
			tb.pressAndLoad(`.filter-panel .main`)
			tb.until("nothing is found", `!document.querySelector("tbody") && !!document.querySelector(".state")`)
			tb.checkScreen("nothing found")
			tb.pressAndLoad(`.state a`)
			tb.waitForText("Anna Berg")
			tb.wire.allow("422")
			tb.press(`.rules summary`)
			tb.fill(`input[name=days]`, "7")
			tb.pressAndLoad(`.rules .main`)
			tb.until("the error shows beside its field", `!!document.querySelector("#days-error") && document.querySelector(".rules").open`)
			tb.checkScreen("rules refused")
		})
	}
}
