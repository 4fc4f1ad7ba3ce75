package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/search"
)

// model is the expected content of a store, in the simplest form.
type model struct {
	customers map[string]customer.Customer
	deleted   []customer.Customer // oldest first
	separated map[string]bool     // by groupKey
}

func (m model) clone() model {
	return model{maps.Clone(m.customers), slices.Clone(m.deleted), maps.Clone(m.separated)}
}

// inListOrder returns the customers that pred selects, in list order.
func (m model) inListOrder(pred func(c customer.Customer) bool) (all []customer.Customer) {
	for _, c := range m.customers {
		if pred(c) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, compareListOrder)
	return all
}

func ownedBy(worker string) func(c customer.Customer) bool {
	return func(c customer.Customer) bool {
		return worker == "" && len(c.Workers) == 0 || slices.Contains(c.Workers, worker)
	}
}

// groups returns the IDs of each open group, joined and sorted.
func (m model) groups() (all []string) {
	byKey := map[string][]string{}
	for _, c := range m.inListOrder(func(customer.Customer) bool { return true }) {
		for _, key := range customer.ContactKeys(c) {
			byKey[key] = append(byKey[key], c.ID)
		}
	}
	for _, ids := range byKey {
		if len(ids) < 2 || len(ids) > customer.MaxSharing {
			continue
		}
		if group := strings.Join(ids, " "); !m.separated[groupKey(ids)] && !slices.Contains(all, group) {
			all = append(all, group)
		}
	}
	slices.Sort(all)
	return all
}

// groupKey identifies a group by its sorted IDs.
func groupKey(ids []string) string {
	return strings.Join(slices.Sorted(slices.Values(ids)), " ")
}

func (m *model) forgetDeletion(id string) {
	m.deleted = slices.DeleteFunc(m.deleted, func(c customer.Customer) bool { return c.ID == id })
}

// modelWorkers are the owners used; "" is unassigned.
var modelWorkers = []string{"", "ann", "bob", customer.Everyone, "carl@x.com"}

// randomChange makes the same random change to the store and to the model. It closes one
// of groups if there are any.
func randomChange(rng *rand.Rand, tx customer.Tx, m *model, groups []customer.DuplicateGroup) error {
	id := fmt.Sprintf("id-%02d", rng.IntN(60))
	_, exists := m.customers[id]
	if len(groups) > 0 {
		g := groups[rng.IntN(len(groups))]
		m.separated[groupKey(customerIDs(g.Customers))] = true
		return tx.KeepApart(ctx, g.Key)
	}
	switch n := rng.IntN(20); {
	case n < 11:
		c := customer.Customer{ID: id, Name: fmt.Sprintf("%c%d name", 'a'+rng.IntN(6), rng.IntN(40))}
		for _, w := range modelWorkers[1:] {
			if rng.IntN(4) == 0 {
				c.Workers = append(c.Workers, w)
			}
		}
		slices.Sort(c.Workers)
		for range rng.IntN(3) {
			ch := customer.Channel{Type: customer.Email, Value: fmt.Sprintf("p%d@example.com", rng.IntN(25))}
			if rng.IntN(2) == 0 {
				ch = customer.Channel{Type: customer.SMS, Value: fmt.Sprintf("+1555593010%d", rng.IntN(3))}
			}
			c.Channels = append(c.Channels, ch)
		}
		m.customers[id] = c
		m.forgetDeletion(id)
		return tx.Put(ctx, c)
	case n < 14 && exists:
		if n == 11 {
			m.deleted = append(m.deleted, m.customers[id])
			delete(m.customers, id)
			return tx.DeleteAndBlock(ctx, id, "me")
		}
		delete(m.customers, id)
		return tx.Delete(ctx, id)
	case n == 15:
		err := tx.AllowImport(ctx, id)
		if errors.Is(err, customer.ErrNotFound) && !slices.ContainsFunc(m.deleted, func(c customer.Customer) bool { return c.ID == id }) {
			return nil
		}
		m.forgetDeletion(id)
		return err
	case n == 16:
		from, to := modelWorkers[rng.IntN(len(modelWorkers))], modelWorkers[rng.IntN(len(modelWorkers))]
		if from == to {
			return nil
		}
		limit := 1 + rng.IntN(30)
		all := m.inListOrder(ownedBy(from))
		all = all[:min(len(all), limit)]
		for _, c := range all {
			workers := slices.DeleteFunc(slices.Clone(c.Workers), func(w string) bool { return w == from })
			if to != "" {
				workers = append(workers, to)
			}
			slices.Sort(workers)
			if c.Workers = slices.Compact(workers); len(workers) == 0 {
				c.Workers = nil
			}
			m.customers[c.ID] = c
		}
		moved, err := tx.Reassign(ctx, from, to, limit)
		if err == nil && moved != len(all) {
			err = fmt.Errorf("Reassign(%q, %q, %d) moved %d, want %d", from, to, limit, moved, len(all))
		}
		return err
	}
	return nil
}

var modelTests = []namedTest{
	{"agrees with a simple model after random changes", func(f *fixture) {
		rng := rand.New(rand.NewPCG(11, 12))
		m := model{map[string]customer.Customer{}, nil, map[string]bool{}}
		for round := range 40 {
			before := m.clone()
			var groups []customer.DuplicateGroup
			if rng.IntN(4) == 0 {
				groups = f.groups(7)
			}
			fails := rng.IntN(8) == 0
			err := f.Update(ctx, func(tx customer.Tx) error {
				for i := range 1 + rng.IntN(12) {
					if len(groups) > 0 && i > 0 {
						break
					}
					if err := randomChange(rng, tx, &m, groups); err != nil {
						return err
					}
				}
				if fails {
					return errRollback
				}
				return nil
			})
			if fails && errors.Is(err, errRollback) {
				m = before
			} else if err != nil {
				f.Fatalf("round %d: %v", round, err)
			}
			if rng.IntN(5) == 0 {
				f.compact()
			}
			if compareWithModel(f, rng, m); f.Failed() {
				f.Fatalf("after round %d", round)
			}
		}
	}},
}

// compareWithModel compares all results of AdminReader with the model.
func compareWithModel(f *fixture, rng *rand.Rand, m model) {
	f.Helper()
	limit := 1 + rng.IntN(9)
	compare := func(call string, want, got any) {
		f.Helper()
		if diff := cmp.Diff(want, got, nilIsEmpty); diff != "" {
			f.Errorf("%s (-want +got):\n%s", call, diff)
		}
	}
	every := func(customer.Customer) bool { return true }
	groups := m.groups()
	compare("Totals()", customer.Totals{Customers: len(m.customers), Unassigned: len(m.inListOrder(ownedBy(""))),
		Duplicates: len(groups), Deleted: len(m.deleted)}, f.totals())
	counts := map[string]int{}
	all, err := f.OwnerCounts(ctx)
	if err != nil {
		f.Error(err)
	}
	for _, h := range all {
		counts[h.Identity] = h.Customers
	}
	for _, w := range modelWorkers {
		scope, query := customer.Scope{Worker: w, Unassigned: w == ""}, []string{"a", "name", "b3", "p1@"}[rng.IntN(4)]
		owned := m.inListOrder(ownedBy(w))
		compare("ListAll("+w+")", customerIDs(owned), f.adminIDs(customer.AdminQuery{Scope: scope, Limit: limit}))
		compare("ListAll("+w+", "+query+")", matchingIDs(owned, query), f.adminIDs(customer.AdminQuery{Scope: scope, Query: query, Limit: limit}))
		if w != "" && counts[w] != len(owned) {
			f.Errorf("OwnerCounts()[%s] = %d, want %d", w, counts[w], len(owned))
		}
	}
	compare("ListAll()", customerIDs(m.inListOrder(every)), f.adminIDs(customer.AdminQuery{Limit: limit}))
	compare("ListAll(e)", matchingIDs(m.inListOrder(every), "e"), f.adminIDs(customer.AdminQuery{Query: "e", Limit: limit}))
	var open []string
	for _, g := range f.groups(limit) {
		open = append(open, strings.Join(customerIDs(g.Customers), " "))
		for _, c := range g.Customers {
			if !slices.Contains(customer.ContactKeys(c), g.Shared) {
				f.Errorf("Duplicates(): %s has no contact key %s", c.ID, g.Shared)
			}
		}
	}
	slices.Sort(open)
	compare("Duplicates()", groups, open)
	var deleted []string
	for i, r := range f.deletions(limit) {
		deleted = append(deleted, r.ID)
		if want := m.deleted[len(m.deleted)-1-i]; r.ID != want.ID {
			f.Errorf("Deletions()[%d] = %s, want %s", i, r.ID, want.ID)
		}
	}
	if len(deleted) != len(m.deleted) {
		f.Errorf("Deletions() = %d deletions, want %d", len(deleted), len(m.deleted))
	}
}

// matchingIDs returns the IDs of the customers that match, best first.
func matchingIDs(customers []customer.Customer, query string) (ids []string) {
	q := search.ParseQuery(query)
	for class := range search.ClassAny + 1 {
		for _, c := range customers {
			if got, ok := q.Match(customer.Document(c)); ok && got == class {
				ids = append(ids, c.ID)
			}
		}
	}
	return ids
}
