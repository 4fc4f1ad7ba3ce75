package storetest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/clientele-project/clientele/internal/customer"
)

// reassign gives up to limit customers of one worker to another.
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
	{"gives the first of a worker's customers to another", func(f *fixture) {
		abc(f)
		f.reassign("ann", "bob", 2, 2)
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 9}), "c d e")
		f.sameIDs(f.list(customer.ListQuery{Worker: "bob", Limit: 9}), "a b")
		f.reassign("ann", "bob", 4, 3)
		f.reassign("ann", "bob", 4, 0)
		f.sameIDs(f.list(customer.ListQuery{Worker: "bob", Limit: 9}), "a b c d e")
		if got, want := f.totals(), (customer.Totals{Customers: 5}); got != want {
			f.Errorf("totals = %+v", got)
		}
	}},
	{"leaves the others whose they are", func(f *fixture) {
		f.put(person("1", "A", "ann", "bob"), person("2", "B", "ann", customer.Everyone), person("3", "C", "ann", "carl"), person("4", "D", "Ann@X.com", "carl"))
		f.reassign("ann", "bob", 9, 3)
		f.reassign("ann@x.com", "bob", 9, 1)
		for id, want := range map[string]string{"1": "[bob]", "2": "[* bob]", "3": "[bob carl]", "4": "[bob carl]"} {
			if c, err := f.Get(ctx, id); fmt.Sprint(c.Workers) != want || err != nil {
				f.Errorf("%s is of %v, want %s; %v", id, c.Workers, want, err)
			}
		}
	}},
	{"gives what is nobody's to somebody, and takes it away", func(f *fixture) {
		f.put(person("1", "A"), person("2", "B"), person("3", "C", "ann"))
		f.reassign("", "ann", 9, 2)
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 9}), "1 2 3")
		f.reassign("ann", "", 2, 2)
		f.same("nobody's", f.walkEverybody(customer.AdminQuery{Scope: customer.Scope{Unassigned: true}, Limit: 9}), "1 2")
		if got := f.totals(); got.Unassigned != 2 {
			f.Errorf("totals = %+v", got)
		}
		f.reassign("", customer.Everyone, 1, 1)
		f.sameIDs(f.list(customer.ListQuery{Worker: "stranger", Limit: 9}), "1")
	}},
	{"is searched at once", func(f *fixture) {
		abc(f)
		for range 2 {
			f.compact()
			f.reassign("ann", "bob", 3, 3)
			f.sameIDs(f.search(customer.SearchQuery{Worker: "ann", Query: "a", Limit: 9}), "")
			f.sameIDs(f.search(customer.SearchQuery{Worker: "bob", Query: "a", Limit: 9}), "a")
			f.sameIDs(f.search(customer.SearchQuery{Worker: "ann", Query: "e", Limit: 9}), "e")
			f.reassign("bob", "ann", 9, 3)
		}
	}},
	{"leaves anchors of the one who had them good", func(f *fixture) {
		abc(f)
		f.reassign("ann", "bob", 2, 2)
		f.clock.advance(29 * day)
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Anchor: "b", Limit: 9}), "c d e")
	}},
	{"refuses who is no worker, and whose they are already", func(f *fixture) {
		abc(f)
		f.update(func(tx customer.Tx) error {
			for _, names := range [][2]string{{"ann", "ann"}, {"", ""}, {"A@x.com", "a@X.com"}, {"ann", "b\x00b"}, {"ann", "\xff"}} {
				var invalid *customer.InvalidError
				if _, err := tx.Reassign(ctx, names[0], names[1], 9); !errors.As(err, &invalid) || invalid.Reason == "" {
					f.Errorf("%q: %v", names, err)
				}
			}
			for _, from := range []string{"stranger", "\x00register", "\x00unassigned"} {
				if n, err := tx.Reassign(ctx, from, "bob", 9); n != 0 || err != nil {
					f.Errorf("from %q: %d, %v", from, n, err)
				}
			}
			return nil
		})
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 9}), "a b c d e")
	}},
	{"is kept with its transaction only, and sees what it wrote", func(f *fixture) {
		abc(f)
		err := f.Update(ctx, func(tx customer.Tx) error {
			if err := tx.Put(ctx, person("0", "0", "ann")); err != nil {
				return err
			}
			if n, err := tx.Reassign(ctx, "ann", "dora", 2); n != 2 || err != nil {
				f.Errorf("moved %d, %v", n, err)
			}
			if c, err := tx.Get(ctx, "0"); err != nil || fmt.Sprint(c.Workers) != "[dora]" {
				f.Errorf("%v, %v", c.Workers, err)
			}
			return errOops
		})
		if !errors.Is(err, errOops) {
			f.Error(err)
		}
		f.sameIDs(f.list(customer.ListQuery{Worker: "dora", Limit: 9}), "")
		f.put(person("z", "Z", "erna"))
		f.sameIDs(f.list(customer.ListQuery{Worker: "dora", Limit: 9}), "")
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 9}), "a b c d e")
	}},
	{"counts rightly while readers look and others write", func(f *fixture) {
		f.update(func(tx customer.Tx) error {
			for i := range 300 {
				if err := tx.Put(ctx, person(fmt.Sprintf("%03d", i), fmt.Sprintf("Name %03d", i), "ann")); err != nil {
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
				if err1 != nil || err2 != nil || len(ann.Rows) < len(found.Rows) { // it shrinks meanwhile
					f.Errorf("%d listed, then %d found: %v, %v", len(ann.Rows), len(found.Rows), err1, err2)
				}
			}
		})
		for range 10 {
			f.reassign("ann", "bob", 30, 30)
			f.put(person("other", "Other", "carl"))
		}
		close(stop)
		group.Wait()
		if n, err := f.OwnerCount(ctx, "bob"); n != 300 || err != nil {
			f.Errorf("bob has %d, %v", n, err)
		}
	}},
}
