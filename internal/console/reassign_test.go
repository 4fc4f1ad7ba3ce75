package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
)

func TestReassign_MovesAllCustomers(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(9)...)
	f.get("root", "/console/customers/reassign?from=alice").check(t, http.StatusOK, []string{`<option value="of:alice" selected>alice (3)</option>`, `<option value="none">Unassigned (3)</option>`, `<option value="of:bob">bob</option>`, `<option value="none">Unassigned</option>`},
		`<option value="of:gone"`, `name="count"`)
	f.get("root", "/console/customers/reassign?from=&to=").check(t, http.StatusOK, []string{"Choose the current owner.", "Choose the new owner."})
	f.get("root", "/console/customers/reassign?from=of:alice&to=of:alice").check(t, http.StatusOK, []string{"The customers are already there."}, `name="count"`)
	f.get("root", "/console/customers/reassign?from=of:nobody+here&to=of:alice").check(t, http.StatusOK, []string{"There are no customers to reassign."}, `name="count"`)
	page := f.get("root", "/console/customers/reassign?from=of%3Aalice&to=of%3Abob").check(t, http.StatusOK, []string{"<bdi>3 customers</bdi> will move from <bdi>alice</bdi> to <bdi>bob</bdi>", "Reassign 3 customers"})
	if n := page.value(t, "count"); n != "3" {
		t.Errorf("the form has the count %s", n)
	}
	// The number of customers has changed since the confirmation.
	f.put(customer.Customer{ID: "new", Name: "New", Workers: []string{"alice"}})
	f.post("root", "/console/customers/reassign", "from", "of:alice", "to", "of:bob", "count", "3").check(t, http.StatusConflict, []string{"The number of customers changed.", "Reassign 4 customers"})
	a := f.post("root", "/console/customers/reassign", "from", "of:alice", "to", "of:bob", "count", "4")
	if !strings.HasPrefix(a.Header.Get("Location"), "/console/customers/reassign/job?id=") {
		t.Fatalf("POST: status %d, Location %q", a.StatusCode, a.Header.Get("Location"))
	}
	f.waitForImport("root", a.Header.Get("Location")).check(t, http.StatusOK, []string{"4 customers reassigned.", "/console/audit?subject=alice", "From <bdi>alice</bdi> to <bdi>bob</bdi>"}, "<progress")
	if n, err := f.customers.OwnerCount(t.Context(), "alice"); n != 0 || err != nil {
		t.Errorf("OwnerCount(alice) = %d, %v", n, err)
	}
	if n, _ := f.customers.OwnerCount(t.Context(), "bob"); n != 7 {
		t.Errorf("OwnerCount(bob) = %d", n)
	}
	f.get("root", "/console/customers/reassign").check(t, http.StatusOK, []string{"Recent reassignments", "4 customers reassigned."})
	f.follow("root", f.post("root", "/console/customers/reassign/job", "id", idOf(a.Header.Get("Location")))).check(t, http.StatusOK, []string{"4 customers reassigned"}) // ended, so canceling changes nothing
}

func TestReassign_Unassigned(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(9)...)
	f.get("root", "/console/customers/reassign?from=none&to=of:bob").check(t, http.StatusOK, []string{"<bdi>3 customers</bdi> without an owner will move to <bdi>bob</bdi>"})
	f.waitForImport("root", f.post("root", "/console/customers/reassign", "from", "none", "to", "of:bob", "count", "3").Header.Get("Location")).check(t, http.StatusOK, []string{"3 customers reassigned"})
	f.get("root", "/console/customers/reassign?from=of:bob&to=none").check(t, http.StatusOK, []string{"<bdi>6 customers</bdi> of <bdi>bob</bdi> will become unassigned"})
	f.waitForImport("root", f.post("root", "/console/customers/reassign", "from", "of:bob", "to", "none", "count", "6").Header.Get("Location")).check(t, http.StatusOK, []string{"6 customers reassigned"})
	totals, err := f.customers.Totals(t.Context())
	if err != nil || totals.Unassigned != 6 {
		t.Errorf("Totals.Unassigned = %d, %v", totals.Unassigned, err)
	}
}

func TestReassign_WarnsOfInactiveOwner(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(3)...)
	f.get("root", "/console/customers/reassign?from=of:alice&to=of:gone").check(t, http.StatusOK, []string{"<bdi>gone</bdi> is deactivated. No one will see these customers."})
	f.get("root", "/console/customers/reassign?from=of:alice&to=of:alicia").check(t, http.StatusOK, []string{"No one can sign in as <bdi>alicia</bdi>"})
	f.get("root", "/console/customers/reassign?from=of:alice&to=of:*").check(t, http.StatusOK, []string{"of <bdi>alice</bdi> will be visible to everyone."}, "will see these customers")
	f.get("root", "/console/customers/reassign/job?id=none").check(t, http.StatusNotFound, []string{"This is no longer available"})
	f.post("root", "/console/customers/reassign/job", "id", "none").check(t, http.StatusNotFound, nil)
}

func TestReassign_FreeTextForManyPeople(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(3)...)
	for i := range 400 {
		f.accounts.all = append(f.accounts.all, account.Person{Identity: strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26), Role: account.RoleWorker})
	}
	f.get("root", "/console/customers/reassign?from=of:alice&to=bob").check(t, http.StatusOK, []string{`<datalist id="to-list">`, `value="bob"`, "to <bdi>bob</bdi>"})
	if len(f.get("root", "/console/customers/one?id=c0001").body) > 200<<10 {
		t.Error("the page of one customer lists every account")
	}
}
