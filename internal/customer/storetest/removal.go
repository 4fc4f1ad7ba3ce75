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

// removals returns all removals, page by page.
func (f *fixture) removals(limit int) (all []customer.Removal) {
	f.Helper()
	var q customer.RemovedQuery
	for q.Limit = limit; ; {
		page, err := f.Store.Removed(ctx, q)
		if err != nil || len(page.Removals) > limit {
			f.Fatalf("Removed(%+v) = %d removals, %v", q, len(page.Removals), err)
		}
		all = append(all, page.Removals...)
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

func (f *fixture) wantRemovals(want string) {
	f.Helper()
	for _, limit := range []int{1, 2, 100} {
		got := []string{}
		for _, r := range f.removals(limit) {
			got = append(got, r.ID)
		}
		f.wantIDs(fmt.Sprint("Removed() in pages of ", limit), got, want)
	}
	if n := f.totals().Removed; n != len(strings.Fields(want)) {
		f.Errorf("Totals().Removed = %d, want those of %s", n, want)
	}
}

// findRemoved calls Tx.Removed and FindRemoved, which must agree.
func (f *fixture) findRemoved(id string, keys ...string) (found customer.Removal, ok bool) {
	f.Helper()
	f.update(func(tx customer.Tx) (err error) {
		found, ok, err = tx.Removed(ctx, id, keys)
		return err
	})
	outside, ok2, err := f.FindRemoved(ctx, id, keys)
	if err != nil || ok2 != ok || outside != found {
		f.Errorf("FindRemoved(%s, %v) = %+v, %v, %v, but Tx.Removed() = %+v, %v", id, keys, outside, ok2, err, found, ok)
	}
	return found, ok
}

var removalTests = []namedTest{
	{"Remove deletes a customer and records who and when", func(f *fixture) {
		f.put(withContacts("1", "A", phone), withContacts("2", "B"))
		f.remove("me@example.com", "1")
		if _, err := f.Get(ctx, "1"); !errors.Is(err, customer.ErrNotFound) {
			f.Errorf("Get(1) = %v, want ErrNotFound", err)
		}
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 9}), "2")
		removal, ok := f.findRemoved("1")
		want := customer.Removal{ID: "1", At: f.clock.Now(), By: "me@example.com"}
		if !ok || removal.ID != want.ID || removal.By != want.By || !removal.At.Equal(want.At) {
			f.Errorf("Removed(1) = %+v, %v, want %+v", removal, ok, want)
		}
		if _, ok := f.findRemoved("2"); ok {
			f.Error("Removed(2) found a removal")
		}
	}},
	{"Removed returns the newest first", func(f *fixture) {
		for _, id := range strings.Fields("1 2 3 4 5") {
			f.put(withContacts(id, "A"))
			f.remove("me", id)
			f.clock.advance(time.Minute)
		}
		f.wantRemovals("5 4 3 2 1")
		f.update(func(tx customer.Tx) error { return tx.Restore(ctx, "3") })
		f.put(withContacts("2", "again"))
		f.remove("me", "2")
		f.wantRemovals("2 5 4 1")
	}},
	{"Delete records no removal", func(f *fixture) {
		f.put(withContacts("1", "A", phone))
		f.delete("1")
		f.wantRemovals("")
		if _, ok := f.findRemoved("1", phone); ok {
			f.Error("Removed(1) found a removal after Delete")
		}
	}},
	{"a removal never expires", func(f *fixture) {
		f.put(withContacts("1", "A", phone), withContacts("2", "B"))
		f.remove("me", "1")
		f.clock.advance(400 * day)
		f.put(withContacts("3", "C")) // may trigger a cleanup
		f.wantRemovals("1")
		if _, ok := f.findRemoved("none", phone); !ok {
			f.Error("Removed() does not find the phone number after 400 days")
		}
	}},
	{"a removal is found by a contact key that no customer has", func(f *fixture) {
		f.put(withContacts("1", "A", phone, "a@example.com"), withContacts("2", "B", phone))
		f.remove("me", "1")
		for keys, want := range map[string]bool{"a@example.com": true, phone: false, phone + " a@example.com": true, "b@example.com": false, "": false} {
			if removal, ok := f.findRemoved("none", strings.Fields(keys)...); ok != want || ok && removal.ID != "1" {
				f.Errorf("Removed(none, %s) = %+v, %v, want %v", keys, removal, ok, want)
			}
		}
		f.delete("2")
		if _, ok := f.findRemoved("none", phone); !ok {
			f.Error("Removed() does not find the phone number that no customer has any more")
		}
	}},
	{"Restore and Put end a removal", func(f *fixture) {
		f.put(withContacts("1", "A", phone), withContacts("2", "B", phone2))
		f.remove("me", "1", "2")
		f.update(func(tx customer.Tx) error { return tx.Restore(ctx, "1") })
		if _, err := f.Get(ctx, "1"); !errors.Is(err, customer.ErrNotFound) {
			f.Errorf("Get() after Restore = %v, want ErrNotFound", err)
		}
		f.put(withContacts("2", "B"))
		f.wantRemovals("")
		f.put(withContacts("3", "C"))
		f.remove("me", "3")
		for _, id := range []string{"1", "2"} {
			if _, ok := f.findRemoved(id, phone, phone2); ok {
				f.Errorf("Removed(%s) found a removal that has ended", id)
			}
		}
	}},
	{"Put ends a removal whose tombstone has expired", func(f *fixture) {
		f.put(withContacts("1", "A", phone))
		f.remove("me", "1")
		f.clock.advance(40 * day)
		f.put(withContacts("9", "Z"))
		f.clock.advance(day)
		f.put(withContacts("8", "Y"))
		f.put(withContacts("1", "A"))
		f.wantRemovals("")
	}},
	{"Remove and Restore return ErrNotFound", func(f *fixture) {
		f.put(withContacts("1", "A"))
		f.remove("me", "1")
		f.update(func(tx customer.Tx) error {
			for call, err := range map[string]error{
				"Remove(a removed customer)": tx.Remove(ctx, "1", "me"), "Remove(missing)": tx.Remove(ctx, "2", "me"), "Restore(missing)": tx.Restore(ctx, "2"),
			} {
				if !errors.Is(err, customer.ErrNotFound) {
					f.Errorf("%s = %v, want ErrNotFound", call, err)
				}
			}
			return nil
		})
		f.wantRemovals("1")
	}},
	{"a removal is visible in its transaction and rolled back with it", func(f *fixture) {
		f.put(withContacts("1", "A", phone))
		err := f.Update(ctx, func(tx customer.Tx) error {
			if err := tx.Remove(ctx, "1", "me"); err != nil {
				return err
			}
			if _, ok, err := tx.Removed(ctx, "1", nil); !ok || err != nil {
				f.Errorf("Removed(1) = %v, %v in its transaction", ok, err)
			}
			return errRollback
		})
		if !errors.Is(err, errRollback) {
			f.Errorf("Update() = %v, want errRollback", err)
		}
		f.wantRemovals("")
		f.wantIDs("ListAll()", f.adminIDs(customer.AdminQuery{Limit: 9}), "1")
	}},
	{"Removed returns an empty page after an unknown position", func(f *fixture) {
		f.put(withContacts("1", "A"))
		f.remove("me", "1")
		if page, err := f.Store.Removed(ctx, customer.RemovedQuery{After: "nonsense", Limit: 9}); err != nil || len(page.Removals) > 0 || page.Next != "" {
			f.Errorf("Removed(after nonsense) = %+v, %v, want an empty page", page, err)
		}
		if got := f.removals(9); !slices.ContainsFunc(got, func(r customer.Removal) bool { return r.ID == "1" }) {
			f.Errorf("Removed() = %+v, want 1", got)
		}
	}},
}
