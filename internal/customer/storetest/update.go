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

// fullCustomer returns a customer with every field set.
func fullCustomer() customer.Customer {
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

var errRollback = errors.New("oops")

var updateTests = []namedTest{
	{"Put stores every field unchanged", func(f *fixture) {
		f.put(fullCustomer())
		f.update(func(tx customer.Tx) error {
			got, err := tx.Get(ctx, fullCustomer().ID)
			if diff := cmp.Diff(fullCustomer(), got); diff != "" || err != nil {
				f.Errorf("Get(): %v (-want +got):\n%s", err, diff)
			}
			return nil
		})
	}},
	{"Put replaces the whole customer", func(f *fixture) {
		f.put(fullCustomer())
		bare := customer.Customer{ID: fullCustomer().ID, Name: "B"}
		f.put(bare)
		f.update(func(tx customer.Tx) error {
			got, err := tx.Get(ctx, bare.ID)
			if diff := cmp.Diff(bare, got); diff != "" || err != nil {
				f.Errorf("Get(): %v (-want +got):\n%s", err, diff)
			}
			return nil
		})
		f.wantRows(f.list(customer.ListQuery{Worker: "bob", Limit: 3}), "")
	}},
	{"rolls back when fn fails", func(f *fixture) {
		f.put(newCustomer("1", "A", "ann"))
		err := f.Update(ctx, func(tx customer.Tx) error {
			for i := range 50 {
				if err := tx.Put(ctx, newCustomer(fmt.Sprint(i), "X", "ann", "new worker")); err != nil {
					return err
				}
			}
			if err := tx.Delete(ctx, "1"); err != nil {
				return err
			}
			return errRollback
		})
		if !errors.Is(err, errRollback) {
			f.Errorf("Update() = %v, want errRollback", err)
		}
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "1")
		f.put(newCustomer("2", "B", "another worker"))
		f.wantRows(f.list(customer.ListQuery{Worker: "new worker", Limit: 3}), "")
		f.put(newCustomer("3", "C", "new worker"))
		f.wantRows(f.list(customer.ListQuery{Worker: "new worker", Limit: 3}), "3")
		f.wantRows(f.list(customer.ListQuery{Worker: "another worker", Limit: 3}), "2")
	}},
	{"rolls back when fn panics, and works afterwards", func(f *fixture) {
		func() {
			defer func() { recover() }()
			f.Update(ctx, func(tx customer.Tx) error {
				tx.Put(ctx, newCustomer("1", "A", "ann"))
				panic("oops")
			})
		}()
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "")
		f.put(newCustomer("2", "B", "ann"))
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "2")
	}},
	{"rolls back when the context is canceled", func(f *fixture) {
		stopped, cancel := context.WithCancel(ctx)
		err := f.Update(stopped, func(tx customer.Tx) error {
			err := tx.Put(ctx, newCustomer("1", "A", "ann"))
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) {
			f.Errorf("Update() = %v, want context.Canceled", err)
		}
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "")
	}},
	{"sees its own writes, readers do not", func(f *fixture) {
		c := fullCustomer()
		f.update(func(tx customer.Tx) error {
			if _, err := tx.Get(ctx, c.ID); !errors.Is(err, customer.ErrNotFound) {
				f.Errorf("Get() before Put = %v, want ErrNotFound", err)
			}
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
			if got, err := tx.Get(ctx, c.ID); err != nil || got.Name != c.Name {
				f.Errorf("Get() after Put = %v, %v", got, err)
			}
			if found, err := tx.FindByContact(ctx, []string{"+15555930101"}); err != nil || !slices.Equal(found, []string{c.ID}) {
				f.Errorf("FindByContact() = %v, %v, want %s", found, err, c.ID)
			}
			f.wantRows(f.list(customer.ListQuery{Worker: "bob", Limit: 3}), "")
			if err := tx.Delete(ctx, c.ID); err != nil {
				return err
			}
			if _, err := tx.Get(ctx, c.ID); !errors.Is(err, customer.ErrNotFound) {
				f.Errorf("Get() after Delete = %v, want ErrNotFound", err)
			}
			return nil
		})
		f.wantRows(f.list(customer.ListQuery{Worker: "bob", Limit: 3}), "")
	}},
	{"Get returns a copy that the caller may change", func(f *fixture) {
		f.put(fullCustomer())
		f.update(func(tx customer.Tx) error {
			got, err := tx.Get(ctx, fullCustomer().ID)
			if err != nil {
				return err
			}
			got.Channels[0].Value, got.Workers[0], got.Links[0].Value = "changed", "changed", "changed"
			again, err := tx.Get(ctx, fullCustomer().ID)
			if diff := cmp.Diff(fullCustomer(), again); diff != "" {
				f.Errorf("Get() after its result was changed (-want +got):\n%s", diff)
			}
			return err
		})
	}},
	{"Put returns an InvalidError, and the transaction continues", func(f *fixture) {
		f.update(func(tx customer.Tx) error {
			bad := newCustomer("1", " ", "ann")
			var invalid *customer.InvalidError
			if err := tx.Put(ctx, bad); !errors.As(err, &invalid) || invalid.Reason == "" {
				f.Errorf("Put(invalid) = %v, want an InvalidError with a reason", err)
			}
			return tx.Put(ctx, newCustomer("2", "B", "ann"))
		})
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "2")
	}},
	{"Delete returns ErrNotFound for a missing customer", func(f *fixture) {
		f.put(newCustomer("1", "A", "ann"))
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
	{"a transaction fails after its Update has ended", func(f *fixture) {
		var late customer.Tx
		f.update(func(tx customer.Tx) error { late = tx; return nil })
		if err := late.Put(ctx, newCustomer("1", "A", "ann")); err == nil {
			f.Error("Put() succeeded after its Update")
		}
		if _, err := late.Get(ctx, "1"); err == nil || errors.Is(err, customer.ErrNotFound) {
			f.Errorf("Get() after its Update = %v, want another error", err)
		}
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 3}), "")
	}},
	{"one Update runs at a time", func(f *fixture) {
		f.put(newCustomer("n", "0"))
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
				f.Errorf("80 concurrent increments = %q, %v", c.Name, err)
			}
			return nil
		})
	}},
	{"FindByContact finds customers by contact key", func(f *fixture) {
		a, b := fullCustomer(), newCustomer("b", "B")
		a.ID = "a"
		b.Channels = []customer.Channel{{Type: "whatsapp", Value: "whatsapp:+15555930101"}, {Type: "email", Value: "b@example.com"}, {Type: "sms", Value: "(020) 7946 0018"}}
		f.put(a, b)
		f.update(func(tx customer.Tx) error {
			for keys, want := range map[string]string{
				"+15555930101": "a b", "bobby@example.com": "a", "b@example.com": "b", "02079460018": "b", "other": "",
				"bobby@example.com b@example.com": "a b", "Bobby@Example.com": "", "": "",
			} {
				got, err := tx.FindByContact(ctx, strings.Fields(keys))
				if diff := cmp.Diff(strings.Fields(want), got, nilIsEmpty); diff != "" || err != nil {
					f.Errorf("FindByContact(%s): %v (-want +got):\n%s", keys, err, diff)
				}
			}
			return nil
		})
		b.Channels = b.Channels[1:]
		f.put(b)
		f.delete("a")
		f.update(func(tx customer.Tx) error {
			if got, err := tx.FindByContact(ctx, []string{"+15555930101"}); len(got) != 0 || err != nil {
				f.Errorf("FindByContact() after changes = %v, %v, want none", got, err)
			}
			return nil
		})
	}},
	{"FindByContact returns at most MaxFound customers, the first by ID", func(f *fixture) {
		for i := range 125 {
			c := newCustomer(fmt.Sprintf("%03d", 124-i), "C")
			c.Channels = []customer.Channel{{Type: "sms", Value: "+15555930101"}}
			f.put(c)
		}
		f.update(func(tx customer.Tx) error {
			got, err := tx.FindByContact(ctx, []string{"+15555930101"})
			if len(got) != customer.MaxFound || got[0] != "000" || got[99] != "099" || err != nil {
				f.Errorf("FindByContact() = %v, %v, want 000 to 099", got, err)
			}
			return nil
		})
	}},
}
