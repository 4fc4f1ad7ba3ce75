package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/clientele-project/clientele/internal/customer"
)

// reassign calls Reassign, which must move want customers.
func (f *fixture) reassign(from, to string, limit, want int) {
	f.Helper()
	f.update(func(tx customer.Tx) error {
		moved, err := tx.Reassign(ctx, from, to, limit)
		if moved != want {
			f.Errorf("Reassign(%q, %q, %d) = %d, want %d", from, to, limit, moved, want)
		}
		return err
	})
}

var reassignTests = []namedTest{
	{"moves the first customers in list order, up to the limit", func(f *fixture) {
		putABCDE(f)
		f.reassign("ann", "bob", 2, 2)
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 9}), "c d e")
		f.wantRows(f.list(customer.ListQuery{Worker: "bob", Limit: 9}), "a b")
		f.reassign("ann", "bob", 4, 3)
		f.reassign("ann", "bob", 4, 0)
		f.wantRows(f.list(customer.ListQuery{Worker: "bob", Limit: 9}), "a b c d e")
		if got, want := f.totals(), (customer.Totals{Customers: 5}); got != want {
			f.Errorf("Totals() = %+v, want %+v", got, want)
		}
	}},
	{"leaves other owners unaffected", func(f *fixture) {
		f.put(newCustomer("1", "A", "ann", "bob"), newCustomer("2", "B", "ann", customer.Everyone), newCustomer("3", "C", "ann", "carl"), newCustomer("4", "D", "Ann@X.com", "carl"))
		f.reassign("ann", "bob", 9, 3)
		f.reassign("ann@x.com", "bob", 9, 1)
		for id, want := range map[string]string{"1": "[bob]", "2": "[* bob]", "3": "[bob carl]", "4": "[bob carl]"} {
			if c, err := f.Get(ctx, id); fmt.Sprint(c.Workers) != want || err != nil {
				f.Errorf("Get(%s) has owners %v, want %s; %v", id, c.Workers, want, err)
			}
		}
	}},
	{"assigns unassigned customers and unassigns them", func(f *fixture) {
		f.put(newCustomer("1", "A"), newCustomer("2", "B"), newCustomer("3", "C", "ann"))
		f.reassign("", "ann", 9, 2)
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 9}), "1 2 3")
		f.reassign("ann", "", 2, 2)
		f.wantIDs("ListAll(unassigned)", f.adminIDs(customer.AdminQuery{Scope: customer.Scope{Unassigned: true}, Limit: 9}), "1 2")
		if got := f.totals(); got.Unassigned != 2 {
			f.Errorf("Totals() = %+v, want 2 unassigned", got)
		}
		f.reassign("", customer.Everyone, 1, 1)
		f.wantRows(f.list(customer.ListQuery{Worker: "stranger", Limit: 9}), "1")
	}},
	{"is visible to searches immediately", func(f *fixture) {
		putABCDE(f)
		for range 2 {
			f.compact()
			f.reassign("ann", "bob", 3, 3)
			f.wantRows(f.search(customer.SearchQuery{Worker: "ann", Query: "a", Limit: 9}), "")
			f.wantRows(f.search(customer.SearchQuery{Worker: "bob", Query: "a", Limit: 9}), "a")
			f.wantRows(f.search(customer.SearchQuery{Worker: "ann", Query: "e", Limit: 9}), "e")
			f.reassign("bob", "ann", 9, 3)
		}
	}},
	{"keeps the previous owner's anchors valid", func(f *fixture) {
		putABCDE(f)
		f.reassign("ann", "bob", 2, 2)
		f.clock.advance(29 * day)
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Anchor: "b", Limit: 9}), "c d e")
	}},
	{"returns an InvalidError for an invalid owner and for the same one", func(f *fixture) {
		putABCDE(f)
		f.update(func(tx customer.Tx) error {
			for _, names := range [][2]string{{"ann", "ann"}, {"", ""}, {"A@x.com", "a@X.com"}, {"ann", "b\x00b"}, {"ann", "\xff"}} {
				var invalid *customer.InvalidError
				if _, err := tx.Reassign(ctx, names[0], names[1], 9); !errors.As(err, &invalid) || invalid.Reason == "" {
					f.Errorf("Reassign(%q) = %v, want an InvalidError", names, err)
				}
			}
			for _, from := range []string{"stranger", "\x00register", "\x00unassigned", "\x01register"} {
				if n, err := tx.Reassign(ctx, from, "bob", 9); n != 0 || err != nil {
					f.Errorf("Reassign(%q, bob) = %d, %v, want 0", from, n, err)
				}
			}
			return nil
		})
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 9}), "a b c d e")
	}},
	{"sees its own writes and is rolled back with its transaction", func(f *fixture) {
		putABCDE(f)
		err := f.Update(ctx, func(tx customer.Tx) error {
			if err := tx.Put(ctx, newCustomer("0", "0", "ann")); err != nil {
				return err
			}
			if n, err := tx.Reassign(ctx, "ann", "dora", 2); n != 2 || err != nil {
				f.Errorf("Reassign(ann, dora) = %d, %v, want 2", n, err)
			}
			if c, err := tx.Get(ctx, "0"); err != nil || fmt.Sprint(c.Workers) != "[dora]" {
				f.Errorf("Get(0) has owners %v, %v, want dora", c.Workers, err)
			}
			return errRollback
		})
		if !errors.Is(err, errRollback) {
			f.Errorf("Update() = %v, want errRollback", err)
		}
		f.wantRows(f.list(customer.ListQuery{Worker: "dora", Limit: 9}), "")
		f.put(newCustomer("z", "Z", "erna"))
		f.wantRows(f.list(customer.ListQuery{Worker: "dora", Limit: 9}), "")
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 9}), "a b c d e")
	}},
	{"MatchOwner stores, replaces and removes matches", func(f *fixture) {
		match := func(owner, person string) error {
			return f.Update(ctx, func(tx customer.Tx) error { return tx.MatchOwner(ctx, owner, person) })
		}
		for _, m := range [][2]string{{"Old@X.com", "ann"}, {"Adams, Ann", "bob"}, {"old@x.com", "bob"}, {"Adams, Ann", "ann@x.com"}, {"Carl", "ann"}} {
			if err := match(m[0], m[1]); err != nil {
				f.Errorf("MatchOwner(%q, %q) = %v", m[0], m[1], err)
			}
		}
		if err := match("Carl", ""); err != nil {
			f.Errorf("MatchOwner(Carl, no one) = %v", err)
		}
		if err := match("Carl", ""); !errors.Is(err, customer.ErrNotFound) {
			f.Errorf("MatchOwner(Carl, no one) again = %v, want ErrNotFound", err)
		}
		var invalid *customer.InvalidError
		for _, m := range [][2]string{{"", "ann"}, {"ann", "ann"}, {"Ann@x.com", "ann@X.com"}, {"x\x00", "ann"}} {
			if err := match(m[0], m[1]); !errors.As(err, &invalid) {
				f.Errorf("MatchOwner(%q, %q) = %v, want an InvalidError", m[0], m[1], err)
			}
		}
		got, err := f.OwnerMatches(ctx)
		if want := []customer.OwnerMatch{{Owner: "Adams, Ann", Person: "ann@x.com"}, {Owner: "old@x.com", Person: "bob"}}; err != nil || !slices.Equal(got, want) {
			f.Errorf("OwnerMatches() = %v, %v, want %v", got, err, want)
		}
	}},
	{"is consistent for concurrent readers", func(f *fixture) {
		f.update(func(tx customer.Tx) error {
			for i := range 300 {
				if err := tx.Put(ctx, newCustomer(fmt.Sprintf("%03d", i), fmt.Sprintf("Name %03d", i), "ann")); err != nil {
					return err
				}
			}
			return nil
		})
		var group sync.WaitGroup
		stop := make(chan struct{})
		group.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				ann, err1 := f.List(ctx, customer.ListQuery{Worker: "ann", Limit: 1000})
				found, err2 := f.Search(ctx, customer.SearchQuery{Worker: "ann", Query: "name", Limit: 1000})
				if err1 != nil || err2 != nil || len(ann.Rows) < len(found.Rows) { // ann's list shrinks meanwhile
					f.Errorf("List() = %d rows, then Search() = %d: %v, %v", len(ann.Rows), len(found.Rows), err1, err2)
				}
			}
		})
		for range 10 {
			f.reassign("ann", "bob", 30, 30)
			f.put(newCustomer("other", "Other", "carl"))
		}
		close(stop)
		group.Wait()
		if n, err := f.OwnerCount(ctx, "bob"); n != 300 || err != nil {
			f.Errorf("OwnerCount(bob) = %d, %v, want 300", n, err)
		}
	}},
}
