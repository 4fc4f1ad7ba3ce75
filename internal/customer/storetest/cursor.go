package storetest

import (
	"errors"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
)

// putABCDE stores customers A to E of ann, with IDs a to e.
func putABCDE(f *fixture) {
	f.Helper()
	for _, c := range "abcde" {
		f.put(newCustomer(string(c), string(c-'a'+'A'), "ann"))
	}
}

// changes are possible changes of customer b after a page ended with it.
var changes = []struct {
	name string
	do   func(f *fixture)
}{
	{"renamed to a later name", func(f *fixture) { f.put(newCustomer("b", "Z", "ann")) }},
	{"renamed to an earlier name", func(f *fixture) { f.put(newCustomer("b", "0", "ann")) }},
	{"renamed twice", func(f *fixture) { f.put(newCustomer("b", "Z", "ann")); f.put(newCustomer("b", "0", "ann")) }},
	{"renamed and back", func(f *fixture) { f.put(newCustomer("b", "Z", "ann")); f.put(newCustomer("b", "B", "ann")) }},
	{"reassigned", func(f *fixture) { f.put(newCustomer("b", "B", "bob")) }},
	{"renamed and reassigned", func(f *fixture) { f.put(newCustomer("b", "Z", "bob")) }},
	{"deleted", func(f *fixture) { f.delete("b") }},
	{"renamed and deleted", func(f *fixture) { f.put(newCustomer("b", "Z", "ann")); f.delete("b") }},
	{"deleted and added again under another name", func(f *fixture) { f.delete("b"); f.put(newCustomer("b", "Z", "bob")) }},
}

var cursorTests = func() (tests []namedTest) {
	for _, change := range changes {
		tests = append(tests, namedTest{"continues where its row was: " + change.name, func(f *fixture) {
			putABCDE(f)
			cursor := f.cursorOf("ann", "b")
			change.do(f)
			f.clock.advance(29 * day)
			f.put(newCustomer("x", "X", "carl")) // may trigger a cleanup
			page := f.list(customer.ListQuery{Worker: "ann", After: cursor, Limit: 3})
			f.wantRows(page, "c d e")
		}})
	}
	return append(tests,
		namedTest{"of the last row returns an empty page", func(f *fixture) {
			putABCDE(f)
			page := f.list(customer.ListQuery{Worker: "ann", After: f.cursorOf("ann", "e"), Limit: 3})
			if len(page.Rows) != 0 || page.More {
				f.Errorf("List(after the last row) = %+v, want an empty page", page)
			}
		}},
		namedTest{"that was never issued returns ErrUnknownAnchor", func(f *fixture) {
			putABCDE(f)
			for _, cursor := range []customer.Cursor{{Row: 1 << 40, Rev: 1}, {Row: f.cursorOf("ann", "b").Row, Rev: 77}, {Row: -1, Rev: 1}} {
				if _, err := f.List(ctx, customer.ListQuery{Worker: "ann", After: cursor, Limit: 3}); !errors.Is(err, customer.ErrUnknownAnchor) {
					f.Errorf("List(After %+v) = %v, want ErrUnknownAnchor", cursor, err)
				}
				if _, err := f.Search(ctx, customer.SearchQuery{Worker: "ann", Query: "b", After: cursor, Limit: 3}); !errors.Is(err, customer.ErrUnknownAnchor) {
					f.Errorf("Search(After %+v) = %v, want ErrUnknownAnchor", cursor, err)
				}
			}
		}},
		namedTest{"never continues after another customer, however old it is", func(f *fixture) {
			putABCDE(f)
			cursor := f.cursorOf("ann", "e")
			f.delete("e")
			f.clock.advance(31 * day)
			f.delete("a")
			f.clock.advance(day)
			f.put(newCustomer("new", "0", "ann"))
			page, err := f.List(ctx, customer.ListQuery{Worker: "ann", After: cursor, Limit: 9})
			if err == nil && !slices.Equal(rowIDs(page.Rows), []string{}) || err != nil && !errors.Is(err, customer.ErrUnknownAnchor) {
				f.Errorf("List(After an expired cursor) = %v, %v, want no rows or ErrUnknownAnchor", rowIDs(page.Rows), err)
			}
		}},
	)
}()

var anchorTests = func() (tests []namedTest) {
	for _, change := range changes[4:7] {
		if change.name == "renamed and reassigned" {
			continue
		}
		tests = append(tests, namedTest{"stays valid for 30 days when " + change.name, func(f *fixture) {
			putABCDE(f)
			change.do(f)
			f.clock.advance(29 * day)
			f.put(newCustomer("x", "X", "carl"))
			f.wantRows(f.list(customer.ListQuery{Worker: "ann", Anchor: "b", Limit: 3}), "c d e")
			f.clock.advance(2 * day)
			f.put(newCustomer("y", "Y", "carl"))
			wantUnknownAnchor(f, "ann", "b")
		}})
	}
	return append(tests,
		namedTest{"continues after its customer", func(f *fixture) {
			putABCDE(f)
			f.wantRows(f.list(customer.ListQuery{Worker: "ann", Anchor: "b", Limit: 2}), "c d")
			f.wantRows(f.list(customer.ListQuery{Worker: "ann", Anchor: "e", Limit: 2}), "")
		}},
		namedTest{"just renamed continues after the later of its positions, so that no row repeats", func(f *fixture) {
			putABCDE(f)
			f.put(newCustomer("d", "0", "ann"))
			f.wantRows(f.list(customer.ListQuery{Worker: "ann", Anchor: "d", Limit: 5}), "e")
			f.put(newCustomer("a", "CC", "ann"))
			f.wantRows(f.list(customer.ListQuery{Worker: "ann", Anchor: "a", Limit: 5}), "e")
		}},
		namedTest{"renamed long ago continues after its current position", func(f *fixture) {
			putABCDE(f)
			f.put(newCustomer("d", "0", "ann"))
			f.clock.advance(day)
			f.wantRows(f.list(customer.ListQuery{Worker: "ann", Anchor: "d", Limit: 5}), "a b c e")
		}},
		namedTest{"that never was this worker's returns ErrUnknownAnchor", func(f *fixture) {
			putABCDE(f)
			f.put(newCustomer("f", "F", "bob"), newCustomer("g", "G"), newCustomer("h", "H", customer.Everyone))
			wantUnknownAnchor(f, "ann", "f")
			wantUnknownAnchor(f, "ann", "g")
			wantUnknownAnchor(f, "ann", "missing")
			wantUnknownAnchor(f, "bob", "b")
			wantUnknownAnchor(f, "stranger", "b")
			f.delete("f")
			wantUnknownAnchor(f, "ann", "f")
			f.wantRows(f.list(customer.ListQuery{Worker: "ann", Anchor: "h", Limit: 5}), "")
			f.wantRows(f.list(customer.ListQuery{Worker: "stranger", Anchor: "h", Limit: 5}), "")
		}},
		namedTest{"that was Everyone's stays valid for every worker", func(f *fixture) {
			f.put(newCustomer("a", "A", customer.Everyone), newCustomer("b", "B", customer.Everyone), newCustomer("c", "C", "ann"))
			f.delete("a")
			f.put(newCustomer("b", "B", "bob"))
			f.wantRows(f.list(customer.ListQuery{Worker: "ann", Anchor: "a", Limit: 5}), "c")
			f.wantRows(f.list(customer.ListQuery{Worker: "ann", Anchor: "b", Limit: 5}), "c")
			f.wantRows(f.list(customer.ListQuery{Worker: "stranger", Anchor: "a", Limit: 5}), "")
		}},
	)
}()

func wantUnknownAnchor(f *fixture, worker, id string) {
	f.Helper()
	if _, err := f.List(ctx, customer.ListQuery{Worker: worker, Anchor: id, Limit: 3}); !errors.Is(err, customer.ErrUnknownAnchor) {
		f.Errorf("List(%s, Anchor %s) = %v, want ErrUnknownAnchor", worker, id, err)
	}
}
