package console_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
)

// TestWhomAdministratorsAreShownIsWrittenDown holds the console to what the app does:
// here they see whole customers, whoever's they are.
func TestWhomAdministratorsAreShownIsWrittenDown(t *testing.T) {
	s := newShop(t, nil, ada)
	const one = "/console/customers/one"
	shown := func(what, want string) {
		t.Helper()
		if got := strings.Join(s.trail.views, "; "); got != want {
			t.Errorf("%s: written down is %q, want %q", what, got, want)
		}
		s.trail.views = nil
	}
	const saw = "console: root saw 1, Ada Lovelace from 192.0.2.1"
	page := s.get("root", one+"?id=1").must(t, http.StatusOK, []string{"Ada Lovelace"})
	shown("the page", saw)
	r := httptest.NewRequest(http.MethodHead, one+"?id=1", nil)
	s.do("root", r)
	shown("its head alone", "")
	s.get("root", one+"?id=nobody").must(t, http.StatusNotFound, nil)
	s.get("alice", one+"?id=1").must(t, http.StatusForbidden, nil)
	s.get("", one+"?id=1")
	shown("nobody, and to nobody", "")
	// Who sends the form with an old revision is shown what it is now.
	form := editForm(t, page, "company", "Elsewhere")
	changed := ada
	changed.JobTitle = "Countess of secrets"
	s.put(customer.Customer(changed))
	s.sendForm("root", one, form).must(t, http.StatusConflict, []string{"Countess of secrets"})
	shown("a form that comes too late", saw)
}

// TestWhomATestShowsIsWrittenDown keeps tests from being a way to look unseen.
func TestWhomATestShowsIsWrittenDown(t *testing.T) {
	b := newBench(t, nil)
	b.try("", "question", "details", "customer", "1").must(t, http.StatusOK, []string{"Anna Berg"})
	b.try("", "question", "details", "customer", "9")
	b.try("")
	if got := strings.Join(b.trail.views, "; "); got != "console: root saw 1, Anna Berg from 192.0.2.1" {
		t.Errorf("written down is %q", got)
	}
}
