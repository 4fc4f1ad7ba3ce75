package searchindex

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// saveSplitPoints stores sort keys that divide an owner's blocks into ranges, so
// that a search can divide its work without reading the blocks first. Any keys
// would do; these make equal parts.
func saveSplitPoints(c *sqldb.Conn, owner int64, rangeBlocks int) error {
	var points []byte
	n := 0
	err := c.Each(func(v []driver.Value) error {
		if n++; n%rangeBlocks == 0 {
			first := v[0].([]byte)
			points = binary.AppendUvarint(points, uint64(len(first)))
			points = append(points, first...)
		}
		return nil
	}, "SELECT first FROM search_block WHERE owner = ? ORDER BY first", owner)
	if err != nil {
		return err
	}
	if n < 2*rangeBlocks {
		points = nil
	}
	return c.Exec("UPDATE owner SET splits = ? WHERE id = ?", points, owner)
}

// splitPoints returns the stored split points, none for an owner of few blocks.
func splitPoints(c *sqldb.Conn, owner int64) (points [][]byte, err error) {
	row, err := c.One("SELECT splits FROM owner WHERE id = ?", owner)
	if err != nil || row == nil {
		return nil, err
	}
	for b, _ := row[0].([]byte); len(b) > 0; {
		n, width := binary.Uvarint(b)
		if width <= 0 || n > uint64(len(b)-width) {
			return nil, errors.New("the split points of an owner's search blocks are damaged")
		}
		b = b[width:]
		points = append(points, b[:n:n])
		b = b[n:]
	}
	return points, nil
}
