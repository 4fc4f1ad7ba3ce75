package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
)

func TestAllCustomersOfALeaverGoToASuccessor(t *testing.T) {
	s := newShop(t, nil, some(9)...)
	s.get("root", "/console/customers/reassign?from=alice").must(t, http.StatusOK, []string{`<option value="of:alice" selected>alice (3)</option>`, `<option value="none">Unassigned (3)</option>`, `<option value="of:bob">bob</option>`, `<option value="none">Unassigned</option>`},
		`<option value="of:gone"`, `name="count"`)
	s.get("root", "/console/customers/reassign?from=&to=").must(t, http.StatusOK, []string{"Choose the current owner.", "Choose the new owner."})
	s.get("root", "/console/customers/reassign?from=of:alice&to=of:alice").must(t, http.StatusOK, []string{"The customers are already there."}, `name="count"`)
	s.get("root", "/console/customers/reassign?from=of:nobody+here&to=of:alice").must(t, http.StatusOK, []string{"There are no customers to transfer."}, `name="count"`)
	page := s.get("root", "/console/customers/reassign?from=of%3Aalice&to=of%3Abob").must(t, http.StatusOK, []string{"<bdi>3 customers</bdi> will move from <bdi>alice</bdi> to <bdi>bob</bdi>", "Transfer 3 customers"})
	if n := page.value(t, "count"); n != "3" {
		t.Errorf("the form says %s", n)
	}
	// What was confirmed is no longer so.
	s.put(customer.Customer{ID: "new", Name: "New", Workers: []string{"alice"}})
	s.post("root", "/console/customers/reassign", "from", "of:alice", "to", "of:bob", "count", "3").must(t, http.StatusConflict, []string{"The number of customers changed.", "Transfer 4 customers"})
	a := s.post("root", "/console/customers/reassign", "from", "of:alice", "to", "of:bob", "count", "4")
	if !strings.HasPrefix(a.Header.Get("Location"), "/console/customers/reassign/job?id=") {
		t.Fatalf("status %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	s.settled("root", a.Header.Get("Location")).must(t, http.StatusOK, []string{"4 customers transferred.", "/console/audit?subject=alice", "From <bdi>alice</bdi> to <bdi>bob</bdi>"}, "<progress")
	if n, err := s.customers.OwnerCount(t.Context(), "alice"); n != 0 || err != nil {
		t.Errorf("alice still has %d customers (%v)", n, err)
	}
	if n, _ := s.customers.OwnerCount(t.Context(), "bob"); n != 7 {
		t.Errorf("bob has %d customers", n)
	}
	s.get("root", "/console/customers/reassign").must(t, http.StatusOK, []string{"Recent transfers", "4 customers transferred."})
	s.follow("root", s.post("root", "/console/customers/reassign/job", "id", idOf(a.Header.Get("Location")))).must(t, http.StatusOK, []string{"4 customers transferred"}) // over, and cannot be stopped
}

func TestThoseOfNobodyAreGivenAndTakenAway(t *testing.T) {
	s := newShop(t, nil, some(9)...)
	s.get("root", "/console/customers/reassign?from=none&to=of:bob").must(t, http.StatusOK, []string{"<bdi>3 customers</bdi> without an owner will move to <bdi>bob</bdi>"})
	s.settled("root", s.post("root", "/console/customers/reassign", "from", "none", "to", "of:bob", "count", "3").Header.Get("Location")).must(t, http.StatusOK, []string{"3 customers transferred"})
	s.get("root", "/console/customers/reassign?from=of:bob&to=none").must(t, http.StatusOK, []string{"<bdi>6 customers</bdi> of <bdi>bob</bdi> will become unassigned"})
	s.settled("root", s.post("root", "/console/customers/reassign", "from", "of:bob", "to", "none", "count", "6").Header.Get("Location")).must(t, http.StatusOK, []string{"6 customers transferred"})
	totals, err := s.customers.Totals(t.Context())
	if err != nil || totals.Unassigned != 6 {
		t.Errorf("%d are nobody's (%v)", totals.Unassigned, err)
	}
}

func TestASuccessorWhoWouldNotSeeThemIsWarnedOf(t *testing.T) {
	s := newShop(t, nil, some(3)...)
	s.get("root", "/console/customers/reassign?from=of:alice&to=of:gone").must(t, http.StatusOK, []string{"<bdi>gone</bdi> is deactivated. No one will see these customers."})
	s.get("root", "/console/customers/reassign?from=of:alice&to=of:alicia").must(t, http.StatusOK, []string{"No one can sign in as <bdi>alicia</bdi>"})
	s.get("root", "/console/customers/reassign?from=of:alice&to=of:*").must(t, http.StatusOK, []string{"of <bdi>alice</bdi> will be visible to everyone."}, "will see these customers")
	s.get("root", "/console/customers/reassign/job?id=none").must(t, http.StatusNotFound, []string{"This is no longer available"})
	s.post("root", "/console/customers/reassign/job", "id", "none").must(t, http.StatusNotFound, nil)
}

func TestWhereThereAreVeryManyPeopleOneTypes(t *testing.T) {
	s := newShop(t, nil, some(3)...)
	for i := range 400 {
		s.staff.all = append(s.staff.all, account.Person{Identity: strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26), Role: account.RoleWorker})
	}
	s.get("root", "/console/customers/reassign?from=of:alice&to=bob").must(t, http.StatusOK, []string{`<datalist id="to-list">`, `value="bob"`, "to <bdi>bob</bdi>"})
	if len(s.get("root", "/console/customers/one?id=c0001").body) > 200<<10 {
		t.Error("the page of one customer carries everybody")
	}
}
