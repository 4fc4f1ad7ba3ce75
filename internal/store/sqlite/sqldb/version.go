package sqldb

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
)

// A version stands for a state of the database: every commit changes it, of any process.
type version [48]byte

// logHeader is the header of the index of the write-ahead log, in memory that all processes
// share. SQLite itself compares it to learn whether the pages that it has in memory are still
// those of the file; to ask SQLite costs a read transaction. See "WAL-Index Header" in
// https://www.sqlite.org/walformat.html.
type logHeader struct {
	users atomic.Int32 // the DBs; the last one closes it

	mu     sync.RWMutex
	file   *os.File // open for as long as SQLite has it open: closing it drops SQLite's locks
	mapped []byte   // nil where there is no such memory
}

func (h *logHeader) open(path string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.file, h.mapped = mapFile(path)
}

// release ends the use by a DB. SQLite must have closed the file in it.
func (h *logHeader) release() {
	if h.users.Add(-1) > 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.mapped != nil {
		unmap(h.mapped)
		h.mapped = nil
	}
	if h.file != nil {
		h.file.Close()
	}
}

// version returns the version of the database now. It is not ok while a commit is under way,
// and where it is not known.
func (h *logHeader) version() (v version, ok bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.mapped == nil {
		return v, false
	}
	copy(v[:], h.mapped)
	return v, string(h.mapped[len(v):2*len(v)]) == string(v[:]) // a commit writes one, then the other
}

// A Cache holds what was read from a database, until anything in the database changes, by
// whatever process. It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	db  *DB
	max int

	mu      sync.RWMutex
	version version // of values
	values  map[K]V
}

// NewCache returns an empty Cache of at most max values of db.
func NewCache[K comparable, V any](db *DB, max int) *Cache[K, V] {
	return &Cache[K, V]{db: db, max: max, values: map[K]V{}}
}

// Get returns the cached value of key, or calls read when there is none or anything was
// committed since. It does not keep the value of an error. Within Atomically, it always calls
// read and keeps nothing.
func (c *Cache[K, V]) Get(ctx context.Context, key K, read func() (V, error)) (V, error) {
	now, ok := c.db.condition.header.version()
	if !ok || c.db.joined(ctx) != nil {
		return read()
	}
	c.mu.RLock()
	value, found := c.values[key]
	current := c.version == now
	c.mu.RUnlock()
	if found && current {
		return value, nil
	}
	value, err := read()
	if err != nil {
		return value, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version != now {
		c.version = now
		clear(c.values)
	}
	if len(c.values) < c.max {
		c.values[key] = value
	}
	return value, nil
}
