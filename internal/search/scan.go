package search

// Scan calls visit for each document of the block that matches, in order: its
// index in the block, its row, and the class of the match. It stops when visit
// returns false. A block that AppendBlock did not make gives ErrCorruptBlock or
// meaningless matches, never a panic.
func (q Query) Scan(block []byte, visit func(i int, row int64, class uint8) bool) error {
	return q.ScanBest(block, ClassAny, visit)
}

// ScanBest is Scan for matches no worse than the class worst. Once enough of
// ClassAny are known, asking for ClassWords is several times as fast, since only
// names are looked at.
func (q Query) ScanBest(block []byte, worst uint8, visit func(i int, row int64, class uint8) bool) error {
	v, err := parseBlock(block)
	if err != nil {
		return err
	}
	if q.IsEmpty() || v.count == 0 {
		return nil
	}
	s := scanner{query: &q, block: &v}
	switch {
	case worst < ClassAny:
		s.matchers = []patternsFinder{newFinder(&v, q.wordStarts, true)}
	case q.common != nil:
		s.matchers, s.verify = []patternsFinder{newFinder(&v, q.common, false)}, true
	default:
		for _, way := range q.alternatives {
			s.matchers = append(s.matchers, newFinder(&v, way, false))
		}
	}
	for i := s.next(0); i < v.count; i = s.next(i + 1) {
		class, ok, err := s.classify(i)
		if err != nil {
			return err
		}
		if ok && class <= worst && !visit(i, v.row(i), class) {
			return nil
		}
	}
	return nil
}

// A scanner is a Query on its way through a block.
type scanner struct {
	query    *Query
	block    *blockReader
	matchers []patternsFinder // what any of them finds is a match,
	verify   bool             // or only may be one
}

// next is the first record from i on that any finder finds.
func (s *scanner) next(i int) int {
	next := s.block.count
	for k := range s.matchers {
		if next = min(next, s.matchers[k].seek(i)); next == i {
			break // none can find an earlier one
		}
	}
	return next
}

// classify tells whether record i, which was found, is a match, and how good.
func (s *scanner) classify(i int) (class uint8, ok bool, err error) {
	if !s.verify && len(s.matchers) == 1 && !s.matchers[0].isInName(i) {
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

// A patternsFinder finds the records of a block that hold all of some patterns, in order.
type patternsFinder struct {
	block    *blockReader
	next     int // the last answer
	patterns []patternFinder
}

// A patternFinder finds the records that hold one pattern.
type patternFinder struct {
	names, rests columnFinder
}

// A columnFinder finds the records of one area that hold one pattern.
type columnFinder struct {
	column  *column
	pattern *pattern
	next    int // the last answer; -1 before the first
}

func newFinder(v *blockReader, all patterns, namesOnly bool) patternsFinder {
	f := patternsFinder{block: v, next: -1, patterns: make([]patternFinder, len(all))}
	for k := range all {
		w := &f.patterns[k]
		w.names = columnFinder{&v.names, &all[k], -1}
		w.rests = columnFinder{&v.rests, &all[k], -1}
		if namesOnly {
			w.rests.next = v.count
		}
	}
	return f
}

// seek answers the first record from i on that holds all patterns. Each pattern
// in turn moves on to its next record from where the others are, so that the
// rarest one sets the pace, whichever it is.
func (f *patternsFinder) seek(i int) int {
	if f.next >= i {
		return f.next
	}
	count := f.block.count
	for agreed := 0; agreed < len(f.patterns) && i < count; {
		agreed = 0
		for k := range f.patterns {
			w := &f.patterns[k]
			at := w.names.seek(i, count)
			if at > i {
				at = min(at, w.rests.seek(i, count))
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

// isInName tells whether all patterns are in the name of record i, which seek
// answered.
func (f *patternsFinder) isInName(i int) bool {
	for k := range f.patterns {
		if f.patterns[k].names.next != i {
			return false
		}
	}
	return true
}

// seek answers the first record from i on that holds the pattern.
func (l *columnFinder) seek(i, count int) int {
	if l.next >= i {
		return l.next
	}
	a, size := l.column, len(l.pattern.bytes)
	pos := a.start(i)
	for pos < len(a.text) && i < count {
		k := l.pattern.index(a.text[pos:])
		if k < 0 {
			break
		}
		pos += k
		i = a.recordAt(i, count, pos)
		if i < count && pos+size <= a.end(i) {
			l.next = i
			return i
		}
		pos++ // over the border of two documents: not a match
	}
	l.next = count
	return count
}
