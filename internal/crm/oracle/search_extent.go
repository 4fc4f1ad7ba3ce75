package external

import (
	"time"
)

// maxSearched is how many customers of a version a local search goes through.
const maxSearched = maxVersionRows

// held copies of a list to be searched: the beginning of the newest version, and
// that of the one that reaches furthest where this is another.
type snapshot struct {
	extent
	current, best *version // best is nil when it is current
	whole         bool
	asOf          time.Time // when the older of the two was true
	heard         time.Time // when the service last answered for that one
}

// takeSnapshot answers what is held of a list now; not ok when nothing is.
func takeSnapshot(b *book) (s snapshot, ok bool) {
	s.current, s.best = b.Current(), b.Best()
	if s.best == nil {
		return s, false
	}
	if s.current == nil || s.current == s.best || s.current.AsOf().Before(s.best.AsOf()) {
		s.current, s.best = s.best, nil
	}
	further := s.current
	if s.best != nil {
		further = s.best
	}
	// In this order: once the end was reached, there are no more rows to come.
	s.whole, s.asOf, s.heard = further.Done() && !further.Capped(), further.AsOf(), further.lastHeard()
	s.Current, s.Rows = s.current.ID(), min(s.current.Len(), maxSearched)
	if s.best != nil {
		s.Best, s.Further = s.best.ID(), min(s.best.Len(), maxSearched)
	}
	s.whole = s.whole && further.Len() <= maxSearched
	return s, true
}

// retake answers the snapshot that a place was made of, while the book still has
// its versions.
func retake(b *book, p place) (s snapshot, ok bool) {
	s.extent, s.whole = p.extent, p.Whole
	if s.current = b.find(p.Current); s.current == nil || s.current.Len() < p.Rows {
		return s, false
	}
	further := s.current
	if p.Best != "" {
		if s.best = b.find(p.Best); s.best == nil || s.best.Len() < p.Further {
			return s, false
		}
		further = s.best
	}
	s.asOf, s.heard = further.AsOf(), further.lastHeard()
	return s, true
}

// covered is how many customers the snapshot has.
func (s snapshot) covered() int {
	n := s.Rows + s.Further
	if s.best == nil {
		return n
	}
	// The newest version is mostly the short one.
	few, in, among := s.current.Rows(0, s.Rows), s.best, s.Further
	if s.Further < s.Rows {
		few, in, among = s.best.Rows(0, s.Further), s.current, s.Rows
	}
	for _, r := range few {
		if in.among(r.ID, among) {
			n--
		}
	}
	return n
}
