package searchindex

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

const (
	// Up to minPending documents are never worth a compaction, more than
	// maxPending always are.
	minPending = 64
	maxPending = 2048
	// An Update compacts at most maxSegments segments of an owner, those with the
	// most pending of the first maxPlanned documents.
	maxSegments = 32
	maxPlanned  = 16 << 10
	// maxPasses is how often Compact goes over an owner: one pass handles the old
	// position of a customer that moved within the list, the next one the new position.
	maxPasses = 3
)

// Compact makes searches fast after very many changes. Searches are right before,
// during and after it, and other processes can write during it.
func (x *Index) Compact(ctx context.Context) error { return x.compact(ctx, 0) }

// Maintain is Compact for those owners only that have many documents pending. It
// is cheap when there is nothing to do.
func (x *Index) Maintain(ctx context.Context) error { return x.compact(ctx, minPending) }

func (x *Index) compact(ctx context.Context, threshold int64) error {
	if err := x.compactPending(ctx, threshold); err != nil {
		return err
	}
	for owner, column := range map[int64]string{OwnerAll: "register_from", OwnerUnassigned: "unassigned_from"} {
		if err := x.backfill(ctx, owner, "state", column, 1); err != nil {
			return err
		}
	}
	var old []int64
	err := x.db.View(ctx, func(c *sqldb.Conn) (err error) {
		old, err = sqldb.Column[int64](c, "SELECT id FROM owner WHERE renew_from IS NOT NULL")
		return err
	})
	for i := 0; err == nil && i < len(old); i++ {
		err = x.backfill(ctx, old[i], "owner", "renew_from", old[i])
	}
	return err
}

// compactPending compacts every owner with more than threshold documents pending.
func (x *Index) compactPending(ctx context.Context, threshold int64) error {
	if err := x.endBulkCompaction(ctx); err != nil {
		return err
	}
	for range maxPasses {
		var owners, bulk []int64
		err := x.db.View(ctx, func(c *sqldb.Conn) error {
			return c.Each(func(v []driver.Value) error {
				if v[1].(int64) > x.sizes.BulkPending {
					bulk = append(bulk, v[0].(int64))
				} else {
					owners = append(owners, v[0].(int64))
				}
				return nil
			}, "SELECT owner, count(*) FROM search_pending GROUP BY owner HAVING count(*) > ?", threshold)
		})
		if err != nil || len(owners)+len(bulk) == 0 {
			return err
		}
		if err := x.compactOwners(ctx, owners); err != nil {
			return err
		}
		for _, owner := range bulk {
			if err := x.bulkCompact(ctx, owner); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *Index) compactOwners(ctx context.Context, owners []int64) error {
	var comp *compaction
	for len(owners) > 0 || comp != nil {
		if comp == nil {
			// Planned on a reader: a long read must not keep writers waiting.
			err := x.db.View(ctx, func(c *sqldb.Conn) (err error) {
				comp, err = x.plan(c, owners[0], -1, -1)
				return err
			})
			if err != nil {
				return err
			}
			owners = owners[1:]
		}
		err := x.db.Update(ctx, func(c *sqldb.Conn) error {
			enough := x.longEnough()
			for comp != nil {
				done, err := comp.run(ctx, c, enough)
				if err != nil {
					return err
				}
				if !done {
					break
				}
				if comp = nil; len(owners) > 0 && !enough(0) {
					if comp, err = x.plan(c, owners[0], maxPlanned, -1); err != nil {
						return err
					}
					owners = owners[1:]
				}
			}
			return c.Exec("UPDATE state SET generation = generation + 1 WHERE id = 1")
		})
		if err != nil {
			return err
		}
		if err := x.db.Pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// longEnough returns a function that reports when a transaction that begins now has
// lasted long enough.
func (x *Index) longEnough() func(steps int) bool {
	start := time.Now()
	return func(int) bool { return time.Since(start) >= x.sizes.Transaction }
}

// compactIfDue compacts an owner that has many documents pending for its size, or
// the part of it where that gains most.
func (x *Index) compactIfDue(ctx context.Context, c *sqldb.Conn, owner int64) error {
	pending, err := c.Count("SELECT count(*) FROM (SELECT 1 FROM search_pending WHERE owner = ? LIMIT ? + 0)", owner, int64(maxPending+1))
	if err != nil || pending <= minPending {
		return err
	}
	if pending <= maxPending {
		// Due from a quarter of what is in blocks, taken as full ones.
		enough := 4 * pending / int64(x.sizes.Docs)
		blocks, err := c.Count("SELECT count(*) FROM (SELECT 1 FROM search_block WHERE owner = ? LIMIT ? + 0)", owner, enough+1)
		if err != nil || blocks > enough {
			return err
		}
	}
	comp, err := x.plan(c, owner, maxPlanned, maxSegments)
	if err != nil {
		return err
	}
	_, err = comp.run(ctx, c, func(steps int) bool { return steps >= 2*maxSegments })
	return err
}

// backfill writes the blocks of an owner for a database that is older than the owner or
// the form of documents, some at a time. A column of a table has the sort key to continue
// from, in the row with an id.
func (x *Index) backfill(ctx context.Context, owner int64, table, column string, id int64) error {
	return x.db.UpdateInSteps(ctx, func(c *sqldb.Conn) (done bool, err error) {
		row, err := c.One("SELECT "+column+" IS NULL, "+column+" FROM "+table+" WHERE id = ?", id)
		if err != nil || row[0].(int64) == 1 {
			return true, err
		}
		from, _ := row[1].([]byte)
		comp := x.compactAllFrom(owner, from)
		if done, err = comp.run(ctx, c, x.longEnough()); err != nil {
			return false, err
		}
		var next driver.Value
		if !done {
			next = comp.from
		}
		if err := c.Exec("UPDATE "+table+" SET "+column+" = ? WHERE id = ?", next, id); err != nil {
			return false, err
		}
		return done, c.Exec("UPDATE state SET generation = generation + 1 WHERE id = 1")
	})
}
