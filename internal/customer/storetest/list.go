package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
)

var listTests = []namedTest{
	{"is in order of names, whatever their case and accents", func(f *fixture) {
		f.put(person("1", "Zoë", "ann"), person("2", "éclair", "ann"), person("3", "Eclair", "ann"),
			person("4", "ECLIPSE", "ann"), person("5", "adam", "ann"), person("6", "Łukasz", "ann"), person("7", "Lukas", "ann"))
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 10}), "5 3 2 4 7 6 1")
	}},
	{"breaks ties by the exact name, then by the id", func(f *fixture) {
		f.put(person("b", "jose", "ann"), person("a", "jose", "ann"), person("d", "Jose", "ann"), person("c", "José", "ann"),
			person("0", "josé", "ann"))
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 10}), "d c a b 0")
	}},
	{"a name that begins another comes first", func(f *fixture) {
		f.put(person("1", "Ann Lee", "w"), person("2", "Ann", "w"), person("3", "Anna", "w"))
		f.sameIDs(f.list(customer.ListQuery{Worker: "w", Limit: 10}), "2 1 3")
	}},
	{"shows id, name and avatar", func(f *fixture) {
		c := person("7/ü", "Bobby S.", "ann")
		c.Avatar = "https://example.com/b.png"
		f.put(c)
		row := f.list(customer.ListQuery{Worker: "ann", Limit: 1}).Rows[0]
		if row.ID != c.ID || row.Name != c.Name || row.Avatar != c.Avatar || row.Cursor.IsZero() {
			f.Errorf("row = %+v", row)
		}
	}},
	{"an avatar that changes, changes in the list", func(f *fixture) {
		c := person("1", "Bobby", "ann")
		f.put(c)
		c.Avatar = "https://example.com/new.png"
		f.put(c)
		if got := f.list(customer.ListQuery{Worker: "ann", Limit: 1}).Rows[0].Avatar; got != c.Avatar {
			f.Errorf("avatar = %q", got)
		}
	}},
	{"tells whether more follows, at every page size", func(f *fixture) {
		var all []string
		for i := range 7 {
			id := fmt.Sprint(i)
			f.put(person(id, "Name "+id, "ann"))
			all = append(all, id)
		}
		for limit := 1; limit <= 8; limit++ {
			var got []string
			var after customer.Cursor
			for more := true; more; {
				page := f.list(customer.ListQuery{Worker: "ann", After: after, Limit: limit})
				got = append(got, ids(page.Rows)...)
				if len(page.Rows) > limit || page.More && len(page.Rows) < limit {
					f.Fatalf("limit %d: %d rows, more %v", limit, len(page.Rows), page.More)
				}
				if more = page.More; more {
					after = page.Rows[len(page.Rows)-1].Cursor
				}
			}
			if !slices.Equal(got, all) {
				f.Errorf("limit %d: walked %v", limit, got)
			}
		}
	}},
	{"holds the worker's own customers and everyone's, each once", func(f *fixture) {
		f.put(person("1", "A", "ann"), person("2", "B", "bob"), person("3", "C", customer.Everyone),
			person("4", "D", "ann", customer.Everyone), person("5", "E"), person("6", "F", "ann", "bob"))
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 10}), "1 3 4 6")
		f.sameIDs(f.list(customer.ListQuery{Worker: "bob", Limit: 10}), "2 3 4 6")
		f.sameIDs(f.list(customer.ListQuery{Worker: "nobody", Limit: 10}), "3 4")
		for limit := 1; limit < 5; limit++ {
			walked := walk(f, limit, func(after customer.Cursor) customer.Page {
				return f.list(customer.ListQuery{Worker: "ann", After: after, Limit: limit})
			})
			if !slices.Equal(walked, []string{"1", "3", "4", "6"}) {
				f.Errorf("in pages of %d: %v", limit, walked)
			}
		}
	}},
	{"of a worker that nobody assigned anything to is empty, and no error", func(f *fixture) {
		f.put(person("1", "A", "ann"))
		page := f.list(customer.ListQuery{Worker: "bob@example.com", Limit: 10})
		if len(page.Rows) != 0 || page.More {
			f.Errorf("page = %+v", page)
		}
	}},
	{"knows a worker by an e-mail address in any case, by another identity as it is", func(f *fixture) {
		f.put(person("1", "A", "Ann@Example.com", "ann@example.com"), person("2", "B", "Bob"))
		f.sameIDs(f.list(customer.ListQuery{Worker: "ANN@example.com", Limit: 10}), "1")
		f.sameIDs(f.list(customer.ListQuery{Worker: "Bob", Limit: 10}), "2")
		f.sameIDs(f.list(customer.ListQuery{Worker: "bob", Limit: 10}), "")
	}},
	{"follows renaming, reassigning and deleting", func(f *fixture) {
		f.put(person("1", "A", "ann"), person("2", "B", "ann"), person("3", "C", "ann"), person("4", "D", "bob"))
		f.put(person("1", "Z", "ann"), person("2", "B", "bob"), person("4", "D", "ann", "bob"))
		f.delete("3")
		f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Limit: 10}), "4 1")
		f.sameIDs(f.list(customer.ListQuery{Worker: "bob", Limit: 10}), "2 4")
	}},
	{"stops when the caller does", func(f *fixture) {
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := f.List(stopped, customer.ListQuery{Worker: "ann", Limit: 1}); !errors.Is(err, context.Canceled) {
			f.Errorf("err = %v", err)
		}
	}},
}

// walk follows cursors to the end, which must come.
func walk(t testing.TB, limit int, page func(after customer.Cursor) customer.Page) (all []string) {
	t.Helper()
	var after customer.Cursor
	for range 100_000 {
		p := page(after)
		if len(p.Rows) > limit || p.More && len(p.Rows) == 0 {
			t.Fatalf("a page of %d holds %d rows, more %v", limit, len(p.Rows), p.More)
		}
		all = append(all, ids(p.Rows)...)
		if !p.More {
			return all
		}
		after = p.Rows[len(p.Rows)-1].Cursor
	}
	t.Fatal("the walk does not end")
	return nil
}
