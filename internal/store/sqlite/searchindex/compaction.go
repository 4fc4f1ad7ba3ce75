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

	from []byte // the sort key to continue from
	// exactly: this transaction has cut a segment at from, so the next begins there and
	// not at the start of a block. stuck: no block was written that begins there or later,
	// so another transaction would begin at an earlier block and repeat the work.
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
	comp := &compaction{owner: owner, from: []byte{}, b: blockBuilder{x: x, owner: owner}}
	// bounds[i] begins segment i; the first segment begins before all.
	bounds, err := sqldb.Column[[]byte](c, "SELECT first FROM search_block WHERE owner = ? ORDER BY first", owner)
	if comp.blocks = len(bounds); err != nil || len(bounds) == 0 {
		return comp, err
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
		comp.stale = append(comp.stale, bounds[i])
	}
	if len(comp.stale) > 0 {
		comp.from = comp.stale[0]
	}
	return comp, nil
}

// run takes steps in the transaction of c until all is done, or until it has taken
// enough and may pause. It returns whether all is done.
func (comp *compaction) run(ctx context.Context, c *sqldb.Conn, enough func(steps int) bool) (done bool, err error) {
	comp.b.c, comp.exactly = c, false
	for steps := 0; !done && (!enough(steps) || !comp.mayPause(steps)); steps++ {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if done, err = comp.step(); err != nil {
			return false, err
		}
	}
	return done, comp.b.flush()
}

// step rewrites one segment, or a part of a long one; done reports whether it was the
// last.
func (comp *compaction) step() (done bool, err error) {
	to, cut, err := comp.b.segment(comp.from, comp.exactly)
	if err != nil {
		return false, err
	}
	comp.stuck = cut && string(comp.b.latest) < string(comp.from)
	comp.exactly = cut
	if cut {
		comp.from = to
		return false, nil
	}
	if to == nil {
		return true, comp.finish()
	}
	comp.from = to
	if len(comp.b.docs) > 0 && len(comp.b.docs) < comp.b.x.sizes.MinDocs {
		return false, nil // too little for a block: it goes into the next one
	}
	if err := comp.b.flush(); err != nil || comp.all {
		return false, err
	}
	for len(comp.stale) > 0 && string(comp.stale[0]) < string(to) {
		comp.stale = comp.stale[1:]
	}
	if len(comp.stale) == 0 {
		return true, comp.finish()
	}
	comp.from = comp.stale[0]
	return false, nil
}

// mayPause reports whether the transaction may end after so many steps: not when
// the next one would have to repeat them.
func (comp *compaction) mayPause(steps int) bool { return steps >= 2 && !comp.stuck }

func (comp *compaction) finish() error {
	if err := comp.b.flush(); err != nil {
		return err
	}
	rangeBlocks := comp.b.x.sizes.RangeBlocks
	if max(comp.blocks, comp.b.written) < 2*rangeBlocks {
		return nil
	}
	return saveSplitPoints(comp.b.c, comp.owner, rangeBlocks)
}
