package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
)

// everybody answers a page of the register that must come.
func (f *fixture) everybody(q customer.AdminQuery) customer.AdminPage {
	f.Helper()
	page, err := f.ListAll(ctx, q)
	if err != nil {
		f.Fatalf("Everybody(%+v): %v", q, err)
	}
	if len(page.Customers) != len(page.Cursors) || len(page.Customers) > q.Limit {
		f.Fatalf("Everybody(%+v): %d customers, %d cursors", q, len(page.Customers), len(page.Cursors))
	}
	return page
}

// walkEverybody answers the ids of all pages, one after the other.
func (f *fixture) walkEverybody(q customer.AdminQuery) (all []string) {
	f.Helper()
	for pages := 0; ; pages++ {
		page := f.everybody(q)
		all = append(all, idsOf(page.Customers)...)
		if !page.More {
			return all
		}
		if pages > 10_000 || len(page.Customers) != q.Limit {
			f.Fatalf("Everybody(%+v) tells of more after %d customers on page %d", q, len(page.Customers), pages)
		}
		q.After = page.Cursors[len(page.Cursors)-1]
	}
}

func (f *fixture) totals() customer.Totals {
	f.Helper()
	totals, err := f.Totals(ctx)
	if err != nil {
		f.Fatal(err)
	}
	return totals
}

func idsOf(customers []customer.Customer) []string {
	all := []string{}
	for _, c := range customers {
		all = append(all, c.ID)
	}
	return all
}

func (f *fixture) same(what string, got []string, want string) {
	f.Helper()
	if diff := cmp.Diff(strings.Fields(want), got, emptyIsNil); diff != "" {
		f.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// mixed puts customers of all kinds of owners.
func mixed(f *fixture) {
	f.Helper()
	f.put(person("1", "Anna", "ann"), person("2", "Berta", "bob"), person("3", "Carla"), person("4", "Dora", customer.Everyone),
		person("5", "Édith", "ann", "bob"), person("6", "Anna Z."), person("7", "Gone", "ann"))
	f.delete("7")
}

var registerTests = []namedTest{
	{"has everybody once, in list order, whoever's they are", func(f *fixture) {
		mixed(f)
		for limit := 1; limit < 8; limit++ {
			f.same(fmt.Sprint("in pages of ", limit), f.walkEverybody(customer.AdminQuery{Limit: limit}), "1 6 2 3 4 5")
		}
	}},
	{"answers customers whole", func(f *fixture) {
		f.put(whole())
		for _, query := range []string{"", "bobby"} {
			page := f.everybody(customer.AdminQuery{Query: query, Limit: 3})
			if diff := cmp.Diff([]customer.Customer{whole()}, page.Customers); diff != "" {
				f.Errorf("query %q:\n%s", query, diff)
			}
		}
		got, err := f.Get(ctx, whole().ID)
		if diff := cmp.Diff(whole(), got); diff != "" || err != nil {
			f.Errorf("Get: %v\n%s", err, diff)
		}
	}},
	{"knows whose exactly they are", func(f *fixture) {
		mixed(f)
		for scope, want := range map[customer.Scope]string{
			{Worker: "ann"}: "1 5", {Worker: "bob"}: "2 5", {Worker: customer.Everyone}: "4", {Unassigned: true}: "6 3",
			{Worker: "nobody"}: "", {Worker: "\x00register"}: "", {Worker: "\x00unassigned"}: "",
		} {
			for _, limit := range []int{1, 10} {
				f.same(fmt.Sprintf("%+v", scope), f.walkEverybody(customer.AdminQuery{Scope: scope, Limit: limit}), want)
			}
		}
	}},
	{"finds everybody, the best matches first", func(f *fixture) {
		mixed(f)
		f.put(person("8", "Hanna", "bob"), person("9", "Joanna"))
		for range 2 {
			for _, limit := range []int{1, 2, 10} {
				for q, want := range map[customer.AdminQuery]string{
					{Query: "ann"}: "1 6 8 9", {Query: "ann", Scope: customer.Scope{Unassigned: true}}: "6 9",
					{Query: "ann", Scope: customer.Scope{Worker: "bob"}}: "8", {Query: "gone"}: "", {Query: "?!"}: "", {Query: " "}: "1 6 2 3 4 5 8 9",
					{Query: "dora", Scope: customer.Scope{Worker: "ann"}}: "", {Query: "dora"}: "4", {Query: "edith"}: "5",
					{Query: "ann", Scope: customer.Scope{Worker: "stranger"}}: "",
				} {
					q.Limit = limit
					f.same(fmt.Sprintf("%+v", q), f.walkEverybody(q), want)
				}
			}
			f.compact()
		}
	}},
	{"goes on where a customer was that is renamed, given away or deleted meanwhile", func(f *fixture) {
		for _, change := range changes {
			abc(f)
			page := f.everybody(customer.AdminQuery{Limit: 2})
			change.do(f)
			got := f.walkEverybody(customer.AdminQuery{After: page.Cursors[1], Limit: 2})
			got = slices.DeleteFunc(got, func(id string) bool { return id == "b" })
			f.same(change.name, got, "c d e")
		}
	}},
	{"does not know cursors that it did not make", func(f *fixture) {
		abc(f)
		for _, query := range []string{"", "b"} {
			if _, err := f.ListAll(ctx, customer.AdminQuery{Query: query, After: customer.Cursor{Row: 1 << 40, Rev: 1}, Limit: 3}); !errors.Is(err, customer.ErrUnknownAnchor) {
				f.Errorf("query %q: %v", query, err)
			}
		}
	}},
	{"answers one customer whoever's it is, and nobody who is not there", func(f *fixture) {
		mixed(f)
		for _, id := range []string{"1", "2", "3", "4"} {
			if c, err := f.Get(ctx, id); err != nil || c.ID != id {
				f.Errorf("Get(%s) = %+v, %v", id, c, err)
			}
		}
		for _, id := range []string{"7", "8", ""} {
			if _, err := f.Get(ctx, id); !errors.Is(err, customer.ErrNotFound) {
				f.Errorf("Get(%q): %v", id, err)
			}
		}
	}},
	{"finds customers by contact", func(f *fixture) {
		f.put(whole())
		for keys, want := range map[string]string{"bobby@example.com": whole().ID, "+15555930101 nobody": whole().ID, "nobody": "", "": ""} {
			got, err := f.FindByContact(ctx, strings.Fields(keys))
			if err != nil || strings.Join(got, "|") != want {
				f.Errorf("FindByContact(%s) = %v, %v", keys, got, err)
			}
		}
	}},
	{"counts", func(f *fixture) {
		if got := f.totals(); got != (customer.Totals{}) {
			f.Errorf("nothing is there: %+v", got)
		}
		mixed(f)
		if got, want := f.totals(), (customer.Totals{Customers: 6, Unassigned: 2}); got != want {
			f.Errorf("totals = %+v, want %+v", got, want)
		}
		holdings, err := f.OwnerCounts(ctx)
		want := []customer.OwnerCount{{Identity: "*", Customers: 1}, {Identity: "ann", Customers: 2}, {Identity: "bob", Customers: 2}}
		if diff := cmp.Diff(want, holdings); diff != "" || err != nil {
			f.Errorf("Holdings: %v\n%s", err, diff)
		}
		for worker, want := range map[string]int{"ann": 2, "Ann": 0, customer.Everyone: 1, "": 0, "nobody": 0, "\x00register": 0} {
			if n, err := f.OwnerCount(ctx, worker); n != want || err != nil {
				f.Errorf("Holding(%q) = %d, %v, want %d", worker, n, err, want)
			}
		}
	}},
	{"counts nothing of what was not kept", func(f *fixture) {
		mixed(f)
		before := f.totals()
		err := f.Update(ctx, func(tx customer.Tx) error {
			return errors.Join(tx.Put(ctx, person("8", "H")), tx.Put(ctx, person("1", "A")), tx.Delete(ctx, "2"), tx.Remove(ctx, "3", "me"), errOops)
		})
		if got := f.totals(); got != before || !errors.Is(err, errOops) {
			f.Errorf("totals = %+v, want %+v; %v", got, before, err)
		}
		if n, err := f.OwnerCount(ctx, "ann"); n != 2 || err != nil {
			f.Errorf("ann has %d, %v", n, err)
		}
	}},
	{"stops when the caller does", func(f *fixture) {
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		_, everybody := f.ListAll(stopped, customer.AdminQuery{Limit: 1})
		_, get := f.Get(stopped, "1")
		_, totals := f.Totals(stopped)
		_, duplicates := f.Duplicates(stopped, customer.DuplicateQuery{Limit: 1})
		_, removed := f.Store.Removed(stopped, customer.RemovedQuery{Limit: 1})
		for what, err := range map[string]error{"Everybody": everybody, "Get": get, "Totals": totals, "Duplicates": duplicates, "Removed": removed} {
			if !errors.Is(err, context.Canceled) {
				f.Errorf("%s: %v", what, err)
			}
		}
	}},
}
