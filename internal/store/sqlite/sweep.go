package sqlite

import (
	"database/sql/driver"
	"slices"
	"sort"
)

// A sweep goes over an owner's blocks in list order, and brings those up to date
// that it is to. It goes in steps; any number of them may be in one transaction,
// and others may write between two transactions.
type sweep struct {
	s     *Customers
	owner int64
	// stale are places in the segments to bring up to date, in order; all stands
	// for every segment.
	stale [][]byte
	all   bool

	from []byte // where to go on
	// exactly: in this transaction a segment was cut at from. stuck: since then no
	// block was written by which the next transaction would know where it was.
	exactly, stuck bool
	b              builder

	blocks int // how many the owner had, when it was planned
}

// plan finds out which segments of an owner have documents pending, of which it
// looks at so many (-1: all); of those segments it takes the most with the most
// pending (-1: all).
func (s *Customers) plan(c *conn, owner int64, seen, most int64) (*sweep, error) {
	w := &sweep{s: s, owner: owner, from: []byte{}}
	var bounds [][]byte // bounds[i] begins segment i; the first one begins before all
	err := c.each(func(v []driver.Value) error {
		bounds = append(bounds, v[0].([]byte))
		return nil
	}, "SELECT first FROM search_block WHERE owner = ? ORDER BY first", owner)
	if w.blocks = len(bounds); err != nil || len(bounds) == 0 {
		return w, err
	}
	pending := make([]int, len(bounds))
	mark := func(place driver.Value) (segment int) {
		p, _ := place.([]byte)
		if len(p) == 0 {
			return -1
		}
		i := sort.Search(len(bounds), func(i int) bool { return string(bounds[i]) > string(p) })
		return max(i-1, 0)
	}
	err = c.each(func(v []driver.Value) error {
		was, now := mark(v[0]), mark(v[1])
		if was >= 0 {
			pending[was]++
		}
		if now >= 0 && now != was {
			pending[now]++
		}
		return nil
	}, "SELECT was, now FROM search_pending WHERE owner = ? LIMIT ? + 0", owner, seen)
	if err != nil {
		return nil, err
	}
	var segments []int
	for i, n := range pending {
		if n > 0 {
			segments = append(segments, i)
		}
	}
	if most >= 0 && len(segments) > int(most) {
		slices.SortFunc(segments, func(a, b int) int { return pending[b] - pending[a] })
		segments = segments[:most]
		slices.Sort(segments)
	}
	for _, i := range segments {
		w.stale = append(w.stale, bounds[i])
	}
	if len(w.stale) > 0 {
		w.from = w.stale[0]
	}
	return w, nil
}

// step brings one segment up to date, or a part of a long one; done tells that
// it was the last.
func (w *sweep) step(c *conn) (done bool, err error) {
	w.b.c, w.b.owner, w.b.sizes = c, w.owner, w.s.blocks
	to, cut, err := w.b.segment(w.from, w.exactly)
	if err != nil {
		return false, err
	}
	w.stuck = cut && string(w.b.latest) < string(w.from)
	w.exactly = cut
	if cut {
		w.from = to
		return false, nil
	}
	if to == nil {
		return true, w.finish(c)
	}
	w.from = to
	if len(w.b.docs) > 0 && len(w.b.docs) < w.s.blocks.few {
		return false, nil // too little for a block: it goes into the next one
	}
	if err := w.b.flush(); err != nil || w.all {
		return false, err
	}
	for len(w.stale) > 0 && string(w.stale[0]) < string(to) {
		w.stale = w.stale[1:]
	}
	if len(w.stale) == 0 {
		return true, w.finish(c)
	}
	w.from = w.stale[0]
	return false, nil
}

// mayPause tells whether the transaction may end after so many steps: only when
// the next one would not do it all again.
func (w *sweep) mayPause(steps int) bool { return steps >= 2 && !w.stuck }

// flush writes what waits, at the end of a transaction; the sweep may go on in
// another one.
func (w *sweep) flush(c *conn) error {
	w.b.c, w.exactly = c, false
	return w.b.flush()
}

func (w *sweep) finish(c *conn) error {
	if err := w.b.flush(); err != nil {
		return err
	}
	if max(w.blocks, w.b.written) < 2*w.s.blocks.perArc {
		return nil
	}
	return split(c, w.owner, w.s.blocks.perArc)
}
