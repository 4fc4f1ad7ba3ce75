package console_test

import (
	"net/http"
	"net/http/httptest"
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

// A test shows a customer too.
func TestServiceTest_RecordsViews(t *testing.T) {
	f := newFixture(t, nil)
	f.testService("", "question", "details", "customer", "1").check(t, http.StatusOK, []string{"Anna Berg"})
	f.testService("", "question", "details", "customer", "9")
	f.testService("")
	if got := strings.Join(f.audit.views, "; "); got != "console: root saw 1, Anna Berg from 192.0.2.1" {
		t.Errorf("recorded views = %q", got)
	}
}
