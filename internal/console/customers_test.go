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

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/settings"
)

// some are n customers, in list order, every third alice's, every third bob's.
func some(n int) (all []customer.Customer) {
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

func TestTheRegisterIsWalkedPageByPageAndEverybodyIsMetOnce(t *testing.T) {
	s := newShop(t, nil, some(130)...)
	for _, test := range []struct {
		query string
		want  int
	}{
		{"", 130}, {"?whose=none", 43}, {"?whose=of%3Aalice", 44}, {"?worker=alice", 44}, {"?whose=bob", 43}, {"?q=customer", 130}, {"?q=customer&whose=none", 43}, {"?q=c0017", 1}, {"?q=c0017&whose=none", 1}, {"?q=c0016&whose=none", 0}, {"?q=c0017&whose=bob", 0}, {"?q=c0016&whose=bob", 1},
	} {
		met, at := map[string]bool{}, "/console/customers"+test.query
		for pages := 0; at != ""; pages++ {
			page := s.get("root", at).must(t, http.StatusOK, nil)
			for _, id := range page.values("id") {
				if met[id] {
					t.Errorf("%s: %s is met twice", test.query, id)
				}
				met[id] = true
			}
			at = ""
			if i := strings.Index(page.body, `rel="next"`); i >= 0 {
				at = answer{page.Response, page.body[i-40:]}.link("/console/customers")
				if at == "" {
					at = answer{page.Response, page.body[i:]}.link("/console/customers")
				}
			}
			if pages > 5 {
				t.Fatalf("%s: the walk does not end", test.query)
			}
		}
		if len(met) != test.want {
			t.Errorf("%s: %d customers were met, want %d", test.query, len(met), test.want)
		}
	}
}

func TestTheRegisterSaysWhatThereIsToDo(t *testing.T) {
	s := newShop(t, nil)
	s.get("root", "/console/customers").must(t, http.StatusOK, []string{"No customers yet", `href="/console/customers/import"`})
	s.put(some(9)...)
	page := s.get("root", "/console/customers").must(t, http.StatusOK, []string{"9 customers", `<b>3</b>`, "alice (3)", "Unassigned (3)", `<span class="tag bad">Unassigned</span>`, "+49 30 1000000"}, "No customers yet")
	if strings.Contains(page.body, "other service") {
		t.Error("it warns of another service, though there is none")
	}
	s.get("root", "/console/customers?q=nobody+here").must(t, http.StatusOK, []string{"No customers found", `value="nobody here"`})
	part := httptest.NewRequest("GET", "/console/customers?q=1000003", nil)
	part.Header.Set("Clientele-Part", "list")
	s.do("root", part).must(t, http.StatusOK, []string{`id="found"`, `value="c0003"`}, "<html", `value="c0004"`)
	s.save(func(c *settings.Callbacks) { c.CRM = "https://crm.example.com/" })
	for _, path := range []string{"", "/add", "/one?id=c0001", "/import", "/reassign", "/duplicates", "/deleted", "/export"} {
		s.get("root", "/console/customers"+path).must(t, http.StatusOK, []string{"Workers currently see your connected CRM, not these customers."})
	}
}

func TestWhatIsNoPlaceInTheRegisterLeadsToItsBeginning(t *testing.T) {
	s := newShop(t, nil, some(60)...)
	for _, after := range []string{"x", "1", "1.2", "1.2.3.4", "999999999999999999999.1.1", "1.1.256", "-", "1.1.-1"} {
		a := s.get("root", "/console/customers?q=customer&after="+url.QueryEscape(after))
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/console/customers?q=customer" {
			t.Errorf("%q: status %d to %s", after, a.StatusCode, a.Header.Get("Location"))
		}
	}
	// A place that nobody made is no failure of ours either.
	if a := s.get("root", "/console/customers?after=424242.1.0"); a.StatusCode >= 500 {
		t.Errorf("a place of nobody has status %d", a.StatusCode)
	}
	s.get("root", "/console/customers?q="+strings.Repeat("%C3%A9", 4000)).must(t, http.StatusOK, []string{"No customers found"})
	s.get("root", "/console/customers?q=%FF%00&whose=of%3A%FF").must(t, http.StatusOK, nil)
}

func FuzzPlacesOfTheRegister(f *testing.F) {
	for _, s := range []string{"", "1.2.3", "-1.-1.255", "x", "1..", "9223372036854775807.0.0"} {
		f.Add(s)
	}
	s := newShop(f, nil, some(3)...)
	f.Fuzz(func(t *testing.T, after string) {
		r := httptest.NewRequest("GET", "/console/customers?after="+url.QueryEscape(after), nil)
		r.AddCookie(&http.Cookie{Name: "clientele", Value: "root"})
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusSeeOther {
			t.Errorf("%q has status %d", after, w.Code)
		}
	})
}

func TestTickedCustomersAreAssigned(t *testing.T) {
	s := newShop(t, nil, some(9)...)
	ask := s.post("root", "/console/customers/chosen", "do", "assign", "id", "c0002", "id", "c0005", "id", "nobody", "whose", "none").
		must(t, http.StatusOK, []string{"Assign 2 customers", "Customer 0002", "Customer 0005"})
	if got := ask.values("id"); !slices.Equal(got, []string{"c0002", "c0005"}) {
		t.Errorf("the form carries %q", got)
	}
	send := func(fields ...string) answer {
		return s.post("root", "/console/customers/chosen", append([]string{"do", "assign-now", "id", "c0002", "id", "c0005", "whose", "none", "q", "cust"}, fields...)...)
	}
	send().must(t, http.StatusUnprocessableEntity, []string{"Choose who to assign them to."})
	send("worker", "alice", "nobody", "on").must(t, http.StatusUnprocessableEntity, []string{"not both"})
	doubt := send("worker", "alise", "worker", "bob").must(t, http.StatusUnprocessableEntity, []string{"No one can sign in as alise", `value="alise"`, `value="bob"`})
	if c, _ := s.keptCustomer("c0002"); len(c.Workers) != 0 {
		t.Errorf("they were assigned to %q all the same", c.Workers)
	}
	a := send("worker", "alise", "worker", "bob", "sure", doubt.value(t, "sure"))
	if to := a.Header.Get("Location"); to != "/console/customers?q=cust&whose=none&done=assigned&n=2" {
		t.Errorf("status %d leads to %s", a.StatusCode, to)
	}
	s.follow("root", a).must(t, http.StatusOK, []string{"2 customers assigned."})
	if c, _ := s.keptCustomer("c0002"); !slices.Equal(c.Workers, []string{"alise", "bob"}) {
		t.Errorf("the worker is %q", c.Workers)
	}
	if !s.did("root", audit.CustomerChanged, "c0005") {
		t.Error("the audit does not tell")
	}
	send("nobody", "on")
	if c, _ := s.keptCustomer("c0002"); len(c.Workers) != 0 {
		t.Errorf("nobody's customer is %q's", c.Workers)
	}
	send("everyone", "on")
	if c, _ := s.keptCustomer("c0002"); !slices.Equal(c.Workers, []string{customer.Everyone}) {
		t.Errorf("everybody's customer is %q's", c.Workers)
	}
	s.follow("root", s.post("root", "/console/customers/chosen", "do", "assign")).must(t, http.StatusOK, []string{"No customers were selected"})
}

func TestDeletedCustomersStayDeletedUntilTheyAreLetBack(t *testing.T) {
	s := newShop(t, nil, some(4)...)
	s.post("root", "/console/customers/chosen", "do", "delete", "id", "c0001").must(t, http.StatusOK, []string{"Delete 1 customer?", "Customer 0001", "This can’t be undone. Imports will skip them"})
	if _, ok := s.keptCustomer("c0001"); !ok {
		t.Fatal("they were deleted before it was confirmed")
	}
	for range 2 { // a second administrator, or a second tap
		a := s.post("root", "/console/customers/chosen", "do", "delete-now", "id", "c0001", "id", "c0002")
		if a.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d", a.StatusCode)
		}
	}
	if _, ok := s.keptCustomer("c0001"); ok || !s.did("root", audit.CustomerDeleted, "c0001") {
		t.Error("they are there still, or the audit does not tell")
	}
	s.get("root", "/console/customers/deleted").must(t, http.StatusOK, []string{"c0001", "c0002", "root"}, "c0003")
	s.follow("root", s.post("rita", "/console/customers/deleted", "id", "c0001")).must(t, http.StatusOK, []string{"Allowed again. The next import", "c0002"}, `value="c0001"`)
	if !s.did("rita", audit.CustomerRestored, "c0001") {
		t.Error("the audit does not tell who let them back")
	}
	s.follow("root", s.post("root", "/console/customers/deleted", "id", "c0001")) // twice is once
	s.post("root", "/console/customers/deleted", "id", strings.Repeat("x", 600)).must(t, http.StatusNotFound, nil)
	s.get("root", "/console/customers/deleted?after=nonsense%00").must(t, http.StatusSeeOther, nil)
}

func TestFormsAboutCustomersThatCannotBe(t *testing.T) {
	s := newShop(t, nil, some(3)...)
	many := []string{"do", "delete-now"}
	for i := range 60 {
		many = append(many, "id", fmt.Sprint("c", i))
	}
	for name, a := range map[string]answer{
		"more than a page has":             s.post("root", "/console/customers/chosen", many...),
		"an act that is none":              s.post("root", "/console/customers/chosen", "do", "sell", "id", "c0001"),
		"a form that is too long":          s.post("root", "/console/customers/chosen", "do", "delete-now", "id", "c0001", "q", strings.Repeat("x", 300<<10)),
		"no act on a group":                s.post("root", "/console/customers/duplicates", "keep", "c0001"),
		"a group of one":                   s.post("root", "/console/customers/duplicates", "do", "merge-now", "keep", "c0001", "id", "c0001"),
		"an export of a kind that is none": s.post("eve", "/console/customers/export/file", "format", "xlsx"),
	} {
		if a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, a.StatusCode)
		}
	}
	if _, ok := s.keptCustomer("c0001"); !ok {
		t.Error("a form that was refused did something")
	}
}

// broken is an office of which nothing can be had, or only that it was not kept.
type broken struct {
	console.Admin
	err error
}

func (b broken) Delete(context.Context, string, ...string) (int, error) { return 0, b.err }

func (b broken) Assign(context.Context, string, []string, []string) (int, error) { return 0, b.err }

func (b broken) Restore(context.Context, string, string) error { return b.err }

func TestWhatTheOfficeCannotDoIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		err    error
		status int
		says   string
	}{
		"the database is away":        {customer.ErrUnavailable, http.StatusServiceUnavailable, "Can’t reach the customers right now"},
		"the audit cannot be written": {admin.ErrAuditFailed, http.StatusInternalServerError, "Done, but not recorded"},
	} {
		s := newShop(t, func(o console.Admin) console.Admin { return broken{o, test.err} }, some(3)...)
		for _, a := range []answer{
			s.post("root", "/console/customers/chosen", "do", "delete-now", "id", "c0001"),
			s.post("root", "/console/customers/chosen", "do", "assign-now", "id", "c0001", "worker", "bob"),
			s.post("root", "/console/customers/deleted", "id", "c0001"),
		} {
			if a.StatusCode != test.status || !strings.Contains(a.body, test.says) {
				t.Errorf("%s: status %d\n%.2000s", name, a.StatusCode, a.body)
			}
		}
	}
}
