package customers

import (
	"bytes"
	"cmp"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// assignmentRow is a row of table assignment: a customer in an owner's list.
type assignmentRow struct {
	owner, pk int64
	key, rest []byte // key is column `place`
}

// maxAdded is how many assignments of new customers may wait. They are small and
// lie far apart.
const maxAdded = 100_000

const insertAssignment = "INSERT INTO assignment (owner, place, pk, rest) VALUES"

var assignmentInserter = sqldb.NewInserter(insertAssignment, 4,
	func(a, b assignmentRow) int {
		return cmp.Or(cmp.Compare(a.owner, b.owner), bytes.Compare(a.key, b.key))
	},
	func(args []driver.Value, r assignmentRow) []driver.Value {
		return append(args, r.owner, r.key, r.pk, r.rest)
	})

// assignNew adds a customer whose id is new to the lists of its owners.
func (t *tx) assignNew(next *customerRow) error {
	owners, err := t.ownersOf(next)
	if err != nil {
		return err
	}
	doc := customer.Document(next.Customer)
	var rest []byte
	for _, owner := range owners {
		row := assignmentRow{owner, next.pk, next.key, []byte{}}
		if isWorker(owner) {
			if rest == nil {
				rest = restOf(next)
			}
			row.rest = rest
		}
		t.added = append(t.added, row)
		t.counts[owner]++
		if err := t.record(owner, next, doc); err != nil {
			return err
		}
	}
	if len(t.added) >= maxAdded {
		return t.insertAssignments()
	}
	return nil
}

// flushAdded writes the rows that wait if those of pk may be among them.
func (t *tx) flushAdded(pk int64) error {
	if pk < t.firstPK {
		return nil // from before this transaction
	}
	return t.insertAssignments()
}

func (t *tx) insertAssignments() error {
	err := assignmentInserter.Insert(t.c, t.added)
	clear(t.added)
	t.added = t.added[:0]
	return err
}

// updateAssignments updates the lists of owners; old is nil when the customer was
// deleted before.
func (t *tx) updateAssignments(old, next *customerRow) error {
	if err := t.flushAdded(next.pk); err != nil {
		return err
	}
	had, err := t.ownersOf(old)
	if err != nil {
		return err
	}
	has, err := t.ownersOf(next)
	if err != nil {
		return err
	}
	moved := old != nil && !bytes.Equal(old.key, next.key)
	doc := customer.Document(next.Customer)
	newDoc := moved || old != nil && !sameText(old.Customer, next.Customer) && !bytes.Equal(doc, customer.Document(old.Customer))
	for _, owner := range has {
		stays := slices.Contains(had, owner)
		if stays && moved {
			if err := errors.Join(t.unassign(owner, old), t.record(owner, old, nil)); err != nil {
				return err
			}
		}
		switch {
		case !stays || moved:
			err = t.assign(owner, next)
		case old.avatar != next.avatar && isWorker(owner):
			err = t.c.Exec("UPDATE assignment SET rest = ? WHERE owner = ? AND place = ?", restOf(next), owner, next.key)
		}
		if !stays {
			t.counts[owner]++
		}
		if err == nil && (!stays || newDoc) {
			err = t.record(owner, next, doc)
		}
		if err != nil {
			return err
		}
	}
	for _, owner := range had {
		if slices.Contains(has, owner) {
			continue
		}
		if err := t.removeFrom(owner, old); err != nil {
			return err
		}
	}
	return nil
}

// sameText reports whether two customers have the same text, without making
// documents of them.
func sameText(a, b customer.Customer) bool {
	return a.Name == b.Name && a.Company == b.Company && a.JobTitle == b.JobTitle && a.Details == b.Details && slices.Equal(a.Channels, b.Channels)
}

// ownersOf returns the owners of a customer: its workers without repeats, or
// unassigned, and allOwner. r may be nil.
func (t *tx) ownersOf(r *customerRow) ([]int64, error) {
	if r == nil {
		return nil, nil
	}
	owners := make([]int64, 0, len(r.Workers))
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

func (t *tx) assign(owner int64, next *customerRow) error {
	rest := []byte{}
	if isWorker(owner) {
		rest = restOf(next)
	}
	return t.c.Exec(insertAssignment+" (?, ?, ?, ?)", owner, next.key, next.pk, rest)
}

func (t *tx) unassign(owner int64, old *customerRow) error {
	return t.c.Exec("DELETE FROM assignment WHERE owner = ? AND place = ?", owner, old.key)
}

// removeFrom removes a customer from an owner's list, and remembers for anchors
// that it was there.
func (t *tx) removeFrom(owner int64, old *customerRow) error {
	if err := t.unassign(owner, old); err != nil {
		return err
	}
	t.counts[owner]--
	if isWorker(owner) {
		if err := t.c.Exec("INSERT OR REPLACE INTO former (owner, pk, left_at) VALUES (?, ?, ?)", owner, old.pk, t.now); err != nil {
			return err
		}
	}
	return t.record(owner, old, nil)
}

// restOf is the column `rest` of a customer's assignments.
func restOf(r *customerRow) []byte {
	return []byte("\x00" + cursorText(customer.Cursor{Row: r.pk, Rev: r.rev}) + "\x00" + r.avatar)
}

// maxEntries is how many entries of the search journal may wait.
const maxEntries = 100_000

// record puts into the search journal what an owner's list has at the sort key of r: a
// document, or nil when r is no longer there.
func (t *tx) record(owner int64, r *customerRow, doc []byte) error {
	t.recorded++
	t.entries = append(t.entries, searchindex.Entry{Owner: owner, Key: r.key, Row: r.pk, Doc: doc})
	if len(t.entries) < maxEntries {
		return nil
	}
	return t.insertEntries()
}

func (t *tx) insertEntries() error {
	err := t.s.index.Record(t.s.searchTables.on(t.c), t.entries)
	clear(t.entries)
	t.entries = t.entries[:0]
	return err
}
