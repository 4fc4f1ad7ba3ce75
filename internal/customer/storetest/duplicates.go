package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
)

// withContacts returns a customer of ann with these email addresses and phone numbers.
func withContacts(id, name string, addresses ...string) customer.Customer {
	c := newCustomer(id, name, "ann")
	for _, a := range addresses {
		kind := customer.SMS
		if strings.Contains(a, "@") {
			kind = customer.Email
		}
		c.Channels = append(c.Channels, customer.Channel{Type: kind, Value: a})
	}
	return c
}

// groups returns all open groups of duplicates, page by page.
func (f *fixture) groups(limit int) (all []customer.DuplicateGroup) {
	f.Helper()
	var q customer.DuplicateQuery
	for q.Limit = limit; ; {
		page, err := f.Duplicates(ctx, q)
		if err != nil || len(page.Groups) > limit {
			f.Fatalf("Duplicates(%+v): %d groups, %v", q, len(page.Groups), err)
		}
		all = append(all, page.Groups...)
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

// wantGroups compares the open groups with "shared: ids" each, in any order.
func (f *fixture) wantGroups(want ...string) {
	f.Helper()
	for _, limit := range []int{1, 100} {
		var got []string
		for _, g := range f.groups(limit) {
			got = append(got, g.Shared+": "+strings.Join(customerIDs(g.Customers), " "))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			f.Errorf("Duplicates() in pages of %d = %q, want %q", limit, got, want)
		}
	}
	if n := f.totals().Duplicates; n != len(want) {
		f.Errorf("Totals().Duplicates = %d, want %d", n, len(want))
	}
}

// keepApart closes the group with these IDs, such as "1 2".
func (f *fixture) keepApart(ids string) {
	f.Helper()
	for _, g := range f.groups(100) {
		if strings.Join(customerIDs(g.Customers), " ") == ids {
			f.update(func(tx customer.Tx) error { return tx.KeepApart(ctx, g.Key) })
			return
		}
	}
	f.Fatalf("Duplicates() has no group of %s", ids)
}

const (
	phone  = "+15555930101"
	phone2 = "+15555930102"
)

var duplicateTests = []namedTest{
	{"groups customers that share an email address or a number", func(f *fixture) {
		f.put(withContacts("1", "Zoe", "z@example.com"), withContacts("2", "Anna", "Z@Example.com"), withContacts("3", "Bo", phone), withContacts("4", "Bea", phone, "b@example.com"),
			withContacts("5", "Cy", "c@example.com"))
		f.wantGroups("z@example.com: 2 1", phone+": 4 3")
	}},
	{"groups customers that share several addresses once, under an email address", func(f *fixture) {
		f.put(withContacts("1", "A", phone, "a@example.com", phone2), withContacts("2", "B", phone2, "A@example.com", phone))
		f.wantGroups("a@example.com: 1 2")
		f.put(withContacts("3", "C", phone))
		f.wantGroups("a@example.com: 1 2", phone+": 1 2 3")
	}},
	{"groups customers of any owner", func(f *fixture) {
		a, b := withContacts("1", "A", phone), withContacts("2", "B", phone)
		a.Workers, b.Workers = nil, []string{customer.Everyone}
		f.put(a, b)
		f.wantGroups(phone + ": 1 2")
	}},
	{"follows changes and both kinds of deletion", func(f *fixture) {
		f.put(withContacts("1", "A", phone), withContacts("2", "B", phone), withContacts("3", "C", "c@example.com"))
		f.put(withContacts("2", "B", phone2))
		f.wantGroups()
		f.put(withContacts("2", "B", phone2, "c@example.com"), withContacts("1", "A", phone2))
		f.wantGroups("c@example.com: 2 3", phone2+": 1 2")
		f.delete("2")
		f.wantGroups()
		f.put(withContacts("2", "B", phone2))
		f.wantGroups(phone2 + ": 1 2")
		f.update(func(tx customer.Tx) error { return tx.DeleteAndBlock(ctx, "1", "me") })
		f.wantGroups()
	}},
	{"ignores an address shared by more than MaxSharing customers", func(f *fixture) {
		for i := range customer.MaxSharing {
			f.put(withContacts(fmt.Sprintf("%02d", i), "A", phone))
		}
		if groups := f.groups(10); len(groups) != 1 || len(groups[0].Customers) != customer.MaxSharing || f.totals().Duplicates != 1 {
			f.Errorf("Duplicates() = %d groups, Totals().Duplicates = %d, want one of %d customers", len(groups), f.totals().Duplicates, customer.MaxSharing)
		}
		f.put(withContacts("one more", "A", phone))
		f.wantGroups()
		f.delete("00")
		if n := f.totals().Duplicates; n != 1 {
			f.Errorf("Totals().Duplicates = %d, want 1 after a member is deleted", n)
		}
	}},
	{"hides a group that is kept apart until its members change", func(f *fixture) {
		f.put(withContacts("1", "A", phone, "a@example.com"), withContacts("2", "B", phone, "a@example.com"))
		f.keepApart("1 2")
		f.wantGroups()
		f.put(withContacts("1", "New name", phone, "a@example.com"))
		f.wantGroups()
		f.put(withContacts("3", "C", phone))
		f.wantGroups(phone + ": 2 3 1")
		f.delete("3")
		f.wantGroups()
	}},
	{"DuplicateGroup returns an open group until its members change", func(f *fixture) {
		f.put(withContacts("1", "B", phone), withContacts("2", "A", phone, "a@example.com"), withContacts("3", "C", "a@example.com"))
		for _, want := range f.groups(100) {
			if got, err := f.DuplicateGroup(ctx, want.Key); err != nil || !slices.Equal(customerIDs(got.Customers), customerIDs(want.Customers)) || got.Shared != want.Shared {
				f.Errorf("DuplicateGroup(%q) = %+v, %v, want %+v", want.Key, got, err, want)
			}
		}
		keys := []string{"", "nonsense!", "0", strings.Repeat("z", 99)}
		for _, g := range f.groups(100) {
			keys = append(keys, g.Key)
		}
		f.keepApart("2 1")
		f.delete("3")
		for _, key := range keys {
			if got, err := f.DuplicateGroup(ctx, key); !errors.Is(err, customer.ErrNotFound) {
				f.Errorf("DuplicateGroup(%q) = %+v, %v, want ErrNotFound", key, got, err)
			}
		}
	}},
	{"KeepApart is rolled back with its transaction", func(f *fixture) {
		f.put(withContacts("1", "A", phone), withContacts("2", "B", phone))
		key := f.groups(1)[0].Key
		err := f.Update(ctx, func(tx customer.Tx) error { return errors.Join(tx.KeepApart(ctx, key), errRollback) })
		if !errors.Is(err, errRollback) {
			f.Errorf("Update() = %v, want errRollback", err)
		}
		f.wantGroups(phone + ": 1 2")
	}},
	{"KeepApart returns ErrNotFound for a closed or missing group", func(f *fixture) {
		f.put(withContacts("1", "A", phone), withContacts("2", "B", phone))
		key := f.groups(1)[0].Key
		f.keepApart("1 2")
		f.update(func(tx customer.Tx) error {
			for _, key := range []string{key, "", "nonsense!", "0", strings.Repeat("z", 99)} {
				if err := tx.KeepApart(ctx, key); !errors.Is(err, customer.ErrNotFound) {
					f.Errorf("KeepApart(%q) = %v, want ErrNotFound", key, err)
				}
			}
			return nil
		})
		if n := f.totals().Duplicates; n != 0 {
			f.Errorf("Totals().Duplicates = %d, want 0", n)
		}
	}},
	{"KeepApart returns ErrNotFound for a group changed in the same transaction", func(f *fixture) {
		f.put(withContacts("1", "A", phone), withContacts("2", "B", phone))
		key := f.groups(1)[0].Key
		f.update(func(tx customer.Tx) error {
			if err := tx.Put(ctx, withContacts("3", "C", phone)); err != nil {
				return err
			}
			if err := tx.KeepApart(ctx, key); !errors.Is(err, customer.ErrNotFound) {
				f.Errorf("KeepApart(a changed group) = %v, want ErrNotFound", err)
			}
			return nil
		})
		f.wantGroups(phone + ": 1 2 3")
	}},
	{"returns an empty page after an unknown position", func(f *fixture) {
		f.put(withContacts("1", "A", phone), withContacts("2", "B", phone))
		for _, after := range []string{"nonsense!", "-1", strings.Repeat("z", 99)} {
			if page, err := f.Duplicates(ctx, customer.DuplicateQuery{After: after, Limit: 9}); err != nil || len(page.Groups) > 0 || page.Next != "" {
				f.Errorf("Duplicates(after %q) = %+v, %v, want an empty page", after, page, err)
			}
		}
	}},
}
