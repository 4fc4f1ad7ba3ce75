package customers

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// tx is a transaction of Update.
type tx struct {
	s    *Store
	c    *sqldb.Conn
	now  int64 // seconds since 1970
	done bool
	// failed is the first driver error. A change may be half done then, so the
	// transaction must not be committed, even if fn ignores the error.
	failed error

	// Of table `state`.
	nextPK, purgedAt    int64
	duplicates, removed int64
	groupsFrom          driver.Value

	changed  bool
	owners   map[string]int64 // ids read or inserted here
	counts   map[int64]int64  // how many customers owners have gained
	contacts map[int64]bool   // hashes of contacts whose customers changed
	// These wait for being written, several at a time and in the order of their table.
	rows        []*customerRow // new ones
	newContacts []contactRow
	assignments []assignmentRow
	entries     []searchindex.Entry
	recorded    int // how many entries there were

	// found is what find and Prefetch returned, nil for an id that they did not find: callers
	// get, then put. It is bounded by maxFound.
	found map[string]*customerRow
}

// maxFound is how many customers a transaction keeps in memory.
const maxFound = 256

// Update runs fn in one transaction.
func (s *Store) Update(ctx context.Context, fn func(customer.Tx) error) error {
	t := &tx{s: s, now: s.now().Unix(), owners: map[string]int64{}, counts: map[int64]int64{}, contacts: map[int64]bool{}, found: map[string]*customerRow{}}
	defer func() { t.done = true }()
	err := s.unavailable(s.db.Update(ctx, func(c *sqldb.Conn) error {
		t.c = c
		if err := t.begin(); err != nil {
			return err
		}
		if err := fn(t); err != nil {
			return err
		}
		if t.failed != nil {
			return t.failed
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return t.finish()
	}))
	if err == nil && !s.db.Bulk { // a bulk import ends with Compact
		s.db.AfterCommit(ctx, func() { s.noteEntries(t.recorded) })
	}
	return err
}

func (t *tx) begin() error {
	row, err := t.c.One("SELECT next_pk, purged_at, duplicates, removed, shared_from FROM state WHERE id = 1")
	if err != nil {
		return err
	}
	t.nextPK, t.purgedAt = row[0].(int64), row[1].(int64)
	t.duplicates, t.removed, t.groupsFrom = row[2].(int64), row[3].(int64), row[4]
	return nil
}

// finish writes what the transaction left to the end.
func (t *tx) finish() error {
	if !t.changed {
		return nil
	}
	for _, step := range []func() error{t.writeRows, t.writeLists, t.updateCounts, t.updateGroups, t.purge} {
		if err := step(); err != nil {
			return err
		}
	}
	return t.c.Exec("UPDATE state SET generation = generation + 1, next_pk = ?, purged_at = ?, duplicates = ?, removed = ?, shared_from = ? WHERE id = 1",
		t.nextPK, t.purgedAt, t.duplicates, t.removed, t.groupsFrom)
}

// updateCounts updates how many customers owners have.
func (t *tx) updateCounts() error {
	for owner, gained := range t.counts {
		if err := t.c.Exec("UPDATE owner SET customers = customers + ? WHERE id = ?", gained, owner); err != nil {
			return err
		}
	}
	return nil
}

var errTxDone = errors.New("the transaction is over")

// run makes a method of Tx fail after the end of the transaction, and remembers
// its error.
func (t *tx) run(ctx context.Context, fn func() error) error {
	switch {
	case t.done:
		return errTxDone
	case t.failed != nil:
		return t.failed
	case ctx.Err() != nil:
		return ctx.Err()
	}
	err := fn()
	var invalid *customer.InvalidError
	if err != nil && !errors.Is(err, customer.ErrNotFound) && !errors.As(err, &invalid) {
		t.failed = t.s.readError(err)
		return t.failed
	}
	return err
}

// runWritten is run for what reads the tables: nothing waits for being written.
func (t *tx) runWritten(ctx context.Context, fn func() error) error {
	return t.run(ctx, func() error {
		if err := t.writeRows(); err != nil {
			return err
		}
		return fn()
	})
}

// customerRow is a row of table `customer`.
type customerRow struct {
	pk, rev int64
	key     []byte // column `place`
	avatar  string
	body    string
	deleted bool // a tombstone
	customer.Customer
}

const customerColumns = "c.pk, c.rev, c.place, c.avatar, c.body, c.deleted_at"

// decodeCustomerRow decodes customerColumns. A tombstone keeps its name and id.
func decodeCustomerRow(v []driver.Value) (r *customerRow, err error) {
	r = &customerRow{pk: v[0].(int64), rev: v[1].(int64), key: v[2].([]byte), avatar: v[3].(string), body: v[4].(string), deleted: v[5] != nil}
	if r.deleted {
		r.Name, r.ID = splitSortKey(string(r.key))
	} else {
		r.Customer, err = decodeRow(v[2:5])
	}
	return r, err
}

// find reads a customer or its tombstone; nil when there is neither.
func (t *tx) find(id string) (*customerRow, error) {
	if err := t.read([]string{id}); err != nil {
		return nil, err
	}
	return t.found[id], nil
}

// read reads into found those of these customers that are not there.
func (t *tx) read(ids []string) error {
	unread := slices.Clone(ids)
	slices.Sort(unread)
	unread = slices.DeleteFunc(slices.Compact(unread), func(id string) bool { _, known := t.found[id]; return known })
	if len(t.found)+len(unread) > maxFound {
		clear(t.found)
	}
	for _, id := range unread {
		t.found[id] = nil
	}
	if len(unread) == 0 {
		return nil
	}
	if err := t.writeRows(); err != nil {
		return err
	}
	return sqldb.EachOf(t.c, unread, func(v []driver.Value) error {
		r, err := decodeCustomerRow(v)
		if err == nil {
			t.found[r.ID] = r
		}
		return err
	}, "SELECT "+customerColumns+" FROM customer c WHERE c.id IN (%s)")
}

// Prefetch implements customer.Tx.
func (t *tx) Prefetch(ctx context.Context, ids []string) error {
	return t.run(ctx, func() error { return t.read(ids[:min(len(ids), maxFound)]) })
}

// Get implements customer.Tx.
func (t *tx) Get(ctx context.Context, id string) (c customer.Customer, err error) {
	err = t.run(ctx, func() error {
		found, err := t.find(id)
		if err != nil {
			return err
		}
		if found == nil || found.deleted {
			return customer.ErrNotFound
		}
		c = clone(found.Customer)
		return nil
	})
	return c, err
}
