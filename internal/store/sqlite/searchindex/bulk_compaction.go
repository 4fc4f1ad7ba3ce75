package searchindex

import (
	"context"
	"database/sql/driver"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// nowInBlock is true for a pending document of sweep_owner that is in a block under
// its sort key now, if was is NULL.
const nowInBlock = "(SELECT now >= sweep_begin AND (sweep_to IS NULL OR now < sweep_to) FROM state WHERE id = 1)"

// bulkDeletes is how many pending documents one transaction deletes.
const bulkDeletes = 50_000

// bulkCompact compacts an owner with very many documents pending, as after an
// import. It deletes them when all are in blocks, in the order of their table;
// meanwhile table `state` has which of them are in both.
func (x *Index) bulkCompact(ctx context.Context, owner int64) error {
	comp := x.compactAllFrom(owner, []byte{})
	comp.b.bulk = true
	var began []byte // the first sort key, as in table `state`
	for done := false; !done; {
		ours := false
		err := x.db.Update(ctx, func(c *sqldb.Conn) (err error) {
			if ours, err = beginBulkCompaction(c, comp, &began); err != nil || !ours {
				return err
			}
			if done, err = comp.run(ctx, c, x.longEnough()); err != nil {
				return err
			}
			var to driver.Value
			if !done {
				to = comp.from
			}
			return c.Exec("UPDATE state SET generation = generation + 1, sweep_to = ? WHERE id = 1", to)
		})
		if err != nil {
			return err
		}
		if !ours { // another process's, or left over: end it and continue ours
			began = nil
			if err := x.endBulkCompaction(ctx); err != nil {
				return err
			}
		}
		if err := x.db.Pause(ctx); err != nil {
			return err
		}
	}
	return x.endBulkCompaction(ctx)
}

// beginBulkCompaction reports whether table `state` has the progress of comp. When it
// has no bulk compaction, it records the beginning of comp.
func beginBulkCompaction(c *sqldb.Conn, comp *compaction, began *[]byte) (ours bool, err error) {
	row, err := c.One("SELECT sweep_owner, sweep_begin, sweep_to FROM state WHERE id = 1")
	if err != nil {
		return false, err
	}
	begin, _ := row[1].([]byte)
	to, toEnd := row[2].([]byte)
	switch {
	case row[0].(int64) == 0:
		*began = append([]byte{}, comp.from...)
		return true, c.Exec("UPDATE state SET sweep_owner = ?, sweep_begin = ?, sweep_to = ? WHERE id = 1", comp.owner, comp.from, comp.from)
	case row[0].(int64) == comp.owner && *began != nil && string(begin) == string(*began) && toEnd && string(to) == string(comp.from):
		return true, nil
	}
	return false, nil
}

// endBulkCompaction deletes the pending documents that are in blocks according to
// table `state`.
func (x *Index) endBulkCompaction(ctx context.Context) error {
	next := int64(0)
	return x.db.UpdateInSteps(ctx, func(c *sqldb.Conn) (done bool, err error) {
		owner, err := c.Count("SELECT sweep_owner FROM state WHERE id = 1")
		if err != nil || owner == 0 {
			return true, err
		}
		first, last := next, int64(1<<62)
		row, err := c.One("SELECT pk FROM search_pending WHERE owner = ? AND pk >= ? ORDER BY pk LIMIT 1 OFFSET ? + 0", owner, first, int64(bulkDeletes))
		if err != nil {
			return false, err
		}
		if row != nil {
			last = row[0].(int64)
			next = last + 1
		}
		if err := c.Exec(`DELETE FROM search_pending WHERE owner = ? AND pk BETWEEN ? AND ?
			AND was IS NULL AND `+nowInBlock, owner, first, last); err != nil || row != nil {
			return false, err
		}
		return true, c.Exec("UPDATE state SET sweep_owner = 0, sweep_begin = NULL, sweep_to = NULL WHERE id = 1")
	})
}
