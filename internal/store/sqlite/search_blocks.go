package sqlite

import (
	"database/sql/driver"
)

// pending adds the wanted matches among an owner's customers that changed since
// its blocks were written. It answers all of those customers: what the blocks say
// about them is not true any more.
func (sr *search) pending(owner int64, found *[classes][]match) (map[int64]struct{}, error) {
	var changed map[int64]struct{}
	var matches [classes][]match
	err := sr.c.each(func(v []driver.Value) error {
		if changed == nil {
			changed = map[int64]struct{}{}
		}
		pk := v[0].(int64)
		changed[pk] = struct{}{}
		place, ok := v[1].([]byte)
		if !ok {
			return nil // no longer this owner's
		}
		doc, _ := v[2].([]byte)
		class, ok := sr.query.Match(doc)
		if !ok || class < sr.class || class == sr.class && sr.after != nil && string(place) <= string(sr.after) {
			return nil
		}
		matches[class] = append(matches[class], match{pk, string(place)})
		if len(matches[class]) >= 8*sr.need { // bounded, whatever is pending
			matches[class] = least(matches[class], sr.need)
		}
		return sr.ctx.Err()
	}, "SELECT pk, now, doc FROM search_pending WHERE owner = ?", owner)
	for class := range matches {
		found[class] = append(found[class], least(matches[class], sr.need)...)
	}
	return changed, err
}

// blocks adds the wanted matches in an owner's blocks. It goes round once: from
// the place to begin after to the last block, where it meets what is left of the
// class to go on with, and then, for the later classes, from the first block to
// where it began.
func (sr *search) blocks(owner int64, changed map[int64]struct{}, found *[classes][]match) error {
	tail := sweep{search: sr, changed: changed, best: sr.class}
	begin, passed, err := sr.border(owner)
	if err != nil {
		return err
	}
	tail.skip = passed
	if err := tail.over(blocksFrom, owner, begin); err != nil {
		return err
	}
	head := sweep{search: sr, changed: changed, best: sr.class + 1}
	for class := sr.class; int(class)+1 < classes; class++ {
		head.ahead[class+1] = head.ahead[class] + len(tail.found[class])
	}
	if len(begin) > 0 {
		if err := head.over(blocksBefore, owner, begin); err != nil {
			return err
		}
		head.only = passed
		if err := head.over(blockAt, owner, begin); err != nil {
			return err
		}
	}
	for class := range found {
		for _, pk := range append(head.found[class], tail.found[class]...) {
			found[class] = append(found[class], match{pk: pk})
		}
	}
	return nil
}

const (
	blocksFrom   = "SELECT docs FROM search_block WHERE owner = ? AND first >= ? ORDER BY first"
	blocksBefore = "SELECT docs FROM search_block WHERE owner = ? AND first < ? ORDER BY first"
	blockAt      = "SELECT docs FROM search_block WHERE owner = ? AND first = ?"
)

// border finds the block in which the place to begin after is: where it begins,
// and which of its customers are not behind that place. Both are empty when the
// search begins at the first block.
func (sr *search) border(owner int64) (begin []byte, passed map[int64]struct{}, err error) {
	begin = []byte{}
	if sr.after == nil {
		return begin, nil, nil
	}
	row, err := sr.c.one("SELECT max(first) FROM search_block WHERE owner = ? AND first <= ?", owner, sr.after)
	if err != nil {
		return nil, nil, err
	}
	first, ok := row[0].([]byte)
	if !ok {
		return begin, nil, nil
	}
	passed = map[int64]struct{}{}
	err = sr.c.each(func(v []driver.Value) error {
		passed[v[0].(int64)] = struct{}{}
		return nil
	}, "SELECT pk FROM assignment WHERE owner = ? AND place BETWEEN ? AND ?", owner, first, sr.after)
	return first, passed, err
}

// sweep collects matches from blocks in list order, of each class only as many as
// can be needed.
type sweep struct {
	*search
	changed map[int64]struct{} // not to be taken from blocks
	skip    map[int64]struct{} // nor these
	only    map[int64]struct{} // when not nil, these alone
	best    uint8              // the best class to collect
	// ahead is how many matches known from elsewhere come before all those of a
	// class that are found here.
	ahead [classes]int
	found [classes][]int64
}

// worst is the worst class of which another match would still be needed; not ok
// when that is none.
func (w *sweep) worst() (class uint8, ok bool) {
	sum := 0
	for c := w.best; int(c) < classes; c++ {
		sum += len(w.found[c])
		if w.ahead[c]+sum >= w.need {
			break
		}
		class, ok = c, true
	}
	return class, ok
}

// over goes over the blocks that a statement answers.
func (w *sweep) over(sql string, owner int64, at []byte) error {
	if _, ok := w.worst(); !ok {
		return nil
	}
	return w.c.each(func(v []driver.Value) error {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		worst, ok := w.worst()
		if !ok {
			return errStop
		}
		block, _ := v[0].([]byte)
		return w.query.ScanBest(block, worst, func(_ int, pk int64, class uint8) bool {
			if class < w.best || class > worst || has(w.changed, pk) || has(w.skip, pk) || w.only != nil && !has(w.only, pk) {
				return true
			}
			w.found[class] = append(w.found[class], pk)
			worst, ok = w.worst()
			return ok
		})
	}, sql, owner, at)
}

func has(set map[int64]struct{}, pk int64) bool {
	_, ok := set[pk]
	return ok
}
