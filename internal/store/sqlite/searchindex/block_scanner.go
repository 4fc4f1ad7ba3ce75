package searchindex

import (
	"database/sql/driver"
	"errors"
	"sync"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// blockScanner lets searches read blocks in SQLite's own memory. Taking 50 MB of
// blocks out of the driver for one search would copy each of them, and collecting
// that garbage costs as much as the search itself. So there is an SQL function,
// scan_block(scan, docs), that passes the bytes of a block to the scan of that
// number, and returns true when the scan needs no more.
type blockScanner struct {
	mu      sync.Mutex
	last    int64
	running map[int64]func(block []byte) (enough bool, err error)
}

func newBlockScanner(db *sqldb.DB) (*blockScanner, error) {
	b := &blockScanner{running: map[int64]func([]byte) (bool, error){}}
	return b, db.RegisterFunction("scan_block", 2, b.call)
}

func (b *blockScanner) call(args []driver.Value) (driver.Value, error) {
	id, _ := args[0].(int64)
	b.mu.Lock()
	scan := b.running[id]
	b.mu.Unlock()
	if scan == nil {
		return nil, errors.New("no such scan")
	}
	block, _ := args[1].([]byte)
	enough, err := scan(block)
	return enough, err
}

// scan calls fn with an owner's blocks in order, those that begin at from or later
// but before to (nil: all), until it has enough. fn must not keep a block, nor
// use c.
func (b *blockScanner) scan(c *sqldb.Conn, owner int64, from, to []byte, fn func(block []byte) (enough bool, err error)) error {
	var failed error // kept apart: SQLite would pass on only its text
	b.mu.Lock()
	b.last++
	id := b.last
	b.running[id] = func(block []byte) (bool, error) {
		enough, err := fn(block)
		failed = err
		return enough || err != nil, nil
	}
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.running, id)
		b.mu.Unlock()
	}()
	var err error
	if to == nil {
		_, err = c.One(`SELECT 1 FROM search_block
			WHERE owner = ? AND first >= ? AND scan_block(?, docs) ORDER BY first LIMIT 1`, owner, from, id)
	} else {
		_, err = c.One(`SELECT 1 FROM search_block
			WHERE owner = ? AND first >= ? AND first < ? AND scan_block(?, docs) ORDER BY first LIMIT 1`, owner, from, to, id)
	}
	return errors.Join(failed, err)
}
