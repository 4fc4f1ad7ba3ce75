package sqlite

import (
	"database/sql/driver"
	"errors"
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

// border finds the block in which the place to begin after is: where it begins,
// and which of its customers are not behind that place. Both are empty when the
// search begins at the first block.
func (sr *search) border(owner int64) (begin []byte, passed map[int64]struct{}, err error) {
	if sr.after == nil {
		return nil, nil, nil
	}
	row, err := sr.c.one("SELECT max(first) FROM search_block WHERE owner = ? AND first <= ?", owner, sr.after)
	if err != nil {
		return nil, nil, err
	}
	first, ok := row[0].([]byte)
	if !ok {
		return nil, nil, nil
	}
	passed = map[int64]struct{}{}
	err = sr.c.each(func(v []driver.Value) error {
		passed[v[0].(int64)] = struct{}{}
		return nil
	}, "SELECT pk FROM assignment WHERE owner = ? AND place BETWEEN ? AND ?", owner, first, sr.after)
	return first, passed, err
}

// blocks adds the wanted matches in an owner's blocks. It goes round once: from
// the place to begin after to the last block, where it meets what is left of the
// class to go on with, and then, for the later classes, from the first block to
// where it began. Of a large owner, two connections each do a part.
func (sr *search) blocks(owner int64, changed map[int64]struct{}, found *[classes][]match) error {
	begin, passed, err := sr.border(owner)
	if err != nil {
		return err
	}
	splits, err := splitsOf(sr.c, owner)
	if err != nil {
		return err
	}
	r := newRound(sr, owner, changed, begin, passed, splits)
	if len(splits) == 0 {
		err = r.run(sr.c)
	} else {
		err = sr.together(r)
	}
	if err != nil {
		return err
	}
	for class := range found {
		for _, pk := range r.matches(uint8(class)) {
			found[class] = append(found[class], match{pk: pk})
		}
	}
	return nil
}

// together runs r with the help of a second connection, if one is idle and sees
// the same moment.
func (sr *search) together(r *round) error {
	second, err := sr.s.db.conns.tryGet()
	if err != nil || second == nil {
		return r.run(sr.c)
	}
	defer sr.s.db.conns.put(second)
	end, err := second.begin()
	if err != nil {
		return err
	}
	defer end()
	const generation = "SELECT generation FROM state WHERE id = 1"
	ours, err := count(sr.c, generation)
	if err != nil {
		return err
	}
	if theirs, err := count(second, generation); err != nil || theirs != ours {
		return r.run(sr.c)
	}
	helped := make(chan error, 1)
	go func() { helped <- r.run(second) }()
	return errors.Join(r.run(sr.c), <-helped)
}
