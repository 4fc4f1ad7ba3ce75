package searchindex

import (
	"errors"
	"sync/atomic"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// parallelScan scans an owner's blocks once. The blocks are divided into ranges,
// in the order in which they are to be scanned; each connection that takes part
// takes the next range.
type parallelScan struct {
	finder
	changed map[int64]struct{} // not to be taken from blocks
	ranges  []scanRange
	next    atomic.Int32
}

// scanRange is a part of the scan: the blocks that begin at from or later, but
// before to (nil: to the last one).
type scanRange struct {
	from, to []byte
	// head reports that the range is before the start key. It has no wanted
	// matches of class Class, and its matches of later classes come before those of
	// the other ranges.
	head bool
	skip map[int64]struct{} // not to be taken
	only map[int64]struct{} // when not nil, only these
	// found are the matches of each class, in list order; count is how many they
	// are, for the other connections to read.
	found [Classes][]int64
	count [Classes]atomic.Int32
}

// blocks adds the wanted matches in an owner's blocks. It scans each block once:
// from the start key to the last block, for the rest of class Class, and then, for the
// later classes, from the first block to the start key. Of a large owner, two
// connections each scan a part.
func (p *parallelScan) blocks(found *Matches) error {
	begin, passed, err := p.start()
	if err != nil {
		return err
	}
	points, err := splitPoints(p.c, p.owner)
	if err != nil {
		return err
	}
	p.plan(begin, passed, points)
	if len(points) == 0 {
		err = p.run(p.c)
	} else {
		err = p.runOnTwo()
	}
	if err != nil {
		return err
	}
	for class := range found {
		for i := range p.ranges {
			found[class] = append(found[class], p.ranges[i].found[class]...)
		}
	}
	return nil
}

// runOnTwo runs the scan with the help of a second connection, if one is idle and
// sees the same snapshot.
func (p *parallelScan) runOnTwo() error {
	second, err := p.x.db.TryConn()
	if err != nil || second == nil {
		return p.run(p.c)
	}
	defer p.x.db.PutConn(second)
	end, err := second.Begin()
	if err != nil {
		return err
	}
	defer end()
	const generation = "SELECT generation FROM state WHERE id = 1"
	ours, err := p.c.Count(generation)
	if err != nil {
		return err
	}
	if theirs, err := second.Count(generation); err != nil || theirs != ours {
		return p.run(p.c)
	}
	helped := make(chan error, 1)
	go func() { helped <- p.run(second) }()
	return errors.Join(p.run(p.c), <-helped)
}

// plan divides the scan into ranges: from begin, whose block is the only one with
// customers before the start key, to the end, and from the first block to there.
func (p *parallelScan) plan(begin []byte, passed map[int64]struct{}, points [][]byte) {
	first := []byte{}
	if begin == nil {
		p.add(false, first, nil, points)
		return
	}
	after := append(append([]byte{}, begin...), 0) // the smallest key behind begin
	p.ranges = append(p.ranges, scanRange{from: begin, to: after, skip: passed})
	p.add(false, after, nil, points)
	if int(p.Class)+1 < Classes {
		p.add(true, first, begin, points)
		p.ranges = append(p.ranges, scanRange{from: begin, to: after, head: true, only: passed})
	}
}

// add adds the ranges between two keys, divided at the split points.
func (p *parallelScan) add(head bool, from, to []byte, points [][]byte) {
	for _, point := range points {
		if string(point) > string(from) && (to == nil || string(point) < string(to)) {
			p.ranges = append(p.ranges, scanRange{from: from, to: point, head: head})
			from = point
		}
	}
	p.ranges = append(p.ranges, scanRange{from: from, to: to, head: head})
}

// run scans ranges until no other one is needed.
func (p *parallelScan) run(c *sqldb.Conn) error {
	for {
		i := int(p.next.Add(1)) - 1
		if i >= len(p.ranges) {
			return nil
		}
		if err := p.scanRange(c, i); err != nil {
			return err
		}
	}
}

// scanRange scans the blocks of one range.
func (p *parallelScan) scanRange(c *sqldb.Conn, i int) error {
	r := &p.ranges[i]
	best := p.Class
	if r.head {
		best++
	}
	if _, ok := p.worst(i, best); !ok {
		return nil
	}
	return p.x.scanner.scan(c, p.owner, r.from, r.to, func(block []byte) (enough bool, err error) {
		if err := p.ctx.Err(); err != nil {
			return false, err
		}
		worst, ok := p.worst(i, best)
		if !ok {
			return true, nil
		}
		err = p.ScanBest(block, worst, func(_ int, pk int64, class uint8) bool {
			if class < best || class > worst || has(p.changed, pk) || has(r.skip, pk) || r.only != nil && !has(r.only, pk) {
				return true
			}
			r.found[class] = append(r.found[class], pk)
			r.count[class].Add(1)
			worst, ok = p.worst(i, best)
			return ok
		})
		return !ok, err
	})
}

// worst returns the worst class, from best on, of which another match in range i
// would still be needed; not ok when there is none. It counts the known matches
// that come before such a match: other connections may have found more meanwhile.
func (p *parallelScan) worst(i int, best uint8) (class uint8, ok bool) {
	head := p.ranges[i].head
	sum := 0
	for c := p.Class; int(c) < Classes; c++ {
		before := 0 // matches of class c that come before those of class c in range i
		for j := range p.ranges {
			n := int(p.ranges[j].count[c].Load())
			if p.ranges[j].head == head && j <= i || p.ranges[j].head && !head {
				before += n
			}
		}
		if sum+before >= p.Need {
			break
		}
		if c >= best {
			class, ok = c, true
		}
		for j := range p.ranges { // all of class c come before class c+1
			sum += int(p.ranges[j].count[c].Load())
		}
	}
	return class, ok
}

func has(set map[int64]struct{}, pk int64) bool {
	_, ok := set[pk]
	return ok
}
