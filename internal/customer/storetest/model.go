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
)

// model is what a store should hold, kept the simplest way.
type model struct {
	customers map[string]customer.Customer
	removed   []customer.Customer // the oldest first
	apart     map[string]bool     // ids of groups, joined
}

func (m model) clone() model {
	return model{maps.Clone(m.customers), slices.Clone(m.removed), maps.Clone(m.apart)}
}

// inOrder answers those that pred wants, in list order.
func (m model) inOrder(pred func(c customer.Customer) bool) (all []customer.Customer) {
	for _, c := range m.customers {
		if pred(c) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, inListOrder)
	return all
}

func isOf(worker string) func(c customer.Customer) bool {
	return func(c customer.Customer) bool {
		return worker == "" && len(c.Workers) == 0 || slices.Contains(c.Workers, worker)
	}
}

// groups answers the members of the open groups, joined, in order.
func (m model) groups() (all []string) {
	at := map[string][]string{}
	for _, c := range m.inOrder(func(customer.Customer) bool { return true }) {
		for _, key := range customer.ContactKeys(c) {
			at[key] = append(at[key], c.ID)
		}
	}
	for _, ids := range at {
		if len(ids) < 2 || len(ids) > customer.MaxSharing {
			continue
		}
		if group := strings.Join(ids, " "); !m.apart[groupOf(ids)] && !slices.Contains(all, group) {
			all = append(all, group)
		}
	}
	slices.Sort(all)
	return all
}

// groupOf names a group whatever its order, which changes with names.
func groupOf(ids []string) string {
	return strings.Join(slices.Sorted(slices.Values(ids)), " ")
}

func (m *model) forget(id string) {
	m.removed = slices.DeleteFunc(m.removed, func(c customer.Customer) bool { return c.ID == id })
}

// modelWorkers are who customers belong to; "" is nobody.
var modelWorkers = []string{"", "ann", "bob", customer.Everyone, "carl@x.com"}

// act does something at random to the store and to the model: closes one of these
// groups or, when there are none, anything else.
func act(rng *rand.Rand, tx customer.Tx, m *model, groups []customer.DuplicateGroup) error {
	id := fmt.Sprintf("id-%02d", rng.IntN(60))
	_, there := m.customers[id]
	if len(groups) > 0 {
		g := groups[rng.IntN(len(groups))]
		m.apart[groupOf(idsOf(g.Customers))] = true
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
		m.forget(id)
		return tx.Put(ctx, c)
	case n < 14 && there:
		if n == 11 {
			m.removed = append(m.removed, m.customers[id])
			delete(m.customers, id)
			return tx.Remove(ctx, id, "me")
		}
		delete(m.customers, id)
		return tx.Delete(ctx, id)
	case n == 15:
		err := tx.Restore(ctx, id)
		if errors.Is(err, customer.ErrNotFound) && !slices.ContainsFunc(m.removed, func(c customer.Customer) bool { return c.ID == id }) {
			return nil
		}
		m.forget(id)
		return err
	case n == 16:
		from, to := modelWorkers[rng.IntN(len(modelWorkers))], modelWorkers[rng.IntN(len(modelWorkers))]
		if from == to {
			return nil
		}
		limit := 1 + rng.IntN(30)
		all := m.inOrder(isOf(from))
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
	{"agrees with the simplest store after whatever happens", func(f *fixture) {
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
					if err := act(rng, tx, &m, groups); err != nil {
						return err
					}
				}
				if fails {
					return errOops
				}
				return nil
			})
			if fails && errors.Is(err, errOops) {
				m = before
			} else if err != nil {
				f.Fatalf("round %d: %v", round, err)
			}
			if rng.IntN(5) == 0 {
				f.compact()
			}
			if agrees(f, rng, m); f.Failed() {
				f.Fatalf("in round %d", round)
			}
		}
	}},
}

// agrees compares all that the register answers with the model.
func agrees(f *fixture, rng *rand.Rand, m model) {
	f.Helper()
	limit := 1 + rng.IntN(9)
	compare := func(what string, want, got any) {
		f.Helper()
		if diff := cmp.Diff(want, got, emptyIsNil); diff != "" {
			f.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	everyone := func(customer.Customer) bool { return true }
	groups := m.groups()
	compare("totals", customer.Totals{Customers: len(m.customers), Unassigned: len(m.inOrder(isOf(""))),
		Duplicates: len(groups), Removed: len(m.removed)}, f.totals())
	holdings := map[string]int{}
	all, err := f.OwnerCounts(ctx)
	if err != nil {
		f.Error(err)
	}
	for _, h := range all {
		holdings[h.Identity] = h.Customers
	}
	for _, w := range modelWorkers {
		scope, query := customer.Scope{Worker: w, Unassigned: w == ""}, []string{"a", "name", "b3", "p1@"}[rng.IntN(4)]
		whose := m.inOrder(isOf(w))
		compare("of "+w, idsOf(whose), f.walkEverybody(customer.AdminQuery{Scope: scope, Limit: limit}))
		compare("of "+w+" with "+query, matching(whose, query), f.walkEverybody(customer.AdminQuery{Scope: scope, Query: query, Limit: limit}))
		if w != "" && holdings[w] != len(whose) {
			f.Errorf("%s holds %d, want %d", w, holdings[w], len(whose))
		}
	}
	compare("everybody", idsOf(m.inOrder(everyone)), f.walkEverybody(customer.AdminQuery{Limit: limit}))
	compare("everybody with e", matching(m.inOrder(everyone), "e"), f.walkEverybody(customer.AdminQuery{Query: "e", Limit: limit}))
	var open []string
	for _, g := range f.groups(limit) {
		open = append(open, strings.Join(idsOf(g.Customers), " "))
		for _, c := range g.Customers {
			if !slices.Contains(customer.ContactKeys(c), g.Shared) {
				f.Errorf("%s does not have %s", c.ID, g.Shared)
			}
		}
	}
	slices.Sort(open)
	compare("groups", groups, open)
	var removed []string
	for i, r := range f.removals(limit) {
		removed = append(removed, r.ID)
		if want := m.removed[len(m.removed)-1-i]; r.ID != want.ID {
			f.Errorf("removal %d is of %s, want %s", i, r.ID, want.ID)
		}
	}
	if len(removed) != len(m.removed) {
		f.Errorf("%d removals, want %d", len(removed), len(m.removed))
	}
}

// matching answers the ids of those that match, as a search would.
func matching(customers []customer.Customer, query string) (ids []string) {
	q := customer.ParseQuery(query)
	for class := range customer.ClassAny + 1 {
		for _, c := range customers {
			if got, ok := q.Match(customer.Document(c)); ok && got == class {
				ids = append(ids, c.ID)
			}
		}
	}
	return ids
}
