package search

// Scan calls visit for each matching document of a block, in order, with its index, its
// row and the class of the match. It stops when visit returns false. A corrupt block
// yields ErrCorruptBlock or meaningless matches, never a panic.
func (q Query) Scan(block []byte, visit func(i int, row int64, class uint8) bool) error {
	return q.ScanBest(block, ClassAny, visit)
}

// ScanBest is Scan limited to matches no worse than the class worst. ClassWords is
// several times as fast as ClassAny, since only names are scanned.
func (q Query) ScanBest(block []byte, worst uint8, visit func(i int, row int64, class uint8) bool) error {
	r, err := parseBlock(block)
	if err != nil {
		return err
	}
	if q.IsEmpty() || r.count == 0 {
		return nil
	}
	s := scanner{query: &q, block: &r}
	switch {
	case worst < ClassAny:
		for _, spelled := range q.spellings {
			s.finders = append(s.finders, newFinder(&r, spelled.wordStarts, true))
		}
	case q.common != nil:
		s.finders, s.verify = []finder{newFinder(&r, q.common, false)}, true
	default:
		for _, all := range q.alternatives {
			s.finders = append(s.finders, newFinder(&r, all, false))
		}
	}
	for i := s.next(0); i < r.count; i = s.next(i + 1) {
		class, ok, err := s.classify(i)
		if err != nil {
			return err
		}
		if ok && class <= worst && !visit(i, r.row(i), class) {
			return nil
		}
	}
	return nil
}

// A scanner scans a block for a Query.
type scanner struct {
	query   *Query
	block   *blockReader
	finders []finder
	verify  bool // records that finders find are only candidates
}

// next returns the first record from i on that a finder finds.
func (s *scanner) next(i int) int {
	next := s.block.count
	for k := range s.finders {
		if next = min(next, s.finders[k].seek(i)); next == i {
			break // there is no earlier one
		}
	}
	return next
}

// classify reports whether record i, which next returned, matches, and its class.
func (s *scanner) classify(i int) (class uint8, ok bool, err error) {
	if !s.verify && len(s.finders) == 1 && !s.finders[0].isInName(i) {
		return ClassAny, true, nil
	}
	name, ok := s.block.names.record(i)
	if !ok {
		return 0, false, ErrCorruptBlock
	}
	if s.verify {
		rest, ok := s.block.rests.record(i)
		if !ok {
			return 0, false, ErrCorruptBlock
		}
		if !s.query.matches(name, rest) {
			return 0, false, nil
		}
	}
	return s.query.class(name), true, nil
}

// A finder finds the records of a block that contain all of some patterns, in order.
type finder struct {
	block    *blockReader
	next     int // the last result
	patterns []patternFinder
}

// A patternFinder finds the records that contain one pattern.
type patternFinder struct {
	names, rests columnFinder
}

// A columnFinder finds the records of one column that contain one pattern.
type columnFinder struct {
	column  *column
	pattern *pattern
	next    int // the last result; -1 before the first
}

func newFinder(r *blockReader, all patterns, namesOnly bool) finder {
	f := finder{block: r, next: -1, patterns: make([]patternFinder, len(all))}
	for k := range all {
		pf := &f.patterns[k]
		pf.names = columnFinder{&r.names, &all[k], -1}
		pf.rests = columnFinder{&r.rests, &all[k], -1}
		if namesOnly {
			pf.rests.next = r.count
		}
	}
	return f
}

// seek returns the first record from i on that contains all patterns. Each pattern in
// turn advances to its next record, so that the rarest one determines the steps.
func (f *finder) seek(i int) int {
	if f.next >= i {
		return f.next
	}
	count := f.block.count
	for agreed := 0; agreed < len(f.patterns) && i < count; {
		agreed = 0
		for k := range f.patterns {
			pf := &f.patterns[k]
			at := pf.names.seek(i, count)
			if at > i {
				at = min(at, pf.rests.seek(i, count))
			}
			if at > i {
				i = at
				break
			}
			agreed++
		}
	}
	f.next = i
	return i
}

// isInName reports whether all patterns are in the name of record i, which seek
// returned.
func (f *finder) isInName(i int) bool {
	for k := range f.patterns {
		if f.patterns[k].names.next != i {
			return false
		}
	}
	return true
}

// seek returns the first record from i on that contains the pattern.
func (c *columnFinder) seek(i, count int) int {
	if c.next >= i {
		return c.next
	}
	a, size := c.column, len(c.pattern.bytes)
	pos := a.start(i)
	for pos < len(a.text) && i < count {
		k := c.pattern.index(a.text[pos:])
		if k < 0 {
			break
		}
		pos += k
		i = a.recordAt(i, count, pos)
		if i < count && pos+size <= a.end(i) {
			c.next = i
			return i
		}
		pos++ // spans two documents: no match
	}
	c.next = count
	return count
}
