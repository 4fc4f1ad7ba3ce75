package sqlite

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
)

// split notes places that part an owner's blocks in arcs, so that a search can
// share them out without looking at them first. Any places would do; these make
// equal parts.
func split(c *conn, owner int64, perArc int) error {
	var splits []byte
	n := 0
	err := c.each(func(v []driver.Value) error {
		if n++; n%perArc == 0 {
			first := v[0].([]byte)
			splits = binary.AppendUvarint(splits, uint64(len(first)))
			splits = append(splits, first...)
		}
		return nil
	}, "SELECT first FROM search_block WHERE owner = ? ORDER BY first", owner)
	if err != nil {
		return err
	}
	if n < 2*perArc {
		splits = nil
	}
	return c.exec("UPDATE owner SET splits = ? WHERE id = ?", splits, owner)
}

// splitsOf answers the places that split noted, none for an owner of few blocks.
func splitsOf(c *conn, owner int64) (splits [][]byte, err error) {
	row, err := c.one("SELECT splits FROM owner WHERE id = ?", owner)
	if err != nil || row == nil {
		return nil, err
	}
	for b, _ := row[0].([]byte); len(b) > 0; {
		n, width := binary.Uvarint(b)
		if width <= 0 || n > uint64(len(b)-width) {
			return nil, errors.New("the splits of an owner's search blocks are damaged")
		}
		b = b[width:]
		splits = append(splits, b[:n:n])
		b = b[n:]
	}
	return splits, nil
}
