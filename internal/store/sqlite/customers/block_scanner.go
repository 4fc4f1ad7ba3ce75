package customers

import (
	"database/sql/driver"
	"errors"
	"sync"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// blockScanner lets searches read blocks in SQLite's own memory. Taking 50 MB of
// blocks out of the driver for one search would copy each of them, and collecting
// that garbage costs as much as the search itself. So there are SQL functions: with the
// number of a scan, want_block(scan, signature) says whether a block is to be read, and
// scan_block(scan, first, docs) passes it to the scan, and returns true when the scan needs
// no more.
type blockScanner struct {
	mu      sync.Mutex
	last    int64
	running map[int64]blockScan
}

// blockScan has the functions of a running searchindex.Reader.Scan.
type blockScan struct {
	wanted func(signature []byte) bool
	fn     func(first, block []byte) (enough bool, err error)
}

func newBlockScanner(db *sqldb.DB) (*blockScanner, error) {
	b := &blockScanner{running: map[int64]blockScan{}}
	err := db.RegisterFunction("want_block", 2, func(args []driver.Value) (driver.Value, error) {
		scan, err := b.scan(args)
		if err != nil {
			return nil, err
		}
		return scan.wanted(bytesOf(args[1])), nil
	})
	return b, errors.Join(err, db.RegisterFunction("scan_block", 3, func(args []driver.Value) (driver.Value, error) {
		scan, err := b.scan(args)
		if err != nil {
			return nil, err
		}
		first, _ := args[1].([]byte)
		block, _ := args[2].([]byte)
		return scan.fn(first, block)
	}))
}

// scan returns the scan of the number in the first argument.
func (b *blockScanner) scan(args []driver.Value) (blockScan, error) {
	id, _ := args[0].(int64)
	b.mu.Lock()
	defer b.mu.Unlock()
	scan, ok := b.running[id]
	if !ok {
		return scan, errors.New("no such scan")
	}
	return scan, nil
}

// scanBlocks calls want_block before it reads docs, so that a block that is not wanted costs
// an entry of the index search_block_first and a signature.
const scanBlocks = `SELECT 1 FROM search_block b LEFT JOIN search_signature s ON s.block = b.id
	WHERE owner = ? AND first >= ? AND first < ? AND CASE WHEN want_block(?, signature) THEN scan_block(?, first, docs) END
	ORDER BY first LIMIT 1`

// Scan implements searchindex.Reader.
func (t searchTables) Scan(owner int64, from, to []byte, wanted func(signature []byte) bool, fn func(first, block []byte) (enough bool, err error)) error {
	b := t.scanner
	var failed error // kept apart: SQLite would pass on only its text
	b.mu.Lock()
	b.last++
	id := b.last
	b.running[id] = blockScan{wanted, func(first, block []byte) (bool, error) {
		enough, err := fn(first, block)
		failed = err
		return enough || err != nil, nil
	}}
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.running, id)
		b.mu.Unlock()
	}()
	_, err := t.c.One(scanBlocks, owner, from, end(to), id, id)
	return errors.Join(failed, err)
}
