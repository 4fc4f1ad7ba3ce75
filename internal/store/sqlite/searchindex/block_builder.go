package searchindex

import (
	"database/sql/driver"

	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// blockBuilder rewrites an owner's blocks in list order.
type blockBuilder struct {
	x     *Index
	c     *sqldb.Conn
	owner int64

	// bulk: pending documents that were in no block stay pending until all of the
	// owner's are in blocks. Deleting them one by one, in another order than that
	// of their table, costs several times as much.
	bulk bool

	first []byte // the sort key of the first document that waits
	rows  []int64
	docs  [][]byte
	size  int
	block []byte

	written int    // blocks
	latest  []byte // where the last of them begins
}

// segment rewrites the block that covers a sort key, with all documents up to the next
// block, and returns where that begins, nil at the end. A segment that is too large is
// cut, and segment returns the key to continue from. exactly means that the previous
// segment was cut at from, so that no earlier block holds anything from there on.
//
// It preserves what searches rely on: a customer is in a block unless it is pending,
// and then at most under the key in column `was` of its pending row. So customers that
// moved here from another block stay pending until that block is rewritten.
func (b *blockBuilder) segment(from []byte, exactly bool) (to []byte, cut bool, err error) {
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
		pk, key := v[0].(int64), v[1].([]byte)
		if n++; n > b.x.sizes.StepRows {
			beyond = key
			return sqldb.ErrStop
		}
		last = key
		doc := old.docs[pk]
		if v[2] != nil { // pending
			was, held := v[3].([]byte)
			if len(was) > 0 && !between(was, from, to) {
				stayed++
				return nil
			}
			doc, _ = v[4].([]byte)
			if !b.bulk || held {
				taken = append(taken, pk)
			}
		}
		delete(old.docs, pk)
		return b.add(key, pk, doc)
	}
	const rows = `SELECT a.pk, a.place, p.pk, p.was, p.doc FROM assignment a
		LEFT JOIN search_pending p ON p.owner = a.owner AND p.pk = a.pk
		WHERE a.owner = ? AND a.place >= ? `
	if to == nil {
		err = b.c.Each(row, rows+"ORDER BY a.place LIMIT ? + 0", b.owner, from, int64(b.x.sizes.StepRows+1))
	} else {
		err = b.c.Each(row, rows+"AND a.place < ? ORDER BY a.place LIMIT ? + 0", b.owner, from, to, int64(b.x.sizes.StepRows+1))
	}
	if err != nil {
		return nil, false, err
	}
	if err := b.deletePending(taken, stayed, from, last); err != nil {
		return nil, false, err
	}
	if beyond != nil { // the rest of the old block goes into a block of its own
		if err := b.flush(); err != nil {
			return nil, false, err
		}
	}
	if err := b.keepRest(old); err != nil {
		return nil, false, err
	}
	if beyond != nil {
		return beyond, true, b.flush()
	}
	return to, false, nil
}

// between reports whether a sort key is in a segment.
func between(key, from, to []byte) bool {
	return string(key) >= string(from) && (to == nil || string(key) < string(to))
}

// bounds returns the segment of a sort key: at is where its block begins, nil when
// there is none.
func (b *blockBuilder) bounds(key []byte, exactly bool) (at, from, to []byte, err error) {
	find := func(sql string, key []byte) ([]byte, error) {
		row, err := b.c.One(sql, b.owner, key)
		if err != nil {
			return nil, err
		}
		first, _ := row[0].([]byte)
		return first, nil
	}
	const next = "SELECT min(first) FROM search_block WHERE owner = ? AND first > ?"
	if exactly {
		to, err = find("SELECT min(first) FROM search_block WHERE owner = ? AND first >= ?", key)
		if err != nil || to == nil || string(to) != string(key) {
			return nil, key, to, err
		}
		to, err = find(next, key)
		return key, key, to, err
	}
	if at, err = find("SELECT max(first) FROM search_block WHERE owner = ? AND first <= ?", key); err != nil {
		return nil, nil, nil, err
	}
	from = at
	before := []byte(nil)
	if at != nil {
		if before, err = find("SELECT max(first) FROM search_block WHERE owner = ? AND first < ?", at); err != nil {
			return nil, nil, nil, err
		}
	}
	// The first segment begins before all, unless documents from before it wait.
	if before == nil && len(b.docs) == 0 {
		from = []byte{}
		if at == nil {
			if at, err = find("SELECT min(first) FROM search_block WHERE owner = ? AND first >= ?", from); err != nil || at == nil {
				return nil, from, nil, err
			}
		}
	}
	to, err = find(next, at)
	return at, from, to, err
}

// oldBlock is the content of a block; rows are in list order. Documents of an earlier
// version are nil.
type oldBlock struct {
	rows []int64
	docs map[int64][]byte
}

// take deletes a block and returns its content.
func (b *blockBuilder) take(at []byte) (old oldBlock, err error) {
	if at == nil {
		return old, nil
	}
	row, err := b.c.One("DELETE FROM search_block WHERE owner = ? AND first = ? RETURNING docs", b.owner, at)
	if err != nil {
		return old, err
	}
	rows, docs, err := search.ReadBlock(row[0].([]byte))
	if err != nil {
		return old, nil // damaged: its documents are made from the customers again
	}
	old = oldBlock{rows, make(map[int64][]byte, len(rows))}
	for i, pk := range rows {
		old.docs[pk] = docs[i]
	}
	return old, nil
}

// deletePending deletes the pending rows of those taken into blocks. When none of
// those from one sort key to another stayed, one statement does it.
func (b *blockBuilder) deletePending(taken []int64, stayed int, from, last []byte) error {
	if stayed == 0 && len(taken) > 16 && !b.bulk {
		return b.c.Exec(`DELETE FROM search_pending WHERE owner = ? AND pk IN
			(SELECT pk FROM assignment WHERE owner = ? AND place BETWEEN ? AND ?)`, b.owner, b.owner, from, last)
	}
	for _, pk := range taken {
		if err := b.c.Exec("DELETE FROM search_pending WHERE owner = ? AND pk = ?", b.owner, pk); err != nil {
			return err
		}
	}
	return nil
}

// keepRest handles the documents of the old block that were not visited: their customers
// were deleted, have moved, or are after the cut.
func (b *blockBuilder) keepRest(old oldBlock) error {
	if len(old.docs) == 0 {
		return nil
	}
	for _, pk := range old.rows {
		doc, ok := old.docs[pk]
		if !ok {
			continue
		}
		row, err := b.c.One("SELECT now IS NULL FROM search_pending WHERE owner = ? AND pk = ?", b.owner, pk)
		if err != nil {
			return err
		}
		switch {
		case row == nil:
			var at []driver.Value
			if at, err = b.c.One("SELECT place FROM customer WHERE pk = ? AND deleted_at IS NULL", pk); err == nil && at != nil {
				err = b.add(at[0].([]byte), pk, doc)
			}
		case row[0].(int64) == 1:
			err = b.c.Exec("DELETE FROM search_pending WHERE owner = ? AND pk = ?", b.owner, pk)
		default:
			err = b.c.Exec("UPDATE search_pending SET was = x'' WHERE owner = ? AND pk = ?", b.owner, pk)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add adds a customer to the blocks; a nil document is made from the customer.
func (b *blockBuilder) add(key []byte, pk int64, doc []byte) error {
	if doc == nil {
		var err error
		if doc, err = b.x.document(b.c, pk); err != nil {
			return err
		}
	}
	if len(b.docs) > 0 && (len(b.docs) >= b.x.sizes.Docs || b.size+len(doc) > b.x.sizes.Bytes) {
		if err := b.flush(); err != nil {
			return err
		}
	}
	if len(b.docs) == 0 {
		b.first = key
	}
	b.rows, b.docs = append(b.rows, pk), append(b.docs, doc)
	b.size += len(doc)
	return nil
}

// flush writes the documents that wait as a block.
func (b *blockBuilder) flush() error {
	if len(b.docs) == 0 {
		return nil
	}
	b.written++
	b.latest = b.first
	b.block = search.AppendBlock(b.block[:0], b.rows, b.docs)
	err := b.c.Exec("INSERT INTO search_block (owner, first, docs) VALUES (?, ?, ?)", b.owner, b.first, b.block)
	clear(b.docs)
	b.rows, b.docs, b.size = b.rows[:0], b.docs[:0], 0
	return err
}
