package sqlite

import "sync/atomic"

// round is one way round an owner's blocks. The blocks are parted in arcs, in
// the order in which they are gone through; whoever helps takes the next arc.
type round struct {
	*search
	owner   int64
	changed map[int64]struct{} // not to be taken from blocks
	arcs    []arc
	next    atomic.Int32
}

// arc is a part of the round: the blocks that begin at from or later, but before
// to (nil: to the last one).
type arc struct {
	from, to []byte
	// head: the arc is before the place to begin after, so that its matches of
	// later classes come before those of the other arcs, and of the class to go
	// on with it has none.
	head bool
	skip map[int64]struct{} // not to be taken
	only map[int64]struct{} // when not nil, these alone
	// found is what was found, class by class, in list order; many is how many
	// those are, for the others to see.
	found [classes][]int64
	many  [classes]atomic.Int32
}

// newRound plans the way: from begin, whose block is the only one in which
// customers that were passed are, to the end, and from the first block to there.
func newRound(sr *search, owner int64, changed map[int64]struct{}, begin []byte, passed map[int64]struct{}, splits [][]byte) *round {
	r := &round{search: sr, owner: owner, changed: changed}
	first := []byte{}
	if begin == nil {
		r.add(false, first, nil, splits)
		return r
	}
	after := append(append([]byte{}, begin...), 0) // the least place behind begin
	r.arcs = append(r.arcs, arc{from: begin, to: after, skip: passed})
	r.add(false, after, nil, splits)
	if int(sr.class)+1 < classes {
		r.add(true, first, begin, splits)
		r.arcs = append(r.arcs, arc{from: begin, to: after, head: true, only: passed})
	}
	return r
}

// add adds arcs from one place to another, parted where splits says.
func (r *round) add(head bool, from, to []byte, splits [][]byte) {
	for _, split := range splits {
		if string(split) > string(from) && (to == nil || string(split) < string(to)) {
			r.arcs = append(r.arcs, arc{from: from, to: split, head: head})
			from = split
		}
	}
	r.arcs = append(r.arcs, arc{from: from, to: to, head: head})
}

// run goes through arcs until there is none left that is needed.
func (r *round) run(c *conn) error {
	for {
		i := int(r.next.Add(1)) - 1
		if i >= len(r.arcs) {
			return nil
		}
		if err := r.search1(c, i); err != nil {
			return err
		}
	}
}

// search1 searches the blocks of one arc.
func (r *round) search1(c *conn, i int) error {
	a := &r.arcs[i]
	best := r.class
	if a.head {
		best++
	}
	if _, ok := r.worst(i, best); !ok {
		return nil
	}
	return r.s.db.scans.over(c, r.owner, a.from, a.to, func(block []byte) (enough bool, err error) {
		if err := r.ctx.Err(); err != nil {
			return false, err
		}
		worst, ok := r.worst(i, best)
		if !ok {
			return true, nil
		}
		err = r.query.ScanBest(block, worst, func(_ int, pk int64, class uint8) bool {
			if class < best || class > worst || has(r.changed, pk) || has(a.skip, pk) || a.only != nil && !has(a.only, pk) {
				return true
			}
			a.found[class] = append(a.found[class], pk)
			a.many[class].Add(1)
			worst, ok = r.worst(i, best)
			return ok
		})
		return !ok, err
	})
}

// worst is the worst class, from best on, of which another match in arc i would
// still be needed; not ok when that is none. It counts what is known to come
// before such a match: others may have found it meanwhile.
func (r *round) worst(i int, best uint8) (class uint8, ok bool) {
	head := r.arcs[i].head
	sum := 0
	for c := r.class; int(c) < classes; c++ {
		before := 0 // matches of class c that come before those of class c in arc i
		for j := range r.arcs {
			n := int(r.arcs[j].many[c].Load())
			if r.arcs[j].head == head && j <= i || r.arcs[j].head && !head {
				before += n
			}
		}
		if sum+before >= r.need {
			break
		}
		if c >= best {
			class, ok = c, true
		}
		for j := range r.arcs { // all of class c come before class c+1
			sum += int(r.arcs[j].many[c].Load())
		}
	}
	return class, ok
}

// matches are all that was found of a class, in no order that matters.
func (r *round) matches(class uint8) (pks []int64) {
	for i := range r.arcs {
		pks = append(pks, r.arcs[i].found[class]...)
	}
	return pks
}

func has(set map[int64]struct{}, pk int64) bool {
	_, ok := set[pk]
	return ok
}
