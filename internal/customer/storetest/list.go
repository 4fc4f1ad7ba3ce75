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
	{"sorts by name, ignoring case and accents", func(f *fixture) {
		f.put(newCustomer("1", "Zoë", "ann"), newCustomer("2", "éclair", "ann"), newCustomer("3", "Eclair", "ann"),
			newCustomer("4", "ECLIPSE", "ann"), newCustomer("5", "adam", "ann"), newCustomer("6", "Łukasz", "ann"), newCustomer("7", "Lukas", "ann"))
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 10}), "5 3 2 4 7 6 1")
	}},
	{"breaks ties by the exact name, then by the id", func(f *fixture) {
		f.put(newCustomer("b", "jose", "ann"), newCustomer("a", "jose", "ann"), newCustomer("d", "Jose", "ann"), newCustomer("c", "José", "ann"),
			newCustomer("0", "josé", "ann"))
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 10}), "d c a b 0")
	}},
	{"sorts a name before those it is a prefix of", func(f *fixture) {
		f.put(newCustomer("1", "Ann Lee", "w"), newCustomer("2", "Ann", "w"), newCustomer("3", "Anna", "w"))
		f.wantRows(f.list(customer.ListQuery{Worker: "w", Limit: 10}), "2 1 3")
	}},
	{"returns id, name, avatar and cursor", func(f *fixture) {
		c := newCustomer("7/ü", "Bobby S.", "ann")
		c.Avatar = "https://example.com/b.png"
		f.put(c)
		row := f.list(customer.ListQuery{Worker: "ann", Limit: 1}).Rows[0]
		if row.ID != c.ID || row.Name != c.Name || row.Avatar != c.Avatar || row.Cursor.IsZero() {
			f.Errorf("List() row = %+v, want that of %+v and a cursor", row, c)
		}
	}},
	{"returns a changed avatar", func(f *fixture) {
		c := newCustomer("1", "Bobby", "ann")
		f.put(c)
		c.Avatar = "https://example.com/new.png"
		f.put(c)
		if got := f.list(customer.ListQuery{Worker: "ann", Limit: 1}).Rows[0].Avatar; got != c.Avatar {
			f.Errorf("List() avatar = %q, want %q", got, c.Avatar)
		}
	}},
	{"sets More exactly when rows follow, for every limit", func(f *fixture) {
		var all []string
		for i := range 7 {
			id := fmt.Sprint(i)
			f.put(newCustomer(id, "Name "+id, "ann"))
			all = append(all, id)
		}
		for limit := 1; limit <= 8; limit++ {
			var got []string
			var after customer.Cursor
			for more := true; more; {
				page := f.list(customer.ListQuery{Worker: "ann", After: after, Limit: limit})
				got = append(got, rowIDs(page.Rows)...)
				if len(page.Rows) > limit || page.More && len(page.Rows) < limit {
					f.Fatalf("List(limit %d) = %d rows, More %v", limit, len(page.Rows), page.More)
				}
				if more = page.More; more {
					after = page.Rows[len(page.Rows)-1].Cursor
				}
			}
			if !slices.Equal(got, all) {
				f.Errorf("List() in pages of %d = %v, want %v", limit, got, all)
			}
		}
	}},
	{"returns the worker's own customers and Everyone's, each once", func(f *fixture) {
		f.put(newCustomer("1", "A", "ann"), newCustomer("2", "B", "bob"), newCustomer("3", "C", customer.Everyone),
			newCustomer("4", "D", "ann", customer.Everyone), newCustomer("5", "E"), newCustomer("6", "F", "ann", "bob"))
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 10}), "1 3 4 6")
		f.wantRows(f.list(customer.ListQuery{Worker: "bob", Limit: 10}), "2 3 4 6")
		f.wantRows(f.list(customer.ListQuery{Worker: "stranger", Limit: 10}), "3 4")
		for limit := 1; limit < 5; limit++ {
			got := allPages(f, limit, func(after customer.Cursor) customer.Page {
				return f.list(customer.ListQuery{Worker: "ann", After: after, Limit: limit})
			})
			if !slices.Equal(got, []string{"1", "3", "4", "6"}) {
				f.Errorf("List(ann) in pages of %d = %v, want 1 3 4 6", limit, got)
			}
		}
	}},
	{"is empty without error for a worker without customers", func(f *fixture) {
		f.put(newCustomer("1", "A", "ann"))
		page := f.list(customer.ListQuery{Worker: "bob@example.com", Limit: 10})
		if len(page.Rows) != 0 || page.More {
			f.Errorf("List() = %+v, want an empty page", page)
		}
	}},
	{"ignores the case of a worker's email address, but not of other identities", func(f *fixture) {
		f.put(newCustomer("1", "A", "Ann@Example.com", "ann@example.com"), newCustomer("2", "B", "Bob"))
		f.wantRows(f.list(customer.ListQuery{Worker: "ANN@example.com", Limit: 10}), "1")
		f.wantRows(f.list(customer.ListQuery{Worker: "Bob", Limit: 10}), "2")
		f.wantRows(f.list(customer.ListQuery{Worker: "bob", Limit: 10}), "")
	}},
	{"reflects renames, reassignments and deletions", func(f *fixture) {
		f.put(newCustomer("1", "A", "ann"), newCustomer("2", "B", "ann"), newCustomer("3", "C", "ann"), newCustomer("4", "D", "bob"))
		f.put(newCustomer("1", "Z", "ann"), newCustomer("2", "B", "bob"), newCustomer("4", "D", "ann", "bob"))
		f.delete("3")
		f.wantRows(f.list(customer.ListQuery{Worker: "ann", Limit: 10}), "4 1")
		f.wantRows(f.list(customer.ListQuery{Worker: "bob", Limit: 10}), "2 4")
	}},
	{"returns context.Canceled when its context is canceled", func(f *fixture) {
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := f.List(stopped, customer.ListQuery{Worker: "ann", Limit: 1}); !errors.Is(err, context.Canceled) {
			f.Errorf("List() = %v, want context.Canceled", err)
		}
	}},
}

// allPages returns the IDs of all pages.
func allPages(t testing.TB, limit int, page func(after customer.Cursor) customer.Page) (all []string) {
	t.Helper()
	var after customer.Cursor
	for range 100_000 {
		p := page(after)
		if len(p.Rows) > limit || p.More && len(p.Rows) == 0 {
			t.Fatalf("a page of limit %d has %d rows, More %v", limit, len(p.Rows), p.More)
		}
		all = append(all, rowIDs(p.Rows)...)
		if !p.More {
			return all
		}
		after = p.Rows[len(p.Rows)-1].Cursor
	}
	t.Fatal("paging does not end")
	return nil
}
