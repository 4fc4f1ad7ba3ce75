package sqlite

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
)

// fresh are rows of customers that are new in this transaction, which wait to be
// written in the order of their tables: in the order in which customers come, each
// would change pages of its own, and those of a million are more than are at hand.
type fresh struct {
	assignments []assignmentRow
	pending     []pendingRow
}

type assignmentRow struct {
	owner, pk   int64
	place, rest []byte
}

type pendingRow struct {
	owner, pk  int64
	place, doc []byte
}

const (
	// What may wait: assignments are small and lie far apart.
	mostAssignments = 100_000
	mostPending     = 8_000
	// rowsAtOnce is how many rows a statement takes.
	rowsAtOnce = 8
)

var (
	insertAssignment = "INSERT INTO assignment (owner, place, pk, rest) VALUES (?, ?, ?, ?)"
	insertPending    = "INSERT INTO search_pending (owner, pk, was, now, doc) VALUES (?, ?, ?, ?, ?)"

	insertAssignments = insertAssignment + strings.Repeat(", (?, ?, ?, ?)", rowsAtOnce-1)
	insertPendings    = insertPending + strings.Repeat(", (?, ?, ?, ?, ?)", rowsAtOnce-1)
)

// assignNew makes a customer that nobody had before its owners'.
func (t *tx) assignNew(next *stored) error {
	owners, err := t.ownersOf(next)
	if err != nil {
		return err
	}
	doc := customer.Document(next.Customer)
	var rest []byte
	for _, owner := range owners {
		row := assignmentRow{owner, next.pk, next.place, []byte{}}
		if isWorker(owner) {
			if rest == nil {
				rest = restOf(next)
			}
			row.rest = rest
		}
		t.fresh.assignments = append(t.fresh.assignments, row)
		t.fresh.pending = append(t.fresh.pending, pendingRow{owner, next.pk, next.place, doc})
		t.counts[owner]++
		t.touched[owner] = true
	}
	if len(t.fresh.assignments) >= mostAssignments {
		if err := t.writeAssignments(); err != nil {
			return err
		}
	}
	if len(t.fresh.pending) >= mostPending {
		return t.writePending()
	}
	return nil
}

// writeFresh writes the rows of a customer that may be among those that wait, and
// the others with them.
func (t *tx) writeFresh(pk int64) error {
	if pk < t.firstPK {
		return nil // came before this transaction
	}
	if err := t.writeAssignments(); err != nil {
		return err
	}
	return t.writePending()
}

func (t *tx) writeAssignments() error {
	rows := t.fresh.assignments
	slices.SortFunc(rows, func(a, b assignmentRow) int {
		return cmp.Or(cmp.Compare(a.owner, b.owner), bytes.Compare(a.place, b.place))
	})
	err := inChunks(rows, func(rows []assignmentRow) error {
		sql, args := insertAssignment, t.args[:0]
		if len(rows) > 1 {
			sql = insertAssignments
		}
		for _, r := range rows {
			args = append(args, r.owner, r.place, r.pk, r.rest)
		}
		t.args = args
		return t.c.exec(sql, args...)
	})
	clear(rows)
	t.fresh.assignments = rows[:0]
	return err
}

func (t *tx) writePending() error {
	rows := t.fresh.pending
	slices.SortFunc(rows, func(a, b pendingRow) int {
		return cmp.Or(cmp.Compare(a.owner, b.owner), cmp.Compare(a.pk, b.pk))
	})
	err := inChunks(rows, func(rows []pendingRow) error {
		sql, args := insertPending, t.args[:0]
		if len(rows) > 1 {
			sql = insertPendings
		}
		for _, r := range rows {
			args = append(args, r.owner, r.pk, t.notHeld(r.owner, nil), r.place, r.doc)
		}
		t.args = args
		return t.c.exec(sql, args...)
	})
	clear(rows)
	t.fresh.pending = rows[:0]
	return err
}

// inChunks hands on rowsAtOnce rows at a time, and what is left over one by one.
func inChunks[R any](rows []R, write func([]R) error) error {
	for len(rows) > 0 {
		n := 1
		if len(rows) >= rowsAtOnce {
			n = rowsAtOnce
		}
		if err := write(rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
