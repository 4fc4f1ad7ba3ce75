package sqlite

import (
	"context"
	"database/sql/driver"
	"time"
)

// blockSizes are the measures of search blocks; tests have smaller ones.
type blockSizes struct {
	// docs and bytes bound a block: whichever is reached first.
	docs, bytes int
	// few documents are too few for a block of their own beside a neighbour.
	few int
	// perArc is about how many blocks of a large owner are searched in one go.
	perArc int
	// perStep is how many rows are worked on in one step.
	perStep int
	// dense is how many documents pending are very many: see compactDense.
	dense int64
	// atATime is about how long Compact keeps other writers waiting.
	atATime time.Duration
}

var usualBlocks = blockSizes{docs: 256, bytes: 40 << 10, few: 64, perArc: 64, perStep: 2048, dense: 20_000, atATime: 150 * time.Millisecond}

const (
	// pendingFew is never worth a compaction, pendingMost always.
	pendingFew  = 64
	pendingMost = 2048
	// An Update compacts at most segmentsMost segments of an owner, those with
	// the most pending of the first pendingSeen documents.
	segmentsMost = 32
	pendingSeen  = 16 << 10
	// sweepsMost is how often Compact goes over an owner: a customer that moved
	// within the list is met where it was, and next time where it is.
	sweepsMost = 3
)

// Compact makes searches fast after very many changes: it writes anew what they
// read, looks for duplicates among those who came, and moves the write-ahead log
// into the file. Searches answer rightly before, meanwhile and after; other
// writers come to write in between.
//
// It does not run ANALYZE. Each of our statements has one plan that is right
// whatever the tables hold; and once there are statistics, SQLite plans a
// statement anew whenever its parameters change, which costs more than running it.
func (s *Customers) Compact(ctx context.Context) error {
	if err := s.tidy(ctx, 0); err != nil {
		return err
	}
	return s.withWriter(ctx, func(c *conn) error {
		_, err := c.one("PRAGMA wal_checkpoint(PASSIVE)")
		return err
	})
}

// Maintain does what keeps a long-running process fast and its file small:
// compacts what an interrupted import left behind, completes the register of a
// database that is older than it, and purges. It is cheap when there is nothing
// to do. Meant for the start of a process and every hour.
func (s *Customers) Maintain(ctx context.Context) error {
	if err := s.tidy(ctx, pendingFew); err != nil {
		return err
	}
	_, err := s.Purge(ctx)
	return err
}

func (s *Customers) tidy(ctx context.Context, few int64) error {
	if err := s.compactAll(ctx, few); err != nil {
		return err
	}
	if err := s.writeOld(ctx); err != nil {
		return err
	}
	return s.shareAll(ctx)
}

// between is the pause after each transaction of one that writes many; bulk
// imports pause anyway.
func (s *Customers) between() time.Duration {
	if s.db.bulk {
		return 0
	}
	return s.db.giveWay
}

// compactAll compacts every owner with more than few documents pending.
func (s *Customers) compactAll(ctx context.Context, few int64) error {
	if err := s.endSweep(ctx); err != nil {
		return err
	}
	for range sweepsMost {
		var owners, dense []int64
		err := s.view(ctx, func(c *conn) error {
			return c.each(func(v []driver.Value) error {
				if v[1].(int64) > s.blocks.dense {
					dense = append(dense, v[0].(int64))
				} else {
					owners = append(owners, v[0].(int64))
				}
				return nil
			}, "SELECT owner, count(*) FROM search_pending GROUP BY owner HAVING count(*) > ?", few)
		})
		if err != nil || len(owners)+len(dense) == 0 {
			return err
		}
		if err := s.compactOwners(ctx, owners); err != nil {
			return err
		}
		for _, owner := range dense {
			if err := s.compactDense(ctx, owner); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Customers) compactOwners(ctx context.Context, owners []int64) error {
	var w *sweep
	for len(owners) > 0 || w != nil {
		if w == nil {
			// Planned by a reader: a long look must not keep writers waiting.
			err := s.view(ctx, func(c *conn) (err error) {
				w, err = s.plan(c, owners[0], -1, -1)
				return err
			})
			if err != nil {
				return err
			}
			owners = owners[1:]
		}
		err := s.writing(ctx, func(c *conn) error {
			steps := 0
			for start := time.Now(); w != nil && (time.Since(start) < s.blocks.atATime || !w.mayPause(steps)); steps++ {
				if err := ctx.Err(); err != nil {
					return err
				}
				done, err := w.step(c)
				if err != nil {
					return err
				}
				if !done {
					continue
				}
				if w = nil; len(owners) > 0 {
					if w, err = s.plan(c, owners[0], pendingSeen, -1); err != nil {
						return err
					}
					owners = owners[1:]
				}
			}
			if w != nil {
				if err := w.flush(c); err != nil {
					return err
				}
			}
			return c.exec("UPDATE state SET generation = generation + 1 WHERE id = 1")
		})
		if err != nil {
			return err
		}
		if err := pause(ctx, s.between()); err != nil {
			return err
		}
	}
	return nil
}

// compactIfDue compacts an owner that has many documents pending for its size, or
// a part of it: what costs least for what it brings.
func (s *Customers) compactIfDue(ctx context.Context, c *conn, owner int64) error {
	pending, err := count(c, "SELECT count(*) FROM (SELECT 1 FROM search_pending WHERE owner = ? LIMIT ? + 0)", owner, int64(pendingMost+1))
	if err != nil || pending <= pendingFew {
		return err
	}
	if pending <= pendingMost {
		// A quarter of what is in blocks, which hold about that many each.
		enough := 4 * pending / int64(s.blocks.docs)
		blocks, err := count(c, "SELECT count(*) FROM (SELECT 1 FROM search_block WHERE owner = ? LIMIT ? + 0)", owner, enough+1)
		if err != nil || blocks > enough {
			return err
		}
	}
	w, err := s.plan(c, owner, pendingSeen, segmentsMost)
	if err != nil {
		return err
	}
	done := false
	for steps := 0; !done && (steps < 2*segmentsMost || !w.mayPause(steps)); steps++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if done, err = w.step(c); err != nil {
			return err
		}
	}
	return w.flush(c)
}

// writeOld writes the blocks of the register and of nobody's customers for a
// database that is older than those, some at a time.
func (s *Customers) writeOld(ctx context.Context) error {
	for owner, column := range map[int64]string{register: "register_from", unassigned: "unassigned_from"} {
		for done := false; !done; {
			err := s.writing(ctx, func(c *conn) error {
				row, err := c.one("SELECT " + column + " IS NULL, " + column + " FROM state WHERE id = 1")
				if err != nil {
					return err
				}
				if done = row[0].(int64) == 1; done {
					return nil
				}
				from, _ := row[1].([]byte)
				w := &sweep{s: s, owner: owner, all: true, from: from}
				steps := 0
				for start := time.Now(); !done && (time.Since(start) < s.blocks.atATime || !w.mayPause(steps)); steps++ {
					if err := ctx.Err(); err != nil {
						return err
					}
					if done, err = w.step(c); err != nil {
						return err
					}
				}
				if err := w.flush(c); err != nil {
					return err
				}
				var next driver.Value
				if !done {
					next = w.from
				}
				return c.exec("UPDATE state SET generation = generation + 1, "+column+" = ? WHERE id = 1", next)
			})
			if err != nil {
				return err
			}
			if !done {
				if err := pause(ctx, s.between()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func count(c *conn, sql string, args ...driver.Value) (int64, error) {
	row, err := c.one(sql, args...)
	if err != nil {
		return 0, err
	}
	return row[0].(int64), nil
}
