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
			if err := tx.DeleteAndBlock(ctx, id, by); err != nil {
				return err
			}
		}
		return nil
	})
}

// deletions returns all recorded deletions, page by page.
func (f *fixture) deletions(limit int) (all []customer.Deletion) {
	f.Helper()
	var q customer.DeletionQuery
	for q.Limit = limit; ; {
		page, err := f.Store.Deletions(ctx, q)
		if err != nil || len(page.Deletions) > limit {
			f.Fatalf("Deletions(%+v) = %d deletions, %v", q, len(page.Deletions), err)
		}
		all = append(all, page.Deletions...)
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

func (f *fixture) wantDeletions(want string) {
	f.Helper()
	for _, limit := range []int{1, 2, 100} {
		got := []string{}
		for _, r := range f.deletions(limit) {
			got = append(got, r.ID)
		}
		f.wantIDs(fmt.Sprint("Deletions() in pages of ", limit), got, want)
	}
	if n := f.totals().Deleted; n != len(strings.Fields(want)) {
		f.Errorf("Totals().Deleted = %d, want those of %s", n, want)
	}
}

// findDeletion calls FindDeletion of Tx and of AdminReader, which must agree.
func (f *fixture) findDeletion(id string, keys ...string) (found customer.Deletion, ok bool) {
	f.Helper()
	f.update(func(tx customer.Tx) (err error) {
		found, ok, err = tx.FindDeletion(ctx, id, keys)
		return err
	})
	outside, ok2, err := f.FindDeletion(ctx, id, keys)
	if err != nil || ok2 != ok || outside != found {
		f.Errorf("FindDeletion(%s, %v) = %+v, %v, %v, but that of Tx = %+v, %v", id, keys, outside, ok2, err, found, ok)
	}
	return found, ok
}

var deletionTests = []namedTest{
	{"Remove deletes a customer and records who and when", func(f *fixture) {
		f.put(withContacts("1", "A", phone), withContacts("2", "B"))
		f.remove("me@example.com", "1")
		if _, err := f.Get(ctx, "1"); !errors.Is(err, customer.ErrNotFound) {
			f.Errorf("Get(1) = %v, want ErrNotFound", err)
		}
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 9}), "2")
		deletion, ok := f.findDeletion("1")
		want := customer.Deletion{ID: "1", At: f.clock.Now(), By: "me@example.com"}
		if !ok || deletion.ID != want.ID || deletion.By != want.By || !deletion.At.Equal(want.At) {
			f.Errorf("FindDeletion(1) = %+v, %v, want %+v", deletion, ok, want)
		}
		if _, ok := f.findDeletion("2"); ok {
			f.Error("FindDeletion(2) found a deletion")
		}
	}},
	{"Deletions returns the newest first", func(f *fixture) {
		for _, id := range strings.Fields("1 2 3 4 5") {
			f.put(withContacts(id, "A"))
			f.remove("me", id)
			f.clock.advance(time.Minute)
		}
		f.wantDeletions("5 4 3 2 1")
		f.update(func(tx customer.Tx) error { return tx.AllowImport(ctx, "3") })
		f.put(withContacts("2", "again"))
		f.remove("me", "2")
		f.wantDeletions("2 5 4 1")
	}},
	{"Delete records no deletion", func(f *fixture) {
		f.put(withContacts("1", "A", phone))
		f.delete("1")
		f.wantDeletions("")
		if _, ok := f.findDeletion("1", phone); ok {
			f.Error("FindDeletion(1) found a deletion after Delete")
		}
	}},
	{"a recorded deletion never expires", func(f *fixture) {
		f.put(withContacts("1", "A", phone), withContacts("2", "B"))
		f.remove("me", "1")
		f.clock.advance(400 * day)
		f.put(withContacts("3", "C")) // may trigger a cleanup
		f.wantDeletions("1")
		if _, ok := f.findDeletion("none", phone); !ok {
			f.Error("FindDeletion() does not find the phone number after 400 days")
		}
	}},
	{"a recorded deletion is found by a contact key that no customer has", func(f *fixture) {
		f.put(withContacts("1", "A", phone, "a@example.com"), withContacts("2", "B", phone))
		f.remove("me", "1")
		for keys, want := range map[string]bool{"a@example.com": true, phone: false, phone + " a@example.com": true, "b@example.com": false, "": false} {
			if deletion, ok := f.findDeletion("none", strings.Fields(keys)...); ok != want || ok && deletion.ID != "1" {
				f.Errorf("FindDeletion(none, %s) = %+v, %v, want %v", keys, deletion, ok, want)
			}
		}
		f.delete("2")
		if _, ok := f.findDeletion("none", phone); !ok {
			f.Error("FindDeletion() does not find the phone number that no customer has any more")
		}
	}},
	{"AllowImport and Put end a recorded deletion", func(f *fixture) {
		f.put(withContacts("1", "A", phone), withContacts("2", "B", phone2))
		f.remove("me", "1", "2")
		f.update(func(tx customer.Tx) error { return tx.AllowImport(ctx, "1") })
		if _, err := f.Get(ctx, "1"); !errors.Is(err, customer.ErrNotFound) {
			f.Errorf("Get() after Restore = %v, want ErrNotFound", err)
		}
		f.put(withContacts("2", "B"))
		f.wantDeletions("")
		f.put(withContacts("3", "C"))
		f.remove("me", "3")
		for _, id := range []string{"1", "2"} {
			if _, ok := f.findDeletion(id, phone, phone2); ok {
				f.Errorf("FindDeletion(%s) found a deletion that has ended", id)
			}
		}
	}},
	{"Put ends a recorded deletion whose tombstone has expired", func(f *fixture) {
		f.put(withContacts("1", "A", phone))
		f.remove("me", "1")
		f.clock.advance(40 * day)
		f.put(withContacts("9", "Z"))
		f.clock.advance(day)
		f.put(withContacts("8", "Y"))
		f.put(withContacts("1", "A"))
		f.wantDeletions("")
	}},
	{"Remove and Restore return ErrNotFound", func(f *fixture) {
		f.put(withContacts("1", "A"))
		f.remove("me", "1")
		f.update(func(tx customer.Tx) error {
			for call, err := range map[string]error{
				"DeleteAndBlock(a deleted customer)": tx.DeleteAndBlock(ctx, "1", "me"), "DeleteAndBlock(missing)": tx.DeleteAndBlock(ctx, "2", "me"), "AllowImport(missing)": tx.AllowImport(ctx, "2"),
			} {
				if !errors.Is(err, customer.ErrNotFound) {
					f.Errorf("%s = %v, want ErrNotFound", call, err)
				}
			}
			return nil
		})
		f.wantDeletions("1")
	}},
	{"a recorded deletion is visible in its transaction and rolled back with it", func(f *fixture) {
		f.put(withContacts("1", "A", phone))
		err := f.Update(ctx, func(tx customer.Tx) error {
			if err := tx.DeleteAndBlock(ctx, "1", "me"); err != nil {
				return err
			}
			if _, ok, err := tx.FindDeletion(ctx, "1", nil); !ok || err != nil {
				f.Errorf("FindDeletion(1) = %v, %v in its transaction", ok, err)
			}
			return errRollback
		})
		if !errors.Is(err, errRollback) {
			f.Errorf("Update() = %v, want errRollback", err)
		}
		f.wantDeletions("")
		f.wantIDs("ListAll()", f.adminIDs(customer.AdminQuery{Limit: 9}), "1")
	}},
	{"Deletions returns an empty page after an unknown position", func(f *fixture) {
		f.put(withContacts("1", "A"))
		f.remove("me", "1")
		if page, err := f.Store.Deletions(ctx, customer.DeletionQuery{After: "nonsense", Limit: 9}); err != nil || len(page.Deletions) > 0 || page.Next != "" {
			f.Errorf("Deletions(after nonsense) = %+v, %v, want an empty page", page, err)
		}
		if got := f.deletions(9); !slices.ContainsFunc(got, func(r customer.Deletion) bool { return r.ID == "1" }) {
			f.Errorf("Deletions() = %+v, want 1", got)
		}
	}},
}
