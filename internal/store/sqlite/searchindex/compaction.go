package searchindex

import (
	"context"
	"database/sql/driver"
	"slices"
	"sort"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// compaction goes over an owner's blocks in list order and rewrites those with
// pending documents. It proceeds in steps; any number of them may be in one
// transaction, and other processes may write between two transactions.
type compaction struct {
	owner int64
	// stale are sort keys in the segments to rewrite, in order; all stands for
	// every segment.
	stale [][]byte
	all   bool

	from []byte // where to go on
	// exactly: in this transaction a segment was cut at from. stuck: since then no
	// block was written from which the next transaction would know where it was.
	exactly, stuck bool
	b              blockBuilder

	blocks int // how many the owner had when the compaction was planned
}

// compactAllFrom returns a compaction of all of an owner's blocks from a sort key on.
func (x *Index) compactAllFrom(owner int64, from []byte) *compaction {
	return &compaction{owner: owner, all: true, from: from, b: blockBuilder{x: x, owner: owner}}
}

// plan returns a compaction of the segments of an owner that have documents
// pending. It reads at most maxRows pending rows, and takes at most maxSegments
// segments, those with the most pending (-1: all).
func (x *Index) plan(c *sqldb.Conn, owner int64, maxRows, maxSegments int64) (*compaction, error) {
	w := &compaction{owner: owner, from: []byte{}, b: blockBuilder{x: x, owner: owner}}
	// bounds[i] begins segment i; the first segment begins before all.
	bounds, err := sqldb.Column[[]byte](c, "SELECT first FROM search_block WHERE owner = ? ORDER BY first", owner)
	if w.blocks = len(bounds); err != nil || len(bounds) == 0 {
		return w, err
	}
	pending := make([]int, len(bounds))
	segmentOf := func(key driver.Value) int {
		k, _ := key.([]byte)
		if len(k) == 0 {
			return -1
		}
		i := sort.Search(len(bounds), func(i int) bool { return string(bounds[i]) > string(k) })
		return max(i-1, 0)
	}
	err = c.Each(func(v []driver.Value) error {
		was, now := segmentOf(v[0]), segmentOf(v[1])
		if was >= 0 {
			pending[was]++
		}
		if now >= 0 && now != was {
			pending[now]++
		}
		return nil
	}, "SELECT was, now FROM search_pending WHERE owner = ? LIMIT ? + 0", owner, maxRows)
	if err != nil {
		return nil, err
	}
	var segments []int
	for i, n := range pending {
		if n > 0 {
			segments = append(segments, i)
		}
	}
	if maxSegments >= 0 && len(segments) > int(maxSegments) {
		slices.SortFunc(segments, func(a, b int) int { return pending[b] - pending[a] })
		segments = segments[:maxSegments]
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

// run takes steps in the transaction of c until all is done, or until it has taken
// enough and may pause. It returns whether all is done.
func (w *compaction) run(ctx context.Context, c *sqldb.Conn, enough func(steps int) bool) (done bool, err error) {
	w.b.c, w.exactly = c, false
	for steps := 0; !done && (!enough(steps) || !w.mayPause(steps)); steps++ {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if done, err = w.step(); err != nil {
			return false, err
		}
	}
	return done, w.b.flush()
}

// step rewrites one segment, or a part of a long one; done reports whether it was the
// last.
func (w *compaction) step() (done bool, err error) {
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
		return true, w.finish()
	}
	w.from = to
	if len(w.b.docs) > 0 && len(w.b.docs) < w.b.x.sizes.MinDocs {
		return false, nil // too little for a block: it goes into the next one
	}
	if err := w.b.flush(); err != nil || w.all {
		return false, err
	}
	for len(w.stale) > 0 && string(w.stale[0]) < string(to) {
		w.stale = w.stale[1:]
	}
	if len(w.stale) == 0 {
		return true, w.finish()
	}
	w.from = w.stale[0]
	return false, nil
}

// mayPause reports whether the transaction may end after so many steps: not when
// the next one would have to repeat them.
func (w *compaction) mayPause(steps int) bool { return steps >= 2 && !w.stuck }

func (w *compaction) finish() error {
	if err := w.b.flush(); err != nil {
		return err
	}
	rangeBlocks := w.b.x.sizes.RangeBlocks
	if max(w.blocks, w.b.written) < 2*rangeBlocks {
		return nil
	}
	return saveSplitPoints(w.b.c, w.owner, rangeBlocks)
}
