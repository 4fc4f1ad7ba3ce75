package console_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/settings"
)

// ownersOf is a Reader with owners.
type ownersOf struct {
	emptyCustomers
	counts []customer.OwnerCount
}

func (o ownersOf) OwnerCounts(context.Context) ([]customer.OwnerCount, error) { return o.counts, nil }

func TestOwners_HintUntilSolved(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(9)...)
	for _, path := range []string{"/console/people", "/console/customers"} {
		f.get("root", path).check(t, http.StatusOK, nil, "no account yet")
	}
	f.get("root", "/console/people/owners").check(t, http.StatusOK, []string{"Every owner has an account"}, `name="owner"`)
	f.put(customer.Customer{ID: "x1", Name: "X", Workers: []string{"Baker, BOB"}}, customer.Customer{ID: "x2", Name: "Y", Workers: []string{"Baker, BOB"}},
		customer.Customer{ID: "x3", Name: "Z", Workers: []string{"zoe@example.com"}}, customer.Customer{ID: "x4", Name: "E", Workers: []string{customer.Everyone}})
	for _, path := range []string{"/console/people", "/console/customers"} {
		f.get("root", path).check(t, http.StatusOK, []string{"2 owners have no account yet (3 customers).", `href="/console/people/owners"`})
	}
	f.get("root", "/console/people/owners").check(t, http.StatusOK, []string{
		`<bdi dir="auto">Baker, BOB</bdi>`, "2 customers", `<option value="bob" selected>bob</option>`, `<option value="alice">alice</option>`, `href="/console/people/add?identity=zoe%40example.com"`,
	}, `value="gone"`, `<option value="alice" selected>`)
	f.get("root", "/console/people/add?identity=zoe%40example.com").check(t, http.StatusOK, []string{`name="identity" value="zoe@example.com"`})

	f.follow("root", f.post("root", "/console/people/owners", "owner", "Baker, BOB", "person", "bob")).check(t, http.StatusOK,
		[]string{"Matched.", "2 customers reassigned.", "1 owner has no account yet (1 customer)", "Matches"})
	if c, _ := f.storedCustomer("x1"); fmt.Sprint(c.Workers) != "[bob]" || !f.recorded("root", audit.OwnerMatched, "Baker, BOB") {
		t.Errorf("customer x1 has the owners %q, recorded %v", c.Workers, f.recorded("root", audit.OwnerMatched, "Baker, BOB"))
	}
	f.accounts.all = append(f.accounts.all, account.Person{Identity: "Zoe@example.com", Role: account.RoleWorker})
	for _, path := range []string{"/console/people", "/console/customers"} {
		f.get("root", path).check(t, http.StatusOK, nil, "no account yet")
	}
	f.get("root", "/console/people/owners").check(t, http.StatusOK, []string{"Every owner has an account", "Baker, BOB", `href="/console/people/person?id=bob"`}, "No account")
	f.get("root", "/console/people/owners?owner=Baker%2C+BOB").check(t, http.StatusOK, []string{`<option value="bob" selected>bob</option>`})

	f.accounts.all = f.accounts.all[:1] // alice
	f.accounts.all = append(f.accounts.all, account.Person{Identity: "root", Role: account.RoleAdmin})
	f.get("root", "/console/people/owners").check(t, http.StatusOK, []string{"No account"}, `href="/console/people/person?id=bob"`)
	f.follow("root", f.post("root", "/console/people/owners", "owner", "Baker, BOB", "do", "remove")).check(t, http.StatusOK, []string{"Match removed."}, "Baker, BOB")
	if !f.recorded("root", audit.OwnerUnmatched, "Baker, BOB") {
		t.Error("the audit has no removal of the match")
	}
}

func TestOwners_Refusals(t *testing.T) {
	f := newCustomersFixture(t, nil, customer.Customer{ID: "1", Name: "A", Workers: []string{"Eve E."}})
	f.post("root", "/console/people/owners", "owner", "Eve E.", "person", "").check(t, http.StatusUnprocessableEntity, []string{"Choose someone with an active account."})
	f.post("root", "/console/people/owners", "owner", "Eve E.", "person", "nobody").check(t, http.StatusUnprocessableEntity, []string{"Choose someone with an active account.", `aria-invalid="true"`})
	f.post("root", "/console/people/owners", "owner", "Eve E.", "person", "gone").check(t, http.StatusUnprocessableEntity, []string{"Choose someone with an active account."})
	f.post("root", "/console/people/owners", "owner", "bob", "person", "alice").check(t, http.StatusConflict, []string{"bob has an account now and was not matched."})
	f.post("root", "/console/people/owners", "owner", strings.Repeat("x", 600), "person", "alice").check(t, http.StatusBadRequest, nil)
	f.post("alice", "/console/people/owners", "owner", "Eve E.", "person", "alice").check(t, http.StatusForbidden, nil)
	f.get("root", "/console/people/owners?import=none").check(t, http.StatusNotFound, nil)
	if c, _ := f.storedCustomer("1"); fmt.Sprint(c.Workers) != "[Eve E.]" {
		t.Errorf("customer 1 has the owners %q", c.Workers)
	}
}

// Before the import, the owners of its file can be matched.
func TestOwners_OfAnImport(t *testing.T) {
	f := newCustomersFixture(t, nil)
	href, _ := f.upload("root", "crm.csv", "name,owner\nA,Al Ice\nB,Al Ice\nC,Bob B.\n")
	page := "/console/people/owners?import=" + idOf(href)
	f.get("root", page).check(t, http.StatusOK, []string{"crm.csv", "2 owners have no account yet (3 customers)", "Al Ice", "Bob B.", "Continue with the import"})
	f.follow("root", f.post("root", "/console/people/owners", "owner", "Al Ice", "person", "alice", "import", idOf(href))).check(t, http.StatusOK,
		[]string{"crm.csv", "1 owner has no account yet (1 customer)", "Continue with the import"})
	f.post("root", "/console/people/owners", "do", "check", "import", idOf(href), "owner", "Al Ice", "person", "", "owner", "Bob B.", "person", "nobody").check(t, http.StatusUnprocessableEntity,
		[]string{"Choose someone with an active account."})
	a := f.post("root", "/console/people/owners", "do", "check", "import", idOf(href), "owner", "Bob B.", "person", "")
	if a.Header.Get("Location") != href {
		t.Fatalf("POST check: status %d, Location %q, want %s", a.StatusCode, a.Header.Get("Location"), href)
	}
	f.waitForImport("root", href).check(t, http.StatusOK, []string{"Ready to import"})
	if im, err := f.admin.Import(idOf(href)); err != nil || im.Preview.WithoutAccount != 1 {
		t.Errorf("Preview after the check = %+v, %v, want one customer without account", im.Preview, err)
	}
	f.waitForImport("root", f.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run").Header.Get("Location"))
	if n, err := f.customers.OwnerCount(t.Context(), "alice"); n != 2 || err != nil {
		t.Errorf("OwnerCount(alice) = %d, %v, want 2", n, err)
	}
	f.follow("root", f.post("root", "/console/people/owners", "do", "check", "import", idOf(href))).check(t, http.StatusOK, []string{"crm.csv"}) // imported already
}

// One form matches all owners for whom a person is chosen.
func TestOwners_MatchesSeveral(t *testing.T) {
	f := newCustomersFixture(t, nil)
	href, _ := f.upload("root", "crm.csv", "name,owner\nA,Al Ice\nB,Bob B.\nC,Someone Else\n")
	a := f.post("root", "/console/people/owners", "do", "check", "import", idOf(href), "owner", "Al Ice", "person", "alice", "owner", "Bob B.", "person", " bob ", "owner", "Someone Else", "person", "")
	if a.Header.Get("Location") != href {
		t.Fatalf("POST check: status %d, Location %q, want %s", a.StatusCode, a.Header.Get("Location"), href)
	}
	f.waitForImport("root", href).check(t, http.StatusOK, []string{"1 owner has no account yet (1 customer)", "Someone Else"})
}

// With an identity provider that adds people, an address without an account is no task.
func TestOwners_AddedAtSignIn(t *testing.T) {
	f := newFixture(t, func(o *console.Options) {
		o.Provider = &console.Provider{Issuer: "https://id.example.com", ClientID: "x"}
		o.Reader = ownersOf{counts: []customer.OwnerCount{{Identity: "zoe@example.com", Customers: 1200}}}
	})
	f.get("root", "/console/people").check(t, http.StatusOK, []string{"1 owner has no account yet (1,200 customers)"})
	if err := f.settings.SaveSignIn(t.Context(), settings.SignIn{Provision: true}); err != nil {
		t.Fatal(err)
	}
	f.get("root", "/console/people").check(t, http.StatusOK, nil, "no account yet")
	f.get("root", "/console/people/owners").check(t, http.StatusOK, []string{"Every owner has an account", "Added at their first sign-in", "zoe@example.com"}, `name="owner"`)
}

// The page stays small with many owners and people.
func TestOwners_ManyOfThem(t *testing.T) {
	var counts []customer.OwnerCount
	for i := range 3000 {
		counts = append(counts, customer.OwnerCount{Identity: fmt.Sprintf("Owner %04d", i), Customers: i + 1})
	}
	f := newFixture(t, func(o *console.Options) { o.Reader = ownersOf{counts: counts} })
	for i := range 400 {
		f.accounts.all = append(f.accounts.all, account.Person{Identity: fmt.Sprintf("p%d@example.com", i), Role: account.RoleWorker})
	}
	page := f.get("root", "/console/people/owners").check(t, http.StatusOK, []string{"3,000 owners have no account yet", "Owner 2999", "And 2,950 more", `<datalist id="people">`, `list="people"`}, "Owner 0001", "<select")
	if len(page.body) > 150<<10 {
		t.Errorf("the page has %d bytes", len(page.body))
	}
}
