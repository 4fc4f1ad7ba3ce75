package console_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
)

// The console records views like the app does: its pages show whole customers.
func TestCustomer_RecordsViews(t *testing.T) {
	f := newCustomersFixture(t, nil, ada)
	const one = "/console/customers/one"
	shown := func(what, want string) {
		t.Helper()
		if got := strings.Join(f.audit.views, "; "); got != want {
			t.Errorf("recorded views of %s = %q, want %q", what, got, want)
		}
		f.audit.views = nil
	}
	const saw = "console: root saw 1, Ada Lovelace from 192.0.2.1"
	page := f.get("root", one+"?id=1").check(t, http.StatusOK, []string{"Ada Lovelace"})
	shown("the page", saw)
	r := httptest.NewRequest(http.MethodHead, one+"?id=1", nil)
	f.do("root", r)
	shown("HEAD of the page", "")
	f.get("root", one+"?id=nobody").check(t, http.StatusNotFound, nil)
	f.get("alice", one+"?id=1").check(t, http.StatusForbidden, nil)
	f.get("", one+"?id=1")
	shown("refused requests", "")
	// A form with an old revision shows the current customer.
	form := editForm(t, page, "company", "Elsewhere")
	changed := ada
	changed.JobTitle = "Countess of secrets"
	f.put(customer.Customer(changed))
	f.sendForm("root", one, form).check(t, http.StatusConflict, []string{"Countess of secrets"})
	shown("a form with an old revision", saw)
}

// Duplicates are whole customers side by side.
func TestDuplicates_RecordsViews(t *testing.T) {
	f := newCustomersFixture(t, nil, pairs(1)...)
	f.put(customer.Customer{ID: "alone", Name: "Alone"})
	const saw = "console: root saw a000, Pat 000 from 192.0.2.1; console: root saw b000, P. 000 from 192.0.2.1"
	shown := func(what string) {
		t.Helper()
		slices.Sort(f.audit.views)
		if got := strings.Join(f.audit.views, "; "); got != strings.Join(slices.Sorted(strings.SplitSeq(saw, "; ")), "; ") {
			t.Errorf("recorded views of %s = %q, want %q", what, got, saw)
		}
		f.audit.views = nil
	}
	page := f.get("root", "/console/customers/duplicates").check(t, http.StatusOK, []string{"P. 000"})
	shown("the page")
	key := page.values("key")[0]
	f.post("root", "/console/customers/duplicates", "do", "merge", "key", key, "keep", "a000", "id", "b000").check(t, http.StatusOK, []string{"P. 000"})
	shown("a merge to confirm")
	f.post("root", "/console/customers/duplicates", "do", "merge", "key", key, "keep", "a000", "id", "alone")
	if len(f.audit.views) > 0 {
		t.Errorf("recorded views of a refused merge = %q, want none", f.audit.views)
	}
}

// A test shows a customer too.
func TestServiceTest_RecordsViews(t *testing.T) {
	f := newFixture(t, nil)
	f.testService("", "question", "details", "customer", "1").check(t, http.StatusOK, []string{"Anna Berg"})
	f.testService("", "question", "details", "customer", "9")
	f.testService("")
	if got := strings.Join(f.audit.views, "; "); got != "console: root saw 1, Anna Berg from 192.0.2.1" {
		t.Errorf("recorded views = %q", got)
	}
	// So does a response that the app could not use: the page has its body.
	for status, body := range map[int]string{200: `{"objects":{"customer":{"customer_id":"8","details":{"content":"secret"}}}}`, 500: "secret"} {
		f.audit.views = nil
		f.testService(serveJSON(t, status, body), "question", "details", "customer", "7").check(t, http.StatusOK, []string{"secret"})
		if got := strings.Join(f.audit.views, "; "); got != "console: root saw 7,  from 192.0.2.1" {
			t.Errorf("recorded views of a response with status %d = %q, want one of 7", status, got)
		}
	}
}
