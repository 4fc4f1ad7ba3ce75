package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
)

// adminPage calls ListAll, which must succeed.
func (f *fixture) adminPage(q customer.AdminQuery) customer.AdminPage {
	f.Helper()
	page, err := f.ListAll(ctx, q)
	if err != nil {
		f.Fatalf("ListAll(%+v): %v", q, err)
	}
	if len(page.Customers) != len(page.Cursors) || len(page.Customers) > q.Limit {
		f.Fatalf("ListAll(%+v): %d customers, %d cursors", q, len(page.Customers), len(page.Cursors))
	}
	return page
}

// adminIDs returns the IDs of all pages of ListAll.
func (f *fixture) adminIDs(q customer.AdminQuery) (all []string) {
	f.Helper()
	for pages := 0; ; pages++ {
		page := f.adminPage(q)
		all = append(all, customerIDs(page.Customers)...)
		if !page.More {
			return all
		}
		if pages > 10_000 || len(page.Customers) != q.Limit {
			f.Fatalf("ListAll(%+v) has More with %d customers on page %d", q, len(page.Customers), pages)
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

func customerIDs(customers []customer.Customer) []string {
	all := []string{}
	for _, c := range customers {
		all = append(all, c.ID)
	}
	return all
}

func (f *fixture) wantIDs(call string, got []string, want string) {
	f.Helper()
	if diff := cmp.Diff(strings.Fields(want), got, nilIsEmpty); diff != "" {
		f.Errorf("%s (-want +got):\n%s", call, diff)
	}
}

// putMixedOwners stores customers with all kinds of owners.
func putMixedOwners(f *fixture) {
	f.Helper()
	f.put(newCustomer("1", "Anna", "ann"), newCustomer("2", "Berta", "bob"), newCustomer("3", "Carla"), newCustomer("4", "Dora", customer.Everyone),
		newCustomer("5", "Édith", "ann", "bob"), newCustomer("6", "Anna Z."), newCustomer("7", "Gone", "ann"))
	f.delete("7")
}

var adminReaderTests = []namedTest{
	{"ListAll returns every customer once, in list order", func(f *fixture) {
		putMixedOwners(f)
		for limit := 1; limit < 8; limit++ {
			f.wantIDs(fmt.Sprint("ListAll() in pages of ", limit), f.adminIDs(customer.AdminQuery{Limit: limit}), "1 6 2 3 4 5")
		}
	}},
	{"ListAll and Get return every field", func(f *fixture) {
		f.put(fullCustomer())
		for _, query := range []string{"", "bobby"} {
			page := f.adminPage(customer.AdminQuery{Query: query, Limit: 3})
			if diff := cmp.Diff([]customer.Customer{fullCustomer()}, page.Customers); diff != "" {
				f.Errorf("ListAll(%q) (-want +got):\n%s", query, diff)
			}
		}
		got, err := f.Get(ctx, fullCustomer().ID)
		if diff := cmp.Diff(fullCustomer(), got); diff != "" || err != nil {
			f.Errorf("Get(): %v (-want +got):\n%s", err, diff)
		}
	}},
	{"ListAll selects exactly the customers of a Scope", func(f *fixture) {
		putMixedOwners(f)
		for scope, want := range map[customer.Scope]string{
			{Worker: "ann"}: "1 5", {Worker: "bob"}: "2 5", {Worker: customer.Everyone}: "4", {Unassigned: true}: "6 3",
			{Worker: "stranger"}: "", {Worker: "\x00register"}: "", {Worker: "\x01register"}: "", {Worker: "\x00unassigned"}: "",
		} {
			for _, limit := range []int{1, 10} {
				f.wantIDs(fmt.Sprintf("ListAll(%+v)", scope), f.adminIDs(customer.AdminQuery{Scope: scope, Limit: limit}), want)
			}
		}
	}},
	{"ListAll with a Query returns the best matches first", func(f *fixture) {
		putMixedOwners(f)
		f.put(newCustomer("8", "Hanna", "bob"), newCustomer("9", "Joanna"))
		for range 2 {
			for _, limit := range []int{1, 2, 10} {
				for q, want := range map[customer.AdminQuery]string{
					{Query: "ann"}: "1 6 8 9", {Query: "ann", Scope: customer.Scope{Unassigned: true}}: "6 9",
					{Query: "ann", Scope: customer.Scope{Worker: "bob"}}: "8", {Query: "gone"}: "", {Query: "?!"}: "", {Query: " "}: "1 6 2 3 4 5 8 9",
					{Query: "dora", Scope: customer.Scope{Worker: "ann"}}: "", {Query: "dora"}: "4", {Query: "edith"}: "5",
					{Query: "ann", Scope: customer.Scope{Worker: "stranger"}}: "",
				} {
					q.Limit = limit
					f.wantIDs(fmt.Sprintf("ListAll(%+v)", q), f.adminIDs(q), want)
				}
			}
			f.compact()
		}
	}},
	{"ListAll continues where a renamed, reassigned or deleted customer was", func(f *fixture) {
		for _, change := range changes {
			putABCDE(f)
			page := f.adminPage(customer.AdminQuery{Limit: 2})
			change.do(f)
			got := f.adminIDs(customer.AdminQuery{After: page.Cursors[1], Limit: 2})
			got = slices.DeleteFunc(got, func(id string) bool { return id == "b" })
			f.wantIDs(change.name, got, "c d e")
		}
	}},
	{"ListAll returns ErrUnknownAnchor for a cursor that was never issued", func(f *fixture) {
		putABCDE(f)
		for _, query := range []string{"", "b"} {
			if _, err := f.ListAll(ctx, customer.AdminQuery{Query: query, After: customer.Cursor{Row: 1 << 40, Rev: 1}, Limit: 3}); !errors.Is(err, customer.ErrUnknownAnchor) {
				f.Errorf("ListAll(%q, unknown cursor) = %v, want ErrUnknownAnchor", query, err)
			}
		}
	}},
	{"Get returns a customer of any owner, or ErrNotFound", func(f *fixture) {
		putMixedOwners(f)
		for _, id := range []string{"1", "2", "3", "4"} {
			if c, err := f.Get(ctx, id); err != nil || c.ID != id {
				f.Errorf("Get(%s) = %+v, %v", id, c, err)
			}
		}
		for _, id := range []string{"7", "8", ""} {
			if _, err := f.Get(ctx, id); !errors.Is(err, customer.ErrNotFound) {
				f.Errorf("Get(%q) = %v, want ErrNotFound", id, err)
			}
		}
	}},
	{"GetAll returns the customers that exist", func(f *fixture) {
		putMixedOwners(f)
		for ids, want := range map[string][]string{"": nil, "7 8": nil, "7 4 1": {"1", "4"}} {
			got, err := f.GetAll(ctx, strings.Fields(ids))
			var found []string
			for _, c := range got {
				one, _ := f.Get(ctx, c.ID)
				if found = append(found, c.ID); !reflect.DeepEqual(c, one) {
					f.Errorf("GetAll(%s) has %+v, want %+v", ids, c, one)
				}
			}
			if slices.Sort(found); err != nil || !slices.Equal(found, want) {
				f.Errorf("GetAll(%s) = %v, %v, want %v", ids, found, err, want)
			}
		}
	}},
	{"FindByContact finds customers by contact key", func(f *fixture) {
		f.put(fullCustomer())
		for keys, want := range map[string]string{"bobby@example.com": fullCustomer().ID, "+15555930101 other": fullCustomer().ID, "other": "", "": ""} {
			got, err := f.FindByContact(ctx, strings.Fields(keys))
			if err != nil || strings.Join(got, "|") != want {
				f.Errorf("FindByContact(%s) = %v, %v, want %q", keys, got, err, want)
			}
		}
	}},
	{"Totals and OwnerCounts count customers", func(f *fixture) {
		if got := f.totals(); got != (customer.Totals{}) {
			f.Errorf("Totals() of an empty store = %+v", got)
		}
		putMixedOwners(f)
		if got, want := f.totals(), (customer.Totals{Customers: 6, Unassigned: 2}); got != want {
			f.Errorf("Totals() = %+v, want %+v", got, want)
		}
		counts, err := f.OwnerCounts(ctx)
		want := []customer.OwnerCount{{Identity: "*", Customers: 1}, {Identity: "ann", Customers: 2}, {Identity: "bob", Customers: 2}}
		if diff := cmp.Diff(want, counts); diff != "" || err != nil {
			f.Errorf("OwnerCounts(): %v (-want +got):\n%s", err, diff)
		}
		for worker, want := range map[string]int{"ann": 2, "Ann": 0, customer.Everyone: 1, "": 0, "stranger": 0, "\x00register": 0, "\x01register": 0} {
			if n, err := f.OwnerCount(ctx, worker); n != want || err != nil {
				f.Errorf("OwnerCount(%q) = %d, %v, want %d", worker, n, err, want)
			}
		}
	}},
	{"counts are rolled back with the transaction", func(f *fixture) {
		putMixedOwners(f)
		before := f.totals()
		err := f.Update(ctx, func(tx customer.Tx) error {
			return errors.Join(tx.Put(ctx, newCustomer("8", "H")), tx.Put(ctx, newCustomer("1", "A")), tx.Delete(ctx, "2"), tx.DeleteAndBlock(ctx, "3", "me"), errRollback)
		})
		if got := f.totals(); got != before || !errors.Is(err, errRollback) {
			f.Errorf("Totals() = %+v, want %+v; Update() = %v", got, before, err)
		}
		if n, err := f.OwnerCount(ctx, "ann"); n != 2 || err != nil {
			f.Errorf("OwnerCount(ann) = %d, %v, want 2", n, err)
		}
	}},
	{"every method returns context.Canceled when its context is canceled", func(f *fixture) {
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		_, listAll := f.ListAll(stopped, customer.AdminQuery{Limit: 1})
		_, get := f.Get(stopped, "1")
		_, totals := f.Totals(stopped)
		_, duplicates := f.Duplicates(stopped, customer.DuplicateQuery{Limit: 1})
		_, deletions := f.Store.Deletions(stopped, customer.DeletionQuery{Limit: 1})
		for method, err := range map[string]error{"ListAll": listAll, "Get": get, "Totals": totals, "Duplicates": duplicates, "Deletions": deletions} {
			if !errors.Is(err, context.Canceled) {
				f.Errorf("%s() = %v, want context.Canceled", method, err)
			}
		}
	}},
}
