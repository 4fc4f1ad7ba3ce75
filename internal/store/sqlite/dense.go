package sqlite

import (
	"context"
	"database/sql/driver"
	"time"
)

// nowSwept is true for a pending document of sweep_owner that is in a block under
// now, if was is NULL.
const nowSwept = "(SELECT now >= sweep_begin AND (sweep_to IS NULL OR now < sweep_to) FROM state WHERE id = 1)"

// endStep is how many pending documents are taken away in one transaction.
const endStep = 50_000

// compactDense compacts an owner with very many documents pending, as after an
// import. They are taken away when all are in blocks, in the order in which they
// came; meanwhile table state says which are in both.
func (s *Customers) compactDense(ctx context.Context, owner int64) error {
	w := &sweep{s: s, owner: owner, all: true, from: []byte{}}
	w.b.dense = true
	var began []byte // where, as table state has it
	for done := false; !done; {
		ours := false
		err := s.writing(ctx, func(c *conn) (err error) {
			if ours, err = s.claimSweep(c, w, &began); err != nil || !ours {
				return err
			}
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
			var to driver.Value
			if !done {
				to = w.from
			}
			return c.exec("UPDATE state SET generation = generation + 1, sweep_to = ? WHERE id = 1", to)
		})
		if err != nil {
			return err
		}
		if !ours { // somebody else's, or left over: it is over now, ours goes on
			began = nil
			if err := s.endSweep(ctx); err != nil {
				return err
			}
		}
		if err := pause(ctx, s.between()); err != nil {
			return err
		}
	}
	return s.endSweep(ctx)
}

// claimSweep tells whether table state says what w has done so far; when it says
// nothing, w begins here.
func (s *Customers) claimSweep(c *conn, w *sweep, began *[]byte) (ours bool, err error) {
	row, err := c.one("SELECT sweep_owner, sweep_begin, sweep_to FROM state WHERE id = 1")
	if err != nil {
		return false, err
	}
	begin, _ := row[1].([]byte)
	to, toEnd := row[2].([]byte)
	switch {
	case row[0].(int64) == 0:
		*began = append([]byte{}, w.from...)
		return true, c.exec("UPDATE state SET sweep_owner = ?, sweep_begin = ?, sweep_to = ? WHERE id = 1", w.owner, w.from, w.from)
	case row[0].(int64) == w.owner && *began != nil && string(begin) == string(*began) && toEnd && string(to) == string(w.from):
		return true, nil
	}
	return false, nil
}

// endSweep takes away the pending documents of which table state says that they
// are in blocks.
func (s *Customers) endSweep(ctx context.Context) error {
	next := int64(0)
	for done := false; !done; {
		err := s.writing(ctx, func(c *conn) error {
			owner, err := count(c, "SELECT sweep_owner FROM state WHERE id = 1")
			if err != nil {
				return err
			}
			if done = owner == 0; done {
				return nil
			}
			first, last := next, int64(1<<62)
			row, err := c.one("SELECT pk FROM search_pending WHERE owner = ? AND pk >= ? ORDER BY pk LIMIT 1 OFFSET ? + 0", owner, first, int64(endStep))
			if err != nil {
				return err
			}
			if row != nil {
				last = row[0].(int64)
				next = last + 1
			}
			if err := c.exec(`DELETE FROM search_pending WHERE owner = ? AND pk BETWEEN ? AND ?
				AND was IS NULL AND `+nowSwept, owner, first, last); err != nil {
				return err
			}
			if done = row == nil; done {
				return c.exec("UPDATE state SET sweep_owner = 0, sweep_begin = NULL, sweep_to = NULL WHERE id = 1")
			}
			return nil
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
	return nil
}
