package searchindex

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// Update records the changes of one transaction.
type Update struct {
	x *Index
	c *sqldb.Conn
	// backfill has the sort keys from which on the blocks of an owner are still to
	// be written, for databases older than that owner.
	backfill  map[int64][]byte
	bulkOwner int64          // the owner of a running bulk compaction, 0 for none
	touched   map[int64]bool // owners with pending documents
	added     []pendingRow   // wait for being inserted in the order of the table
}

type pendingRow struct {
	owner, pk int64
	was       driver.Value
	now, doc  []byte
}

// maxAdded is how many added documents may wait.
const maxAdded = 8_000

const insertPending = "INSERT INTO search_pending (owner, pk, was, now, doc) VALUES"

var pendingInserter = sqldb.NewInserter(insertPending, 5,
	func(a, b pendingRow) int { return cmp.Or(cmp.Compare(a.owner, b.owner), cmp.Compare(a.pk, b.pk)) },
	func(args []driver.Value, r pendingRow) []driver.Value {
		return append(args, r.owner, r.pk, r.was, r.now, r.doc)
	})

// Begin returns an Update for the write transaction of c.
func (x *Index) Begin(c *sqldb.Conn) *Update { return &Update{x: x, c: c} }

// touch prepares for a change of an owner's documents.
func (u *Update) touch(owner int64) error {
	if u.touched == nil {
		row, err := u.c.One(`UPDATE state SET generation = generation + 1 WHERE id = 1 RETURNING sweep_owner,
			register_from IS NOT NULL, register_from, unassigned_from IS NOT NULL, unassigned_from`)
		if err != nil {
			return err
		}
		u.touched, u.bulkOwner = map[int64]bool{}, row[0].(int64)
		for i, owner := range []int64{OwnerAll, OwnerUnassigned} {
			if row[1+2*i].(int64) == 1 {
				if u.backfill == nil {
					u.backfill = map[int64][]byte{}
				}
				from, _ := row[2+2*i].([]byte)
				u.backfill[owner] = from
			}
		}
	}
	u.touched[owner] = true
	return nil
}

// Add adds a customer that no owner had before. It may wait for Flush: changes of
// the same customer in this transaction need one first.
func (u *Update) Add(owner, pk int64, key, doc []byte) error {
	if err := u.touch(owner); err != nil {
		return err
	}
	u.added = append(u.added, pendingRow{owner, pk, u.notInBlocks(owner), key, doc})
	if len(u.added) >= maxAdded {
		return u.Flush()
	}
	return nil
}

// Flush writes what Add left waiting.
func (u *Update) Flush() error {
	err := pendingInserter.Insert(u.c, u.added)
	clear(u.added)
	u.added = u.added[:0]
	return err
}

// Change records the new sort key and document of an owner's customer. was is the
// sort key before this change, nil when the customer is new to the owner; now is
// nil when the owner no longer has the customer.
func (u *Update) Change(owner, pk int64, was, now, doc []byte) error {
	if err := u.touch(owner); err != nil {
		return err
	}
	if from, ok := u.backfill[owner]; ok && bytes.Compare(was, from) >= 0 {
		was = nil
	}
	held := u.notInBlocks(owner) // column `was` keeps the value set by the first change since the last compaction
	if was != nil {
		held = was
	}
	const insert = insertPending + " (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET now = excluded.now, doc = excluded.doc"
	if owner != u.bulkOwner {
		return u.c.Exec(insert, owner, pk, held, now, doc)
	}
	return u.c.Exec(insert+", was = CASE WHEN was IS NULL AND "+nowInBlock+" THEN now ELSE coalesce(was, x'') END",
		owner, pk, held, now, doc)
}

// notInBlocks is the value of column `was` for a customer that is in no block of an owner.
func (u *Update) notInBlocks(owner int64) driver.Value {
	if owner == u.bulkOwner {
		return []byte{}
	}
	return nil
}

// Remove records that an owner no longer has a customer.
func (u *Update) Remove(owner, pk int64, was []byte) error {
	if err := u.Change(owner, pk, was, nil, nil); err != nil {
		return err
	}
	// A customer that is in no block need not be pending.
	return u.c.Exec("DELETE FROM search_pending WHERE owner = ? AND pk = ? AND coalesce(was, x'') = x'' AND now IS NULL", owner, pk)
}

// Finish writes the rows that wait, and compacts owners with many pending documents, except
// in a bulk import.
func (u *Update) Finish(ctx context.Context) error {
	if err := u.Flush(); err != nil {
		return err
	}
	if u.x.db.Bulk() {
		return nil
	}
	for owner := range u.touched {
		if err := u.x.compactIfDue(ctx, u.c, owner); err != nil {
			return err
		}
	}
	return nil
}
