package storetest

import (
	"errors"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
)

// abc puts A to E, with these letters in lower case as ids, for ann.
func abc(f *fixture) {
	f.Helper()
	for _, c := range "abcde" {
		f.put(person(string(c), string(c-'a'+'A'), "ann"))
	}
}

// changes are what may happen to the customer b after a page ended with it.
var changes = []struct {
	name string
	do   func(f *fixture)
}{
	{"renamed to a later name", func(f *fixture) { f.put(person("b", "Z", "ann")) }},
	{"renamed to an earlier name", func(f *fixture) { f.put(person("b", "0", "ann")) }},
	{"renamed twice", func(f *fixture) { f.put(person("b", "Z", "ann")); f.put(person("b", "0", "ann")) }},
	{"renamed and back", func(f *fixture) { f.put(person("b", "Z", "ann")); f.put(person("b", "B", "ann")) }},
	{"reassigned", func(f *fixture) { f.put(person("b", "B", "bob")) }},
	{"renamed and reassigned", func(f *fixture) { f.put(person("b", "Z", "bob")) }},
	{"deleted", func(f *fixture) { f.delete("b") }},
	{"renamed and deleted", func(f *fixture) { f.put(person("b", "Z", "ann")); f.delete("b") }},
	{"deleted and made again under another name", func(f *fixture) { f.delete("b"); f.put(person("b", "Z", "bob")) }},
}

var cursorTests = func() (tests []namedTest) {
	for _, change := range changes {
		tests = append(tests, namedTest{"leads on from where its row was: " + change.name, func(f *fixture) {
			abc(f)
			at := f.cursorOf("ann", "b")
			change.do(f)
			f.clock.advance(29 * day)
			f.put(person("x", "X", "carl")) // an occasion to throw things away
			page := f.list(customer.ListQuery{Worker: "ann", After: at, Limit: 3})
			f.sameIDs(page, "c d e")
		}})
	}
	return append(tests,
		namedTest{"of the last row leads to nothing more", func(f *fixture) {
			abc(f)
			page := f.list(customer.ListQuery{Worker: "ann", After: f.cursorOf("ann", "e"), Limit: 3})
			if len(page.Rows) != 0 || page.More {
				f.Errorf("page = %+v", page)
			}
		}},
		namedTest{"of nothing that was ever there is an unknown anchor", func(f *fixture) {
			abc(f)
			for _, at := range []customer.Cursor{{Row: 1 << 40, Rev: 1}, {Row: f.cursorOf("ann", "b").Row, Rev: 77}, {Row: -1, Rev: 1}} {
				if _, err := f.List(ctx, customer.ListQuery{Worker: "ann", After: at, Limit: 3}); !errors.Is(err, customer.ErrUnknownAnchor) {
					f.Errorf("After %+v: %v", at, err)
				}
				if _, err := f.Search(ctx, customer.SearchQuery{Worker: "ann", Query: "b", After: at, Limit: 3}); !errors.Is(err, customer.ErrUnknownAnchor) {
					f.Errorf("search After %+v: %v", at, err)
				}
			}
		}},
		namedTest{"never leads to a place of another customer, however late it comes", func(f *fixture) {
			abc(f)
			at := f.cursorOf("ann", "e")
			f.delete("e")
			f.clock.advance(31 * day)
			f.delete("a")
			f.clock.advance(day)
			f.put(person("new", "0", "ann"))
			page, err := f.List(ctx, customer.ListQuery{Worker: "ann", After: at, Limit: 9})
			if err == nil && !slices.Equal(ids(page.Rows), []string{}) || err != nil && !errors.Is(err, customer.ErrUnknownAnchor) {
				f.Errorf("page %v, err %v", ids(page.Rows), err)
			}
		}},
	)
}()

var anchorTests = func() (tests []namedTest) {
	for _, change := range changes[4:7] {
		if change.name == "renamed and reassigned" {
			continue
		}
		tests = append(tests, namedTest{"stays good for 30 days when " + change.name, func(f *fixture) {
			abc(f)
			change.do(f)
			f.clock.advance(29 * day)
			f.put(person("x", "X", "carl"))
			f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Anchor: "b", Limit: 3}), "c d e")
			f.clock.advance(2 * day)
			f.put(person("y", "Y", "carl"))
			unknownAnchor(f, "ann", "b")
		}})
	}
	return append(tests,
		namedTest{"leads on from its customer", func(f *fixture) {
			abc(f)
			f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Anchor: "b", Limit: 2}), "c d")
			f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Anchor: "e", Limit: 2}), "")
		}},
		namedTest{"just renamed leads on from the later of its places, so that nothing repeats", func(f *fixture) {
			abc(f)
			f.put(person("d", "0", "ann"))
			f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Anchor: "d", Limit: 5}), "e")
			f.put(person("a", "CC", "ann"))
			f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Anchor: "a", Limit: 5}), "e")
		}},
		namedTest{"renamed long ago leads on from its place", func(f *fixture) {
			abc(f)
			f.put(person("d", "0", "ann"))
			f.clock.advance(day)
			f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Anchor: "d", Limit: 5}), "a b c e")
		}},
		namedTest{"that never was this worker's is unknown", func(f *fixture) {
			abc(f)
			f.put(person("f", "F", "bob"), person("g", "G"), person("h", "H", customer.Everyone))
			unknownAnchor(f, "ann", "f")
			unknownAnchor(f, "ann", "g")
			unknownAnchor(f, "ann", "nothing")
			unknownAnchor(f, "bob", "b")
			unknownAnchor(f, "stranger", "b")
			f.delete("f")
			unknownAnchor(f, "ann", "f")
			f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Anchor: "h", Limit: 5}), "")
			f.sameIDs(f.list(customer.ListQuery{Worker: "stranger", Anchor: "h", Limit: 5}), "")
		}},
		namedTest{"that was everyone's stays good for everyone", func(f *fixture) {
			f.put(person("a", "A", customer.Everyone), person("b", "B", customer.Everyone), person("c", "C", "ann"))
			f.delete("a")
			f.put(person("b", "B", "bob"))
			f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Anchor: "a", Limit: 5}), "c")
			f.sameIDs(f.list(customer.ListQuery{Worker: "ann", Anchor: "b", Limit: 5}), "c")
			f.sameIDs(f.list(customer.ListQuery{Worker: "stranger", Anchor: "a", Limit: 5}), "")
		}},
	)
}()

func unknownAnchor(f *fixture, worker, id string) {
	f.Helper()
	if _, err := f.List(ctx, customer.ListQuery{Worker: worker, Anchor: id, Limit: 3}); !errors.Is(err, customer.ErrUnknownAnchor) {
		f.Errorf("anchor %s of %s: %v", id, worker, err)
	}
}
