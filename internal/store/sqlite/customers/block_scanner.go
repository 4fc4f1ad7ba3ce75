package customers

import (
	"database/sql/driver"
	"errors"
	"sync"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// blockScanner lets searches read blocks in SQLite's own memory. Taking 50 MB of
// blocks out of the driver for one search would copy each of them, and collecting
// that garbage costs as much as the search itself. So there is an SQL function,
// scan_block(scan, first, docs), that passes the bytes of a block to the scan of that
// number, and returns true when the scan needs no more.
type blockScanner struct {
	mu      sync.Mutex
	last    int64
	running map[int64]func(first, block []byte) (enough bool, err error)
}

func newBlockScanner(db *sqldb.DB) (*blockScanner, error) {
	b := &blockScanner{running: map[int64]func(first, block []byte) (bool, error){}}
	return b, db.RegisterFunction("scan_block", 3, b.call)
}

func (b *blockScanner) call(args []driver.Value) (driver.Value, error) {
	id, _ := args[0].(int64)
	b.mu.Lock()
	scan := b.running[id]
	b.mu.Unlock()
	if scan == nil {
		return nil, errors.New("no such scan")
	}
	first, _ := args[1].([]byte)
	block, _ := args[2].([]byte)
	enough, err := scan(first, block)
	return enough, err
}

// Scan implements searchindex.Reader.
func (t searchTables) Scan(owner int64, from, to []byte, fn func(first, block []byte) (enough bool, err error)) error {
	b := t.scanner
	var failed error // kept apart: SQLite would pass on only its text
	b.mu.Lock()
	b.last++
	id := b.last
	b.running[id] = func(first, block []byte) (bool, error) {
		enough, err := fn(first, block)
		failed = err
		return enough || err != nil, nil
	}
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.running, id)
		b.mu.Unlock()
	}()
	_, err := t.c.One(`SELECT 1 FROM search_block
		WHERE owner = ? AND first >= ? AND first < ? AND scan_block(?, first, docs) ORDER BY first LIMIT 1`, owner, from, end(to), id)
	return errors.Join(failed, err)
}
