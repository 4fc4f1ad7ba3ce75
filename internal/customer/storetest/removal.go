package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
)

func (f *fixture) remove(by string, ids ...string) {
	f.Helper()
	f.update(func(tx customer.Tx) error {
		for _, id := range ids {
			if err := tx.Remove(ctx, id, by); err != nil {
				return err
			}
		}
		return nil
	})
}

// removals answers all removals, page by page.
func (f *fixture) removals(limit int) (all []customer.Removal) {
	f.Helper()
	var q customer.RemovedQuery
	for q.Limit = limit; ; {
		page, err := f.Store.Removed(ctx, q)
		if err != nil || len(page.Removals) > limit {
			f.Fatalf("Removed(%+v): %d, %v", q, len(page.Removals), err)
		}
		all = append(all, page.Removals...)
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

func (f *fixture) sameRemovals(want string) {
	f.Helper()
	for _, limit := range []int{1, 2, 100} {
		got := []string{}
		for _, r := range f.removals(limit) {
			got = append(got, r.ID)
		}
		f.same(fmt.Sprint("removals in pages of ", limit), got, want)
	}
	if n := f.totals().Removed; n != len(strings.Fields(want)) {
		f.Errorf("%d removals are counted, want %s", n, want)
	}
}

// wasRemoved asks a transaction, and the register, for a removal.
func (f *fixture) wasRemoved(id string, keys ...string) (found customer.Removal, ok bool) {
	f.Helper()
	f.update(func(tx customer.Tx) (err error) {
		found, ok, err = tx.Removed(ctx, id, keys)
		return err
	})
	beside, ok2, err := f.FindRemoved(ctx, id, keys)
	if err != nil || ok2 != ok || beside != found {
		f.Errorf("FindRemoved(%s, %v) = %+v, %v, %v, in a transaction %+v, %v", id, keys, beside, ok2, err, found, ok)
	}
	return found, ok
}

var removalTests = []namedTest{
	{"deletes, and is remembered", func(f *fixture) {
		f.put(reached("1", "A", phone), reached("2", "B"))
		f.remove("me@example.com", "1")
		if _, err := f.Get(ctx, "1"); !errors.Is(err, customer.ErrNotFound) {
			f.Errorf("Get: %v", err)
		}
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 9}), "2")
		removal, ok := f.wasRemoved("1")
		want := customer.Removal{ID: "1", At: f.clock.Now(), By: "me@example.com"}
		if !ok || removal.ID != want.ID || removal.By != want.By || !removal.At.Equal(want.At) {
			f.Errorf("removal %+v, %v, want %+v", removal, ok, want)
		}
		if _, ok := f.wasRemoved("2"); ok {
			f.Error("2 was removed")
		}
	}},
	{"is told newest first", func(f *fixture) {
		for _, id := range strings.Fields("1 2 3 4 5") {
			f.put(reached(id, "A"))
			f.remove("me", id)
			f.clock.advance(time.Minute)
		}
		f.sameRemovals("5 4 3 2 1")
		f.update(func(tx customer.Tx) error { return tx.Restore(ctx, "3") })
		f.put(reached("2", "again"))
		f.remove("me", "2")
		f.sameRemovals("2 5 4 1")
	}},
	{"is no other deletion", func(f *fixture) {
		f.put(reached("1", "A", phone))
		f.delete("1")
		f.sameRemovals("")
		if _, ok := f.wasRemoved("1", phone); ok {
			f.Error("it was removed")
		}
	}},
	{"lasts for ever", func(f *fixture) {
		f.put(reached("1", "A", phone), reached("2", "B"))
		f.remove("me", "1")
		f.clock.advance(400 * day)
		f.put(reached("3", "C")) // an occasion to throw things away
		f.sameRemovals("1")
		if _, ok := f.wasRemoved("none", phone); !ok {
			f.Error("the number is forgotten")
		}
	}},
	{"is known by an address that nobody has by now", func(f *fixture) {
		f.put(reached("1", "A", phone, "a@example.com"), reached("2", "B", phone))
		f.remove("me", "1")
		for keys, want := range map[string]bool{"a@example.com": true, phone: false, phone + " a@example.com": true, "b@example.com": false, "": false} {
			if removal, ok := f.wasRemoved("none", strings.Fields(keys)...); ok != want || ok && removal.ID != "1" {
				f.Errorf("%s: %+v, %v", keys, removal, ok)
			}
		}
		f.delete("2")
		if _, ok := f.wasRemoved("none", phone); !ok {
			f.Error("the number, which nobody has any more, is not known")
		}
	}},
	{"is over when it is restored, or somebody adds the same again", func(f *fixture) {
		f.put(reached("1", "A", phone), reached("2", "B", phone2))
		f.remove("me", "1", "2")
		f.update(func(tx customer.Tx) error { return tx.Restore(ctx, "1") })
		if _, err := f.Get(ctx, "1"); !errors.Is(err, customer.ErrNotFound) {
			f.Errorf("restoring brought it back: %v", err)
		}
		f.put(reached("2", "B"))
		f.sameRemovals("")
		f.put(reached("3", "C"))
		f.remove("me", "3")
		for _, id := range []string{"1", "2"} {
			if _, ok := f.wasRemoved(id, phone, phone2); ok {
				f.Errorf("something of %s is still remembered", id)
			}
		}
	}},
	{"is over also when the tombstone is gone", func(f *fixture) {
		f.put(reached("1", "A", phone))
		f.remove("me", "1")
		f.clock.advance(40 * day)
		f.put(reached("9", "Z"))
		f.clock.advance(day)
		f.put(reached("8", "Y"))
		f.put(reached("1", "A"))
		f.sameRemovals("")
	}},
	{"of what is not there is not found", func(f *fixture) {
		f.put(reached("1", "A"))
		f.remove("me", "1")
		f.update(func(tx customer.Tx) error {
			for what, err := range map[string]error{
				"Remove again": tx.Remove(ctx, "1", "me"), "Remove nobody": tx.Remove(ctx, "2", "me"), "Restore nobody": tx.Restore(ctx, "2"),
			} {
				if !errors.Is(err, customer.ErrNotFound) {
					f.Errorf("%s: %v", what, err)
				}
			}
			return nil
		})
		f.sameRemovals("1")
	}},
	{"is seen in its transaction, and kept only with it", func(f *fixture) {
		f.put(reached("1", "A", phone))
		err := f.Update(ctx, func(tx customer.Tx) error {
			if err := tx.Remove(ctx, "1", "me"); err != nil {
				return err
			}
			if _, ok, err := tx.Removed(ctx, "1", nil); !ok || err != nil {
				f.Errorf("%v, %v", ok, err)
			}
			return errOops
		})
		if !errors.Is(err, errOops) {
			f.Error(err)
		}
		f.sameRemovals("")
		f.same("everybody", f.walkEverybody(customer.AdminQuery{Limit: 9}), "1")
	}},
	{"is followed by nothing after what is no page", func(f *fixture) {
		f.put(reached("1", "A"))
		f.remove("me", "1")
		if page, err := f.Store.Removed(ctx, customer.RemovedQuery{After: "nonsense", Limit: 9}); err != nil || len(page.Removals) > 0 || page.Next != "" {
			f.Errorf("%+v, %v", page, err)
		}
		if got := f.removals(9); !slices.ContainsFunc(got, func(r customer.Removal) bool { return r.ID == "1" }) {
			f.Errorf("%+v", got)
		}
	}},
}
