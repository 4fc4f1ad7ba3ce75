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

// pairs returns n pairs of customers who share an email address.
func pairs(n int) (all []customer.Customer) {
	for i := range n {
		mail := customer.Channel{Type: customer.Email, Value: fmt.Sprintf("p%03d@example.com", i)}
		all = append(all,
			customer.Customer{ID: fmt.Sprintf("a%03d", i), Name: fmt.Sprintf("Pat %03d", i), Channels: []customer.Channel{mail}, Workers: []string{"alice"}},
			customer.Customer{ID: fmt.Sprintf("b%03d", i), Name: fmt.Sprintf("P. %03d", i), Company: "ACME", Channels: []customer.Channel{mail, {Type: customer.Chat, Value: "pat"}}, Workers: []string{"bob"}})
	}
	return all
}

func TestDuplicates_MergeOrKeepApart(t *testing.T) {
	f := newCustomersFixture(t, nil, pairs(3)...)
	page := f.get("root", "/console/customers/duplicates").check(t, http.StatusOK, []string{"Shared: <bdi dir=\"ltr\">p000@example.com</bdi>", "Pat 000", "P. 000", "ACME", "different", `/console/customers/one?id=a000`})
	if n := strings.Count(page.body, `class="card group"`); n != 3 {
		t.Errorf("the page shows %d groups", n)
	}
	keyOf := func(shared string) string {
		return response{body: page.body[strings.Index(page.body, `"ltr">`+shared):]}.values("key")[0]
	}
	first, third := keyOf("p000@example.com"), keyOf("p002@example.com")
	for _, form := range [][]string{
		{"keep", "b000", "id", "a000"}, {"key", "nonsense", "keep", "b000", "id", "a000"}, {"key", third, "keep", "b000", "id", "a000"},
		{"key", first, "keep", "b000", "id", "a000", "id", "a001"}, {"key", first, "keep", "b001", "id", "a000", "id", "b000"},
	} {
		for _, do := range []string{"merge", "merge-now"} {
			f.follow("root", f.post("root", "/console/customers/duplicates", append(form, "do", do)...)).check(t, http.StatusOK, []string{"Nothing was merged: these customers changed"})
		}
	}
	ask := f.post("root", "/console/customers/duplicates", "do", "merge", "key", first, "keep", "b000", "id", "a000", "id", "b000").check(t, http.StatusOK, []string{"Merge these customers?", "Kept", "P. 000", "Pat 000"})
	if ask.value(t, "key") != first || ask.value(t, "keep") != "b000" || !slices.Equal(ask.values("id"), []string{"a000"}) {
		t.Errorf("the form keeps %q and merges %q", ask.values("keep"), ask.values("id"))
	}
	if _, ok := f.storedCustomer("a000"); !ok {
		t.Fatal("merged without confirmation")
	}
	a := f.post("root", "/console/customers/duplicates", "do", "merge-now", "key", first, "keep", "b000", "id", "a000")
	f.follow("root", a).check(t, http.StatusOK, []string{"Customers merged.", "P. 000"})
	if c, _ := f.storedCustomer("b000"); !slices.Equal(c.Workers, []string{"alice", "bob"}) || len(c.Channels) != 2 {
		t.Errorf("merged customer = %+v", c)
	}
	if _, ok := f.storedCustomer("a000"); ok || !f.recorded("root", audit.CustomersMerged, "b000") {
		t.Error("the other customer was not deleted, or the audit lacks the merge")
	}
	// A second administrator with an older page.
	f.follow("rita", f.post("rita", "/console/customers/duplicates", "do", "merge", "key", first, "keep", "a000", "id", "b000")).check(t, http.StatusOK, []string{"Nothing was merged: these customers changed"})
	f.follow("rita", f.post("rita", "/console/customers/duplicates", "do", "merge-now", "key", first, "keep", "b000", "id", "a000")).check(t, http.StatusOK, []string{"Nothing was merged: these customers changed"})

	for range 2 {
		a := f.post("root", "/console/customers/duplicates", "do", "apart", "key", third)
		if a.StatusCode != http.StatusSeeOther {
			t.Fatalf("POST: status %d\n%.2000s", a.StatusCode, a.body)
		}
	}
	f.get("root", "/console/customers/duplicates?done=apart").check(t, http.StatusOK, []string{"Marked as different people.", "p001@example.com"}, "p002@example.com", "p000@example.com")
	f.post("root", "/console/customers/duplicates", "do", "apart", "key", "temporary password")
}

func TestDuplicates_Pages(t *testing.T) {
	f := newCustomersFixture(t, nil, pairs(25)...)
	met, at := map[string]bool{}, "/console/customers/duplicates"
	for pages := 0; at != ""; pages++ {
		page := f.get("root", at).check(t, http.StatusOK, nil)
		for _, key := range slices.Compact(page.values("key")) { // each group has two forms
			if met[key] {
				t.Error("the pages list a group twice")
			}
			met[key] = true
		}
		at = page.link("/console/customers/duplicates?after=")
		if pages > 5 {
			t.Fatal("too many pages")
		}
	}
	if len(met) != 25 {
		t.Errorf("the pages list %d groups", len(met))
	}
	if a := f.get("root", "/console/customers/duplicates?after=nonsense"); a.StatusCode >= 400 {
		t.Errorf("invalid cursor: status %d", a.StatusCode)
	}
}
