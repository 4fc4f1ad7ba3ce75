package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
)

// reached is a customer who can be reached at these addresses.
func reached(id, name string, addresses ...string) customer.Customer {
	c := person(id, name, "ann")
	for _, a := range addresses {
		kind := customer.SMS
		if strings.Contains(a, "@") {
			kind = customer.Email
		}
		c.Channels = append(c.Channels, customer.Channel{Type: kind, Value: a})
	}
	return c
}

// groups answers all groups of duplicates, page by page.
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

// sameGroups compares the open groups with "shared: ids" each, in any order.
func (f *fixture) sameGroups(want ...string) {
	f.Helper()
	for _, limit := range []int{1, 100} {
		var got []string
		for _, g := range f.groups(limit) {
			got = append(got, g.Shared+": "+strings.Join(idsOf(g.Customers), " "))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			f.Errorf("groups in pages of %d: %q, want %q", limit, got, want)
		}
	}
	if n := f.totals().Duplicates; n != len(want) {
		f.Errorf("%d groups are counted, want %d", n, len(want))
	}
}

// keepApart closes the group of these, "1 2".
func (f *fixture) keepApart(ids string) {
	f.Helper()
	for _, g := range f.groups(100) {
		if strings.Join(idsOf(g.Customers), " ") == ids {
			f.update(func(tx customer.Tx) error { return tx.KeepApart(ctx, g.Key) })
			return
		}
	}
	f.Fatalf("there is no group of %s", ids)
}

const (
	phone  = "+15555930101"
	phone2 = "+15555930102"
)

var duplicateTests = []namedTest{
	{"are those who share an e-mail address or a number", func(f *fixture) {
		f.put(reached("1", "Zoe", "z@example.com"), reached("2", "Anna", "Z@Example.com"), reached("3", "Bo", phone), reached("4", "Bea", phone, "b@example.com"),
			reached("5", "Cy", "c@example.com"))
		f.sameGroups("z@example.com: 2 1", phone+": 4 3")
	}},
	{"who share several addresses are one group, named by an e-mail address", func(f *fixture) {
		f.put(reached("1", "A", phone, "a@example.com", phone2), reached("2", "B", phone2, "A@example.com", phone))
		f.sameGroups("a@example.com: 1 2")
		f.put(reached("3", "C", phone))
		f.sameGroups("a@example.com: 1 2", phone+": 1 2 3")
	}},
	{"count whoever's they are", func(f *fixture) {
		a, b := reached("1", "A", phone), reached("2", "B", phone)
		a.Workers, b.Workers = nil, []string{customer.Everyone}
		f.put(a, b)
		f.sameGroups(phone + ": 1 2")
	}},
	{"come and go with what is shared", func(f *fixture) {
		f.put(reached("1", "A", phone), reached("2", "B", phone), reached("3", "C", "c@example.com"))
		f.put(reached("2", "B", phone2))
		f.sameGroups()
		f.put(reached("2", "B", phone2, "c@example.com"), reached("1", "A", phone2))
		f.sameGroups("c@example.com: 2 3", phone2+": 1 2")
		f.delete("2")
		f.sameGroups()
		f.put(reached("2", "B", phone2))
		f.sameGroups(phone2 + ": 1 2")
		f.update(func(tx customer.Tx) error { return tx.Remove(ctx, "1", "me") })
		f.sameGroups()
	}},
	{"are not those who share a line with very many", func(f *fixture) {
		for i := range customer.MaxSharing {
			f.put(reached(fmt.Sprintf("%02d", i), "A", phone))
		}
		if groups := f.groups(10); len(groups) != 1 || len(groups[0].Customers) != customer.MaxSharing || f.totals().Duplicates != 1 {
			f.Errorf("%d groups, %d counted", len(groups), f.totals().Duplicates)
		}
		f.put(reached("one more", "A", phone))
		f.sameGroups()
		f.delete("00")
		if n := f.totals().Duplicates; n != 1 {
			f.Errorf("%d groups when one has left", n)
		}
	}},
	{"that are kept apart are no group until their members change", func(f *fixture) {
		f.put(reached("1", "A", phone, "a@example.com"), reached("2", "B", phone, "a@example.com"))
		f.keepApart("1 2")
		f.sameGroups()
		f.put(reached("1", "New name", phone, "a@example.com"))
		f.sameGroups()
		f.put(reached("3", "C", phone))
		f.sameGroups(phone + ": 2 3 1")
		f.delete("3")
		f.sameGroups()
	}},
	{"are kept apart for nothing when the transaction fails", func(f *fixture) {
		f.put(reached("1", "A", phone), reached("2", "B", phone))
		key := f.groups(1)[0].Key
		err := f.Update(ctx, func(tx customer.Tx) error { return errors.Join(tx.KeepApart(ctx, key), errOops) })
		if !errors.Is(err, errOops) {
			f.Error(err)
		}
		f.sameGroups(phone + ": 1 2")
	}},
	{"are kept apart once, and not when there are none", func(f *fixture) {
		f.put(reached("1", "A", phone), reached("2", "B", phone))
		key := f.groups(1)[0].Key
		f.keepApart("1 2")
		f.update(func(tx customer.Tx) error {
			for _, key := range []string{key, "", "nonsense!", "0", strings.Repeat("z", 99)} {
				if err := tx.KeepApart(ctx, key); !errors.Is(err, customer.ErrNotFound) {
					f.Errorf("KeepApart(%q): %v", key, err)
				}
			}
			return nil
		})
		if n := f.totals().Duplicates; n != 0 {
			f.Errorf("%d groups", n)
		}
	}},
	{"are found in the transaction that made them", func(f *fixture) {
		f.put(reached("1", "A", phone), reached("2", "B", phone))
		key := f.groups(1)[0].Key
		f.update(func(tx customer.Tx) error {
			if err := tx.Put(ctx, reached("3", "C", phone)); err != nil {
				return err
			}
			if err := tx.KeepApart(ctx, key); !errors.Is(err, customer.ErrNotFound) {
				f.Errorf("a group that has changed: %v", err)
			}
			return nil
		})
		f.sameGroups(phone + ": 1 2 3")
	}},
	{"have nothing after what is no page", func(f *fixture) {
		f.put(reached("1", "A", phone), reached("2", "B", phone))
		for _, after := range []string{"nonsense!", "-1", strings.Repeat("z", 99)} {
			if page, err := f.Duplicates(ctx, customer.DuplicateQuery{After: after, Limit: 9}); err != nil || len(page.Groups) > 0 || page.Next != "" {
				f.Errorf("after %q: %+v, %v", after, page, err)
			}
		}
	}},
}
