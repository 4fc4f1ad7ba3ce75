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
	v, err := viewBlock(block)
	if err != nil {
		return err
	}
	if q.IsEmpty() || v.count == 0 {
		return nil
	}
	s := scan{query: &q, view: &v}
	switch {
	case worst < ClassAny:
		s.finders = []finder{newFinder(&v, q.starts, true)}
	case q.lead != nil:
		s.finders, s.verify = []finder{newFinder(&v, q.lead, false)}, true
	default:
		for _, way := range q.ways {
			s.finders = append(s.finders, newFinder(&v, way, false))
		}
	}
	for i := s.next(0); i < v.count; i = s.next(i + 1) {
		class, ok, err := s.judge(i)
		if err != nil {
			return err
		}
		if ok && class <= worst && !visit(i, v.row(i), class) {
			return nil
		}
	}
	return nil
}

// A scan is a Query on its way through a block.
type scan struct {
	query   *Query
	view    *blockView
	finders []finder // what any of them finds is a match,
	verify  bool     // or only may be one
}

// next is the first record from i on that any finder finds.
func (s *scan) next(i int) int {
	next := s.view.count
	for k := range s.finders {
		if next = min(next, s.finders[k].seek(i)); next == i {
			break // none can find an earlier one
		}
	}
	return next
}

// judge tells whether record i, which was found, is a match, and how good.
func (s *scan) judge(i int) (class uint8, ok bool, err error) {
	if !s.verify && len(s.finders) == 1 && !s.finders[0].isInName(i) {
		return ClassAny, true, nil
	}
	name, ok := s.view.names.record(i)
	if !ok {
		return 0, false, ErrCorruptBlock
	}
	if s.verify {
		rest, ok := s.view.rests.record(i)
		if !ok {
			return 0, false, ErrCorruptBlock
		}
		if !s.query.matches(name, rest) {
			return 0, false, nil
		}
	}
	return s.query.class(name), true, nil
}

// A finder finds the records of a block that hold all of some patterns, in order.
type finder struct {
	view  *blockView
	next  int // the last answer
	words []wordFinder
}

// A wordFinder finds the records that hold one pattern.
type wordFinder struct {
	names, rests lineFinder
}

// A lineFinder finds the records of one area that hold one pattern.
type lineFinder struct {
	area    *area
	pattern *pattern
	next    int // the last answer; -1 before the first
}

func newFinder(v *blockView, all allOf, namesOnly bool) finder {
	f := finder{view: v, next: -1, words: make([]wordFinder, len(all))}
	for k := range all {
		w := &f.words[k]
		w.names = lineFinder{&v.names, &all[k], -1}
		w.rests = lineFinder{&v.rests, &all[k], -1}
		if namesOnly {
			w.rests.next = v.count
		}
	}
	return f
}

// seek answers the first record from i on that holds all patterns. Each pattern
// in turn moves on to its next record from where the others are, so that the
// rarest one sets the pace, whichever it is.
func (f *finder) seek(i int) int {
	if f.next >= i {
		return f.next
	}
	count := f.view.count
	for agreed := 0; agreed < len(f.words) && i < count; {
		agreed = 0
		for k := range f.words {
			w := &f.words[k]
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
func (f *finder) isInName(i int) bool {
	for k := range f.words {
		if f.words[k].names.next != i {
			return false
		}
	}
	return true
}

// seek answers the first record from i on that holds the pattern.
func (l *lineFinder) seek(i, count int) int {
	if l.next >= i {
		return l.next
	}
	a, size := l.area, len(l.pattern.bytes)
	pos := a.start(i)
	for pos < len(a.text) && i < count {
		k := l.pattern.find(a.text[pos:])
		if k < 0 {
			break
		}
		pos += k
		i = a.holder(i, count, pos)
		if i < count && pos+size <= a.end(i) {
			l.next = i
			return i
		}
		pos++ // over the border of two documents: not a match
	}
	l.next = count
	return count
}
