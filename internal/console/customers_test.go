package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/settings"
)

// customersNamed returns n customers in list order, every third alice's, every third
// bob's.
func customersNamed(n int) (all []customer.Customer) {
	for i := range n {
		c := customer.Customer{ID: fmt.Sprintf("c%04d", i), Name: fmt.Sprintf("Customer %04d", i), Channels: []customer.Channel{{Type: customer.SMS, Value: fmt.Sprintf("+4930%07d", 1000000+i)}}}
		switch i % 3 {
		case 0:
			c.Workers = []string{"alice"}
		case 1:
			c.Workers = []string{"bob"}
		}
		all = append(all, c)
	}
	return all
}

func TestCustomers_PagesListEveryoneOnce(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(130)...)
	for _, test := range []struct {
		query string
		want  int
	}{
		{"", 130}, {"?whose=none", 43}, {"?whose=of%3Aalice", 44}, {"?worker=alice", 44}, {"?whose=bob", 43}, {"?q=customer", 130}, {"?q=customer&whose=none", 43}, {"?q=c0017", 1}, {"?q=c0017&whose=none", 1}, {"?q=c0016&whose=none", 0}, {"?q=c0017&whose=bob", 0}, {"?q=c0016&whose=bob", 1},
	} {
		met, at := map[string]bool{}, "/console/customers"+test.query
		for pages := 0; at != ""; pages++ {
			page := f.get("root", at).check(t, http.StatusOK, nil)
			for _, id := range page.values("id") {
				if met[id] {
					t.Errorf("query %s: the pages list %s twice", test.query, id)
				}
				met[id] = true
			}
			at = ""
			if i := strings.Index(page.body, `rel="next"`); i >= 0 {
				at = response{page.Response, page.body[i-40:]}.link("/console/customers")
				if at == "" {
					at = response{page.Response, page.body[i:]}.link("/console/customers")
				}
			}
			if pages > 5 {
				t.Fatalf("query %s: too many pages", test.query)
			}
		}
		if len(met) != test.want {
			t.Errorf("query %s: the pages list %d customers, want %d", test.query, len(met), test.want)
		}
	}
}

func TestCustomers_ShowsTasks(t *testing.T) {
	f := newCustomersFixture(t, nil)
	f.get("root", "/console/customers").check(t, http.StatusOK, []string{"No customers yet", `href="/console/customers/import"`})
	f.put(customersNamed(9)...)
	page := f.get("root", "/console/customers").check(t, http.StatusOK, []string{"9 customers", `<b>3</b>`, "alice (3)", "Unassigned (3)", `<span class="tag bad">Unassigned</span>`, "+49 30 1000000"}, "No customers yet")
	if strings.Contains(page.body, "other service") {
		t.Error("the page warns of an external CRM, but there is none")
	}
	f.get("root", "/console/customers?q=nobody+here").check(t, http.StatusOK, []string{"No customers found", `value="nobody here"`})
	part := httptest.NewRequest("GET", "/console/customers?q=1000003", nil)
	part.Header.Set("Clientele-Part", "list")
	f.do("root", part).check(t, http.StatusOK, []string{`id="found"`, `value="c0003"`}, "<html", `value="c0004"`)
	f.save(func(c *settings.Callbacks) { c.CRM = "https://crm.example.com/" })
	for _, path := range []string{"", "/add", "/one?id=c0001", "/import", "/reassign", "/duplicates", "/deleted", "/export"} {
		f.get("root", "/console/customers"+path).check(t, http.StatusOK, []string{"Workers currently see your connected CRM, not these customers."})
	}
}

func TestCustomers_InvalidCursorRedirects(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(60)...)
	for _, after := range []string{"x", "1", "1.2", "1.2.3.4", "999999999999999999999.1.1", "1.1.256", "-", "1.1.-1"} {
		a := f.get("root", "/console/customers?q=customer&after="+url.QueryEscape(after))
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/console/customers?q=customer" {
			t.Errorf("after=%q: status %d, Location %s", after, a.StatusCode, a.Header.Get("Location"))
		}
	}
	// Malformed parameters are no internal error.
	if a := f.get("root", "/console/customers?after=424242.1.0"); a.StatusCode >= 500 {
		t.Errorf("worker without customers: status %d", a.StatusCode)
	}
	f.get("root", "/console/customers?q="+strings.Repeat("%C3%A9", 4000)).check(t, http.StatusOK, []string{"No customers found"})
	f.get("root", "/console/customers?q=%FF%00&whose=of%3A%FF").check(t, http.StatusOK, nil)
}

func FuzzCustomersPages(f *testing.F) {
	for _, s := range []string{"", "1.2.3", "-1.-1.255", "x", "1..", "9223372036854775807.0.0"} {
		f.Add(s)
	}
	site := newCustomersFixture(f, nil, customersNamed(3)...)
	f.Fuzz(func(t *testing.T, after string) {
		r := httptest.NewRequest("GET", "/console/customers?after="+url.QueryEscape(after), nil)
		r.AddCookie(&http.Cookie{Name: "clientele", Value: "root"})
		w := httptest.NewRecorder()
		site.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusSeeOther {
			t.Errorf("after=%q: status %d", after, w.Code)
		}
	})
}

func TestCustomers_AssignSelected(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(9)...)
	ask := f.post("root", "/console/customers/chosen", "do", "assign", "id", "c0002", "id", "c0005", "id", "nobody", "whose", "none").
		check(t, http.StatusOK, []string{"Assign 2 customers", "Customer 0002", "Customer 0005"})
	if got := ask.values("id"); !slices.Equal(got, []string{"c0002", "c0005"}) {
		t.Errorf("the form has the ids %q", got)
	}
	send := func(fields ...string) response {
		return f.post("root", "/console/customers/chosen", append([]string{"do", "assign-now", "id", "c0002", "id", "c0005", "whose", "none", "q", "cust"}, fields...)...)
	}
	send().check(t, http.StatusUnprocessableEntity, []string{"Choose who to assign them to."})
	send("worker", "alice", "nobody", "on").check(t, http.StatusUnprocessableEntity, []string{"not both"})
	doubt := send("worker", "alise", "worker", "bob").check(t, http.StatusUnprocessableEntity, []string{"No one can sign in as alise", `value="alise"`, `value="bob"`})
	if c, _ := f.storedCustomer("c0002"); len(c.Workers) != 0 {
		t.Errorf("an unconfirmed form assigned them to %q", c.Workers)
	}
	a := send("worker", "alise", "worker", "bob", "sure", doubt.value(t, "sure"))
	if to := a.Header.Get("Location"); to != "/console/customers?q=cust&whose=none&done=assigned&n=2" {
		t.Errorf("assign: status %d, Location %s", a.StatusCode, to)
	}
	f.follow("root", a).check(t, http.StatusOK, []string{"2 customers assigned."})
	if c, _ := f.storedCustomer("c0002"); !slices.Equal(c.Workers, []string{"alise", "bob"}) {
		t.Errorf("Workers = %q", c.Workers)
	}
	if !f.recorded("root", audit.CustomerChanged, "c0005") {
		t.Error("the audit lacks the assignment")
	}
	send("nobody", "on")
	if c, _ := f.storedCustomer("c0002"); len(c.Workers) != 0 {
		t.Errorf("Workers of the unassigned customer = %q", c.Workers)
	}
	send("everyone", "on")
	if c, _ := f.storedCustomer("c0002"); !slices.Equal(c.Workers, []string{customer.Everyone}) {
		t.Errorf("Workers of everyone's customer = %q", c.Workers)
	}
	f.follow("root", f.post("root", "/console/customers/chosen", "do", "assign")).check(t, http.StatusOK, []string{"No customers were selected"})
}

func TestCustomers_DeleteAndAllowImport(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(4)...)
	f.post("root", "/console/customers/chosen", "do", "delete", "id", "c0001").check(t, http.StatusOK, []string{"Delete 1 customer?", "Customer 0001", "This can’t be undone. Imports will skip them"})
	if _, ok := f.storedCustomer("c0001"); !ok {
		t.Fatal("deleted without confirmation")
	}
	for range 2 { // a second administrator, or a double click
		a := f.post("root", "/console/customers/chosen", "do", "delete-now", "id", "c0001", "id", "c0002")
		if a.StatusCode != http.StatusSeeOther {
			t.Fatalf("delete: status %d", a.StatusCode)
		}
	}
	if _, ok := f.storedCustomer("c0001"); ok || !f.recorded("root", audit.CustomerDeleted, "c0001") {
		t.Error("the customers were not deleted, or the audit lacks it")
	}
	f.get("root", "/console/customers/deleted").check(t, http.StatusOK, []string{"c0001", "c0002", "root"}, "c0003")
	f.follow("root", f.post("rita", "/console/customers/deleted", "id", "c0001")).check(t, http.StatusOK, []string{"Allowed again. The next import", "c0002"}, `value="c0001"`)
	if !f.recorded("rita", audit.ImportAllowed, "c0001") {
		t.Error("the audit lacks the restoration")
	}
	f.follow("root", f.post("root", "/console/customers/deleted", "id", "c0001")) // again changes nothing
	f.post("root", "/console/customers/deleted", "id", strings.Repeat("x", 600)).check(t, http.StatusNotFound, nil)
	f.get("root", "/console/customers/deleted?after=nonsense%00").check(t, http.StatusSeeOther, nil)
}

func TestCustomers_RefuseInvalidForms(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(3)...)
	many := []string{"do", "delete-now"}
	for i := range 60 {
		many = append(many, "id", fmt.Sprint("c", i))
	}
	for name, a := range map[string]response{
		"more than a page has":           f.post("root", "/console/customers/chosen", many...),
		"an unknown action":              f.post("root", "/console/customers/chosen", "do", "sell", "id", "c0001"),
		"a form that is too long":        f.post("root", "/console/customers/chosen", "do", "delete-now", "id", "c0001", "q", strings.Repeat("x", 300<<10)),
		"no action on a group":           f.post("root", "/console/customers/duplicates", "keep", "c0001"),
		"a group of one":                 f.post("root", "/console/customers/duplicates", "do", "merge-now", "keep", "c0001", "id", "c0001"),
		"an export in an unknown format": f.post("eve", "/console/customers/export/file", "format", "xlsx"),
	} {
		if a.StatusCode != http.StatusBadRequest {
			t.Errorf("POST of %s: status %d, want 400", name, a.StatusCode)
		}
	}
	if _, ok := f.storedCustomer("c0001"); !ok {
		t.Error("a refused form changed something")
	}
}

// failingAdmin is an Admin whose methods fail.
type failingAdmin struct {
	console.Admin
	err error
}

func (b failingAdmin) Delete(context.Context, string, ...string) (int, error) { return 0, b.err }

func (b failingAdmin) Assign(context.Context, string, []string, []string) (int, error) {
	return 0, b.err
}

func (b failingAdmin) AllowImport(context.Context, string, string) error { return b.err }

func TestCustomers_ShowAdminErrors(t *testing.T) {
	for name, test := range map[string]struct {
		err    error
		status int
		says   string
	}{
		"the database is away":        {customer.ErrUnavailable, http.StatusServiceUnavailable, "Can’t reach the customers right now"},
		"the audit cannot be written": {audit.ErrUnavailable, http.StatusServiceUnavailable, "Can’t reach the audit log right now"},
	} {
		f := newCustomersFixture(t, func(o console.Admin) console.Admin { return failingAdmin{o, test.err} }, customersNamed(3)...)
		for _, a := range []response{
			f.post("root", "/console/customers/chosen", "do", "delete-now", "id", "c0001"),
			f.post("root", "/console/customers/chosen", "do", "assign-now", "id", "c0001", "worker", "bob"),
			f.post("root", "/console/customers/deleted", "id", "c0001"),
		} {
			if a.StatusCode != test.status || !strings.Contains(a.body, test.says) {
				t.Errorf("POST when %s: status %d, want %d with %q\n%.2000s", name, a.StatusCode, test.status, test.says, a.body)
			}
		}
	}
}
