package customers

import (
	"database/sql/driver"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// blockScanner lets searches read blocks in SQLite's own memory. Taking 50 MB of
// blocks out of the driver for one search would copy each of them, and collecting
// that garbage costs as much as the search itself. So there are SQL functions: with the
// number of a scan, want_block(scan, signature) says whether a block is to be read, and
// scan_block(scan, first, docs) passes it to the scan, and returns true when the scan needs
// no more.
type blockScanner struct {
	last    atomic.Int64
	running sync.Map // of blockScan by number
}

// blockScan has the functions of a running searchindex.Reader.Scan.
type blockScan struct {
	wanted func(signature []byte) bool
	fn     func(first, block []byte) (enough bool)
}

// register adds the functions to the SQL of a database.
func (b *blockScanner) register(db sqldb.FunctionEngine) error {
	scan := func(args []driver.Value) blockScan {
		running, _ := b.running.Load(args[0])
		return running.(blockScan)
	}
	return errors.Join(
		db.RegisterFunction("want_block", 2, func(args []driver.Value) (driver.Value, error) {
			return scan(args).wanted(sqldb.BytesOf(args[1])), nil
		}),
		db.RegisterFunction("scan_block", 3, func(args []driver.Value) (driver.Value, error) {
			return scan(args).fn(sqldb.BytesOf(args[1]), sqldb.BytesOf(args[2])), nil
		}),
	)
}

// scanBlocks calls want_block before it reads docs, so that a block that is not wanted costs
// an entry of the index search_block_first and a signature.
const scanBlocks = `SELECT 1 FROM search_block b LEFT JOIN search_signature s ON s.block = b.id
	WHERE owner = ? AND first >= ? AND first < ? AND CASE WHEN want_block(?, signature) THEN scan_block(?, first, docs) END
	ORDER BY first LIMIT 1`

// Scan implements searchindex.Reader.
func (t searchTables) Scan(owner int64, from, to []byte, wanted func(signature []byte) bool, fn func(first, block []byte) (enough bool, err error)) error {
	if t.blocks != nil {
		return t.scanCached(owner, from, to, wanted, fn)
	}
	var failed error // kept apart: SQLite would pass on only its text
	number := t.scans.last.Add(1)
	t.scans.running.Store(number, blockScan{wanted, func(first, block []byte) bool {
		enough, err := fn(first, block)
		failed = err
		return enough || err != nil
	}})
	defer t.scans.running.Delete(number)
	_, err := t.c.One(scanBlocks, owner, from, end(to), number, number)
	return errors.Join(failed, err)
}
