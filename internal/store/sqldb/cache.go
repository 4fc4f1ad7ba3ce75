package sqldb

import (
	"context"
	"sync"
)

// A Cache holds what was read from a database, until anything in the database changes, by
// whatever process. It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	db  *DB
	max int

	mu      sync.RWMutex
	version Version // of values
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
	now, ok := c.db.Engine.Version()
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
