package console_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
)

// pairs are n times two customers who share an e-mail address.
func pairs(n int) (all []customer.Customer) {
	for i := range n {
		mail := customer.Channel{Type: customer.Email, Value: fmt.Sprintf("p%03d@example.com", i)}
		all = append(all,
			customer.Customer{ID: fmt.Sprintf("a%03d", i), Name: fmt.Sprintf("Pat %03d", i), Channels: []customer.Channel{mail}, Workers: []string{"alice"}},
			customer.Customer{ID: fmt.Sprintf("b%03d", i), Name: fmt.Sprintf("P. %03d", i), Company: "ACME", Channels: []customer.Channel{mail, {Type: customer.Chat, Value: "pat"}}, Workers: []string{"bob"}})
	}
	return all
}

func TestDuplicatesBecomeOneOrAreKeptApart(t *testing.T) {
	s := newShop(t, nil, pairs(3)...)
	page := s.get("root", "/console/customers/duplicates").must(t, http.StatusOK, []string{"Shared: <bdi dir=\"ltr\">p000@example.com</bdi>", "Pat 000", "P. 000", "ACME", "different", `/console/customers/one?id=a000`})
	if n := strings.Count(page.body, `class="card group"`); n != 3 {
		t.Errorf("%d groups are shown", n)
	}
	ask := s.post("root", "/console/customers/duplicates", "do", "merge", "keep", "b000", "id", "a000", "id", "b000").must(t, http.StatusOK, []string{"Merge these customers?", "Kept", "P. 000", "Pat 000"})
	if ask.value(t, "keep") != "b000" || !slices.Equal(ask.values("id"), []string{"a000"}) {
		t.Errorf("the form keeps %q and takes %q", ask.values("keep"), ask.values("id"))
	}
	if _, ok := s.keptCustomer("a000"); !ok {
		t.Fatal("they became one before it was confirmed")
	}
	a := s.post("root", "/console/customers/duplicates", "do", "merge-now", "keep", "b000", "id", "a000")
	s.follow("root", a).must(t, http.StatusOK, []string{"Customers merged.", "P. 000"})
	if c, _ := s.keptCustomer("b000"); !slices.Equal(c.Workers, []string{"alice", "bob"}) || len(c.Channels) != 2 {
		t.Errorf("one is %+v", c)
	}
	if _, ok := s.keptCustomer("a000"); ok || !s.did("root", audit.CustomersMerged, "b000") {
		t.Error("the other is there still, or the audit does not tell")
	}
	// A second administrator, whose page is old.
	s.follow("rita", s.post("rita", "/console/customers/duplicates", "do", "merge", "keep", "a000", "id", "b000")).must(t, http.StatusOK, []string{"Someone else already resolved these duplicates."})
	s.follow("rita", s.post("rita", "/console/customers/duplicates", "do", "merge-now", "keep", "b000", "id", "a000")).must(t, http.StatusOK, []string{"Someone else already resolved these duplicates."})

	third := answer{body: page.body[strings.Index(page.body, `"ltr">p002@example.com`):]}.values("key")[0]
	for range 2 {
		a := s.post("root", "/console/customers/duplicates", "do", "apart", "key", third)
		if a.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d\n%.2000s", a.StatusCode, a.body)
		}
	}
	s.get("root", "/console/customers/duplicates?done=apart").must(t, http.StatusOK, []string{"Marked as different people.", "p001@example.com"}, "p002@example.com", "p000@example.com")
	s.post("root", "/console/customers/duplicates", "do", "apart", "key", "made up")
}

func TestDuplicatesAreWalkedPageByPage(t *testing.T) {
	s := newShop(t, nil, pairs(25)...)
	met, at := map[string]bool{}, "/console/customers/duplicates"
	for pages := 0; at != ""; pages++ {
		page := s.get("root", at).must(t, http.StatusOK, nil)
		for _, key := range page.values("key") {
			if met[key] {
				t.Error("a group is met twice")
			}
			met[key] = true
		}
		at = page.link("/console/customers/duplicates?after=")
		if pages > 5 {
			t.Fatal("the walk does not end")
		}
	}
	if len(met) != 25 {
		t.Errorf("%d groups were met", len(met))
	}
	if a := s.get("root", "/console/customers/duplicates?after=nonsense"); a.StatusCode >= 400 {
		t.Errorf("a place that is none has status %d", a.StatusCode)
	}
}
