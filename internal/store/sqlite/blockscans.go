package sqlite

import (
	"database/sql/driver"
	"errors"
	"sync"

	"modernc.org/sqlite"
)

// blockScans lets searches look at blocks where SQLite holds them. Taking 50 MB
// of blocks out of the driver for one search would copy each of them into fresh
// memory, and collecting that costs as much as the search itself. So there is a
// function of SQL, scan_block(scan, docs), that hands the bytes of a block to the
// search of that number, and is true when the search needs no more.
type blockScans struct {
	mu      sync.Mutex
	last    int64
	running map[int64]func(block []byte) (enough bool, err error)
}

// newBlockScans makes a driver whose connections know scan_block.
func newBlockScans() (*blockScans, *sqlite.Driver, error) {
	b := &blockScans{running: map[int64]func([]byte) (bool, error){}}
	d := &sqlite.Driver{}
	err := d.RegisterFunction("scan_block", &sqlite.FunctionImpl{
		NArgs:  2,
		Scalar: b.call,
		// The bytes are SQLite's own, good until call returns.
		VolatileArgs: true,
	})
	return b, d, err
}

func (b *blockScans) call(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
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

// over has scan look at an owner's blocks in order, those that begin at from or
// later but before to (nil: all), until it has enough. It must not keep a block,
// nor use c.
func (b *blockScans) over(c *conn, owner int64, from, to []byte, scan func(block []byte) (enough bool, err error)) error {
	var failed error // kept apart: through SQLite only its text would come back
	b.mu.Lock()
	b.last++
	id := b.last
	b.running[id] = func(block []byte) (bool, error) {
		enough, err := scan(block)
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
		_, err = c.one(`SELECT 1 FROM search_block
			WHERE owner = ? AND first >= ? AND scan_block(?, docs) ORDER BY first LIMIT 1`, owner, from, id)
	} else {
		_, err = c.one(`SELECT 1 FROM search_block
			WHERE owner = ? AND first >= ? AND first < ? AND scan_block(?, docs) ORDER BY first LIMIT 1`, owner, from, to, id)
	}
	return errors.Join(failed, err)
}
