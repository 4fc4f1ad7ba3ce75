package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
)

// whole has every field set.
func whole() customer.Customer {
	return customer.Customer{
		ID: "00x/ü #1", Name: "Bobby \"S.\" <b>", Company: "Stark", JobTitle: "CEO",
		Channels: []customer.Channel{{Type: "sms", Value: "+15555930101"}, {Type: "whatsapp", Value: "whatsapp:+15555930101"},
			{Type: "email", Value: "Bobby@Example.com"}, {Type: "chat", Value: "bobby"}},
		Links:   []customer.Link{{Type: "CRM", Value: "https://crm.example.com/1", DisplayName: "Profile"}},
		Details: customer.Detail{Title: "Information", Content: "line 1\n\nline 3 \u2028 \t."},
		Avatar:  "https://example.com/b.png",
		Workers: []string{"ann@example.com", "bob"},
	}
}

var errOops = errors.New("oops")

var updateTests = []namedTest{
	{"keeps what was put as it stands", func(f *fixture) {
		f.put(whole())
		f.update(func(tx customer.Tx) error {
			got, err := tx.Get(ctx, whole().ID)
			if diff := cmp.Diff(whole(), got); diff != "" || err != nil {
				f.Errorf("Get: %v\n%s", err, diff)
			}
			return nil
		})
	}},
	{"puts in place of what was there, whole", func(f *fixture) {
		f.put(whole())
		bare := customer.Customer{ID: whole().ID, Name: "B"}
		f.put(bare)
		f.update(func(tx customer.Tx) error {
			got, err := tx.Get(ctx, bare.ID)
			if diff := cmp.Diff(bare, got); diff != "" || err != nil {
				f.Errorf("Get: %v\n%s", err, diff)
			}
			return nil
		})
		f.sameIDs(f.list(customer.ListQuery{Worker: "bob", Limit: 3}), "")
	}},
	{"keeps nothing when fn fails", func(f *fixture) {
		f.put(person("1", "A", "ann"))
		err := f.Update(ctx, func(tx customer.Tx) error {
			for i := range 50 {
				if err := tx.Put(ctx, person(fmt.Sprint(i), "X", "ann", "new worker")); err != nil {
					return err
				}
			}
			if err := tx.Delete(ctx, "1"); err != nil {
				return err
			}
			return errOops
		})
		if !errors.Is(err, errOops) {
			f.Errorf("err = %v", err)
		}
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "1")
		f.put(person("2", "B", "another worker"))
		f.sameIDs(f.list(customer.ListQuery{Worker: "new worker", Limit: 3}), "")
		f.put(person("3", "C", "new worker"))
		f.sameIDs(f.list(customer.ListQuery{Worker: "new worker", Limit: 3}), "3")
		f.sameIDs(f.list(customer.ListQuery{Worker: "another worker", Limit: 3}), "2")
	}},
	{"keeps nothing when fn panics, and goes on working", func(f *fixture) {
		func() {
			defer func() { recover() }()
			f.Update(ctx, func(tx customer.Tx) error {
				tx.Put(ctx, person("1", "A", "ann"))
				panic("oops")
			})
		}()
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "")
		f.put(person("2", "B", "ann"))
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "2")
	}},
	{"keeps nothing when the caller stops meanwhile", func(f *fixture) {
		stopped, cancel := context.WithCancel(ctx)
		err := f.Update(stopped, func(tx customer.Tx) error {
			err := tx.Put(ctx, person("1", "A", "ann"))
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) {
			f.Errorf("err = %v", err)
		}
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "")
	}},
	{"sees what it wrote, while readers do not", func(f *fixture) {
		c := whole()
		f.update(func(tx customer.Tx) error {
			if _, err := tx.Get(ctx, c.ID); !errors.Is(err, customer.ErrNotFound) {
				f.Errorf("before: %v", err)
			}
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
			if got, err := tx.Get(ctx, c.ID); err != nil || got.Name != c.Name {
				f.Errorf("after: %v, %v", got, err)
			}
			if found, err := tx.FindByContact(ctx, []string{"+15555930101"}); err != nil || !slices.Equal(found, []string{c.ID}) {
				f.Errorf("contact: %v, %v", found, err)
			}
			f.sameIDs(f.list(customer.ListQuery{Worker: "bob", Limit: 3}), "")
			if err := tx.Delete(ctx, c.ID); err != nil {
				return err
			}
			if _, err := tx.Get(ctx, c.ID); !errors.Is(err, customer.ErrNotFound) {
				f.Errorf("deleted: %v", err)
			}
			return nil
		})
		f.sameIDs(f.list(customer.ListQuery{Worker: "bob", Limit: 3}), "")
	}},
	{"what Get answered may be changed by the caller", func(f *fixture) {
		f.put(whole())
		f.update(func(tx customer.Tx) error {
			got, err := tx.Get(ctx, whole().ID)
			if err != nil {
				return err
			}
			got.Channels[0].Value, got.Workers[0], got.Links[0].Value = "changed", "changed", "changed"
			again, err := tx.Get(ctx, whole().ID)
			if diff := cmp.Diff(whole(), again); diff != "" {
				f.Error(diff)
			}
			return err
		})
	}},
	{"refuses what breaks a rule, and the rest of the transaction goes on", func(f *fixture) {
		f.update(func(tx customer.Tx) error {
			bad := person("1", " ", "ann")
			var invalid *customer.InvalidError
			if err := tx.Put(ctx, bad); !errors.As(err, &invalid) || invalid.Reason == "" {
				f.Errorf("err = %v", err)
			}
			return tx.Put(ctx, person("2", "B", "ann"))
		})
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "2")
	}},
	{"deleting what is not there is not found", func(f *fixture) {
		f.put(person("1", "A", "ann"))
		f.delete("1")
		f.update(func(tx customer.Tx) error {
			for _, id := range []string{"1", "2"} {
				if err := tx.Delete(ctx, id); !errors.Is(err, customer.ErrNotFound) {
					f.Errorf("Delete(%s) = %v", id, err)
				}
			}
			return nil
		})
	}},
	{"a transaction is of no use when it is over", func(f *fixture) {
		var late customer.Tx
		f.update(func(tx customer.Tx) error { late = tx; return nil })
		if err := late.Put(ctx, person("1", "A", "ann")); err == nil {
			f.Error("Put works")
		}
		if _, err := late.Get(ctx, "1"); err == nil || errors.Is(err, customer.ErrNotFound) {
			f.Errorf("Get: %v", err)
		}
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "")
	}},
	{"one runs at a time", func(f *fixture) {
		f.put(person("n", "0"))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 10 {
					if err := f.Update(ctx, func(tx customer.Tx) error {
						c, err := tx.Get(ctx, "n")
						if err != nil {
							return err
						}
						var n int
						fmt.Sscan(c.Name, &n)
						c.Name = fmt.Sprint(n + 1)
						return tx.Put(ctx, c)
					}); err != nil {
						f.Error(err)
					}
				}
			})
		}
		wg.Wait()
		f.update(func(tx customer.Tx) error {
			if c, err := tx.Get(ctx, "n"); err != nil || c.Name != "80" {
				f.Errorf("counted %q, %v", c.Name, err)
			}
			return nil
		})
	}},
	{"finds customers by contact", func(f *fixture) {
		a, b := whole(), person("b", "B")
		a.ID = "a"
		b.Channels = []customer.Channel{{Type: "whatsapp", Value: "whatsapp:+15555930101"}, {Type: "email", Value: "b@example.com"}, {Type: "sms", Value: "(020) 7946 0018"}}
		f.put(a, b)
		f.update(func(tx customer.Tx) error {
			for keys, want := range map[string]string{
				"+15555930101": "a b", "bobby@example.com": "a", "b@example.com": "b", "02079460018": "b", "nobody": "",
				"bobby@example.com b@example.com": "a b", "Bobby@Example.com": "", "": "",
			} {
				got, err := tx.FindByContact(ctx, strings.Fields(keys))
				if diff := cmp.Diff(strings.Fields(want), got, emptyIsNil); diff != "" || err != nil {
					f.Errorf("FindByContact(%s): %v\n%s", keys, err, diff)
				}
			}
			return nil
		})
		b.Channels = b.Channels[1:]
		f.put(b)
		f.delete("a")
		f.update(func(tx customer.Tx) error {
			if got, err := tx.FindByContact(ctx, []string{"+15555930101"}); len(got) != 0 || err != nil {
				f.Errorf("after changes: %v, %v", got, err)
			}
			return nil
		})
	}},
	{"finds at most a hundred by contact, the first by id", func(f *fixture) {
		for i := range 125 {
			c := person(fmt.Sprintf("%03d", 124-i), "C")
			c.Channels = []customer.Channel{{Type: "sms", Value: "+15555930101"}}
			f.put(c)
		}
		f.update(func(tx customer.Tx) error {
			got, err := tx.FindByContact(ctx, []string{"+15555930101"})
			if len(got) != customer.MaxFound || got[0] != "000" || got[99] != "099" || err != nil {
				f.Errorf("%v, %v", got, err)
			}
			return nil
		})
	}},
}
