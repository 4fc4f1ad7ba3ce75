package sqlite

import (
	"database/sql/driver"

	"github.com/clientele-project/clientele/internal/customer"
)

// builder writes an owner's blocks anew, in list order.
type builder struct {
	c     *conn
	owner int64
	sizes blockSizes

	// dense: of those pending, whoever was in no block stays pending until all of
	// the owner's are in blocks. To take them away one by one, in another order than
	// they came, costs several times as much.
	dense bool

	first []byte // the place of the first document that waits
	rows  []int64
	docs  [][]byte
	size  int
	block []byte

	written int    // blocks
	latest  []byte // where the last of them begins
}

// segment brings the block that covers a place up to date, with all that lies up
// to the next block, and answers where that is, nil at the end. If that is too
// much it is cut: then it answers the place to go on from. exactly tells that it
// was cut there, so that nothing from that place on is in a block before it.
//
// It keeps true what searches rely on: a customer is in a block when it is not
// pending, or under the place that its pending row calls was. So those who came
// here from a block elsewhere stay pending until that block was here.
func (b *builder) segment(from []byte, exactly bool) (to []byte, cut bool, err error) {
	at, from, to, err := b.bounds(from, exactly)
	if err != nil {
		return nil, false, err
	}
	old, err := b.take(at)
	if err != nil {
		return nil, false, err
	}
	var taken []int64 // that were pending
	var last, beyond []byte
	stayed, n := 0, 0
	row := func(v []driver.Value) error {
		pk, place := v[0].(int64), v[1].([]byte)
		if n++; n > b.sizes.perStep {
			beyond = place
			return errStop
		}
		last = place
		doc, known := old.docs[pk]
		if v[2] != nil { // pending
			was, held := v[3].([]byte)
			if len(was) > 0 && !between(was, from, to) {
				stayed++
				return nil
			}
			doc, known = v[4].([]byte)
			if !b.dense || held {
				taken = append(taken, pk)
			}
		}
		delete(old.docs, pk)
		if !known {
			var err error
			if doc, err = redocument(b.c, pk); err != nil {
				return err
			}
		}
		return b.add(place, pk, doc)
	}
	const rows = `SELECT a.pk, a.place, p.pk, p.was, p.doc FROM assignment a
		LEFT JOIN search_pending p ON p.owner = a.owner AND p.pk = a.pk
		WHERE a.owner = ? AND a.place >= ? `
	if to == nil {
		err = b.c.each(row, rows+"ORDER BY a.place LIMIT ? + 0", b.owner, from, int64(b.sizes.perStep+1))
	} else {
		err = b.c.each(row, rows+"AND a.place < ? ORDER BY a.place LIMIT ? + 0", b.owner, from, to, int64(b.sizes.perStep+1))
	}
	if err != nil {
		return nil, false, err
	}
	if err := b.settle(taken, stayed, from, last); err != nil {
		return nil, false, err
	}
	if beyond != nil { // what the old block held further on goes into a block there
		if err := b.flush(); err != nil {
			return nil, false, err
		}
	}
	if err := b.leftOver(old); err != nil {
		return nil, false, err
	}
	if beyond != nil {
		return beyond, true, b.flush()
	}
	return to, false, nil
}

// between tells whether a place is in a segment.
func between(place, from, to []byte) bool {
	return string(place) >= string(from) && (to == nil || string(place) < string(to))
}

// bounds answers the segment of a place: at is where its block begins, nil when
// there is none.
func (b *builder) bounds(place []byte, exactly bool) (at, from, to []byte, err error) {
	one := func(sql string, place []byte) ([]byte, error) {
		row, err := b.c.one(sql, b.owner, place)
		if err != nil {
			return nil, err
		}
		first, _ := row[0].([]byte)
		return first, nil
	}
	const next = "SELECT min(first) FROM search_block WHERE owner = ? AND first > ?"
	if exactly {
		to, err = one("SELECT min(first) FROM search_block WHERE owner = ? AND first >= ?", place)
		if err != nil || to == nil || string(to) != string(place) {
			return nil, place, to, err
		}
		to, err = one(next, place)
		return place, place, to, err
	}
	if at, err = one("SELECT max(first) FROM search_block WHERE owner = ? AND first <= ?", place); err != nil {
		return nil, nil, nil, err
	}
	from = at
	before := []byte(nil)
	if at != nil {
		if before, err = one("SELECT max(first) FROM search_block WHERE owner = ? AND first < ?", at); err != nil {
			return nil, nil, nil, err
		}
	}
	// The first segment begins before all, unless what waits is from before it.
	if before == nil && len(b.docs) == 0 {
		from = []byte{}
		if at == nil {
			if at, err = one("SELECT min(first) FROM search_block WHERE owner = ? AND first >= ?", from); err != nil || at == nil {
				return nil, from, nil, err
			}
		}
	}
	to, err = one(next, at)
	return at, from, to, err
}

// oldBlock is what a block held; rows are in list order.
type oldBlock struct {
	rows []int64
	docs map[int64][]byte
}

// take takes a block away.
func (b *builder) take(at []byte) (old oldBlock, err error) {
	if at == nil {
		return old, nil
	}
	row, err := b.c.one("DELETE FROM search_block WHERE owner = ? AND first = ? RETURNING docs", b.owner, at)
	if err != nil {
		return old, err
	}
	rows, docs, err := customer.ReadBlock(row[0].([]byte))
	if err != nil {
		return old, nil // made anew from the customers
	}
	old = oldBlock{rows, make(map[int64][]byte, len(rows))}
	for i, pk := range rows {
		old.docs[pk] = docs[i]
	}
	return old, nil
}

// settle ends the waiting of those that were taken into blocks. When none of those
// from one place to another stayed, one statement does it.
func (b *builder) settle(taken []int64, stayed int, from, last []byte) error {
	if stayed == 0 && len(taken) > 16 && !b.dense {
		return b.c.exec(`DELETE FROM search_pending WHERE owner = ? AND pk IN
			(SELECT pk FROM assignment WHERE owner = ? AND place BETWEEN ? AND ?)`, b.owner, b.owner, from, last)
	}
	for _, pk := range taken {
		if err := b.c.exec("DELETE FROM search_pending WHERE owner = ? AND pk = ?", b.owner, pk); err != nil {
			return err
		}
	}
	return nil
}

// leftOver deals with those in the old block that were not met: they are gone, or
// moved away, or are behind the cut.
func (b *builder) leftOver(old oldBlock) error {
	if len(old.docs) == 0 {
		return nil
	}
	for _, pk := range old.rows {
		doc, ok := old.docs[pk]
		if !ok {
			continue
		}
		row, err := b.c.one("SELECT now IS NULL FROM search_pending WHERE owner = ? AND pk = ?", b.owner, pk)
		if err != nil {
			return err
		}
		switch {
		case row == nil:
			var at []driver.Value
			if at, err = b.c.one("SELECT place FROM customer WHERE pk = ? AND deleted_at IS NULL", pk); err == nil && at != nil {
				err = b.add(at[0].([]byte), pk, doc)
			}
		case row[0].(int64) == 1:
			err = b.c.exec("DELETE FROM search_pending WHERE owner = ? AND pk = ?", b.owner, pk)
		default:
			err = b.c.exec("UPDATE search_pending SET was = x'' WHERE owner = ? AND pk = ?", b.owner, pk)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// redocument makes the document of a customer from what is kept: for a block that
// cannot be read or was not written yet.
func redocument(c *conn, pk int64) ([]byte, error) {
	row, err := c.one("SELECT place, avatar, body FROM customer WHERE pk = ?", pk)
	if err != nil || row == nil {
		return nil, err
	}
	found, err := decodeCustomer(row[0].([]byte), row[1].(string), row[2].(string))
	if err != nil {
		return nil, err
	}
	return customer.Document(found), nil
}

func (b *builder) add(place []byte, pk int64, doc []byte) error {
	if len(b.docs) > 0 && (len(b.docs) >= b.sizes.docs || b.size+len(doc) > b.sizes.bytes) {
		if err := b.flush(); err != nil {
			return err
		}
	}
	if len(b.docs) == 0 {
		b.first = place
	}
	b.rows, b.docs = append(b.rows, pk), append(b.docs, doc)
	b.size += len(doc)
	return nil
}

// flush writes what waits as a block.
func (b *builder) flush() error {
	if len(b.docs) == 0 {
		return nil
	}
	b.written++
	b.latest = b.first
	b.block = customer.AppendBlock(b.block[:0], b.rows, b.docs)
	err := b.c.exec("INSERT INTO search_block (owner, first, docs) VALUES (?, ?, ?)", b.owner, b.first, b.block)
	clear(b.docs)
	b.rows, b.docs, b.size = b.rows[:0], b.docs[:0], 0
	return err
}
