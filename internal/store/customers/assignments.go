package customers

import (
	"bytes"
	"cmp"
	"database/sql/driver"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// assignmentRow is a row of table assignment: a customer in an owner's list.
type assignmentRow struct {
	owner, pk int64
	key, rest []byte // key is column `place`; rest is nil when the row is to be deleted
}

func compareAssignments(a, b assignmentRow) int {
	return cmp.Or(cmp.Compare(a.owner, b.owner), bytes.Compare(a.key, b.key))
}

var assignmentInserter = sqldb.NewInserter("INSERT OR REPLACE INTO assignment (owner, place, pk, rest) VALUES", 4, compareAssignments,
	func(args []driver.Value, r assignmentRow) []driver.Value {
		return append(args, r.owner, r.key, r.pk, r.rest)
	})

// maxWaiting is how many changes of lists may wait for being written. They are small
// and lie far apart.
const maxWaiting = 100_000

// updateLists updates the lists of a customer's owners; old is nil for one that is new or
// was deleted, next for one that is deleted now.
func (t *tx) updateLists(old, next *customerRow) error {
	had, err := t.ownersOf(old)
	if err != nil {
		return err
	}
	has, err := t.ownersOf(next)
	if err != nil {
		return err
	}
	moved := old != nil && next != nil && !bytes.Equal(old.key, next.key)
	for _, owner := range had {
		stays := slices.Contains(has, owner)
		if stays && !moved {
			continue
		}
		t.assignments = append(t.assignments, assignmentRow{owner: owner, pk: old.pk, key: old.key})
		t.record(owner, old, nil)
		if stays {
			continue
		}
		t.counts[owner]--
		if isWorker(owner) { // an anchor may be this customer
			if err := t.c.Exec("INSERT OR REPLACE INTO former (owner, pk, left_at) VALUES (?, ?, ?)", owner, old.pk, t.now); err != nil {
				return err
			}
		}
	}
	if next != nil {
		t.addTo(has, had, old, next)
	}
	if max(len(t.assignments), len(t.entries)) < maxWaiting {
		return nil
	}
	return t.writeLists()
}

// addTo adds a customer to the lists of the owners that it has, or updates it in those of
// the owners that it had.
func (t *tx) addTo(has, had []int64, old, next *customerRow) {
	doc, rest := customer.Document(next.Customer), restOf(next)
	sameRow := old != nil && bytes.Equal(old.key, next.key)
	sameDoc := sameRow && bytes.Equal(doc, customer.Document(old.Customer))
	for _, owner := range has {
		stays := slices.Contains(had, owner)
		if !stays {
			t.counts[owner]++
		}
		row := assignmentRow{owner, next.pk, next.key, []byte{}}
		if isWorker(owner) {
			row.rest = rest
		}
		if !stays || !sameRow || isWorker(owner) && old.avatar != next.avatar {
			t.assignments = append(t.assignments, row)
		}
		if !stays || !sameDoc {
			t.record(owner, next, doc)
		}
	}
}

// restOf is the column `rest` of a customer's assignments.
func restOf(r *customerRow) []byte {
	return []byte("\x00" + cursorText(customer.Cursor{Row: r.pk, Rev: r.rev}) + "\x00" + r.avatar)
}

// record puts into the search journal what an owner's list has at the sort key of r: a
// document, or nil when r is no longer there.
func (t *tx) record(owner int64, r *customerRow, doc []byte) {
	t.recorded++
	t.entries = append(t.entries, searchindex.Entry{Owner: owner, Key: r.key, Row: r.pk, Doc: doc})
}

// writeLists writes the changes of lists that wait. Of several of the same row, the last counts.
func (t *tx) writeLists() error {
	slices.Reverse(t.assignments)
	slices.SortStableFunc(t.assignments, compareAssignments)
	rows := slices.CompactFunc(t.assignments, func(a, b assignmentRow) bool { return compareAssignments(a, b) == 0 })
	for _, r := range rows {
		if r.rest == nil {
			if err := t.c.Exec("DELETE FROM assignment WHERE owner = ? AND place = ?", r.owner, r.key); err != nil {
				return err
			}
		}
	}
	rows = slices.DeleteFunc(rows, func(r assignmentRow) bool { return r.rest == nil })
	if err := assignmentInserter.Insert(t.c, rows); err != nil {
		return err
	}
	err := t.s.index.Record(t.s.searchTables.on(t.c), t.entries)
	clear(t.assignments)
	clear(t.entries)
	t.assignments, t.entries = t.assignments[:0], t.entries[:0]
	return err
}

// ownersOf returns the owners of a customer: its workers without repeats, or
// unassigned, and allOwner. r may be nil.
func (t *tx) ownersOf(r *customerRow) ([]int64, error) {
	if r == nil {
		return nil, nil
	}
	owners := make([]int64, 0, len(r.Workers)+1)
	for _, w := range r.Workers {
		id, err := t.owner(w)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(owners, id) { // "Ann@x.com" and "ann@x.com" are one
			owners = append(owners, id)
		}
	}
	if len(owners) == 0 {
		owners = append(owners, unassigned)
	}
	return append(owners, allOwner), nil
}
