package customers

import (
	"strings"

	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

// The owners that are no workers.
const (
	everyone   = 1 // stands for all workers
	allOwner   = searchindex.OwnerAll
	unassigned = searchindex.OwnerUnassigned
)

// isWorker reports whether an owner has a list with cursors and anchors, rather
// than being read by administrators only.
func isWorker(owner int64) bool { return owner > 0 }

// maxOwners is how many ids of workers are cached; they never change. Workers beyond them
// cost a query each.
const maxOwners = 10_000

// owner returns the id of a worker, 0 when it never had a customer.
func (s *Store) owner(c *sqldb.Conn, worker string) (int64, error) {
	key := text.IdentityKey(worker)
	return s.findOwner(c, key, func(id int64) { s.owners.Put(key, id, 1) })
}

// findOwner returns the id of a key, 0 when there is none, and calls read with one that is
// not cached.
func (s *Store) findOwner(c *sqldb.Conn, key string, read func(id int64)) (int64, error) {
	if id, ok := s.owners.Get(key); ok {
		return id, nil
	}
	if strings.IndexByte(key, 0) >= 0 {
		return 0, nil // no identity holds a NUL, but the keys of owners that are no workers do
	}
	row, err := c.One("SELECT id FROM owner WHERE key = ?", key)
	if err != nil || row == nil {
		return 0, err
	}
	id := row[0].(int64)
	read(id)
	return id, nil
}

// owner returns the id of a worker, inserting it when it is new. Other
// transactions see the new id after the commit only.
func (t *tx) owner(worker string) (int64, error) {
	key := text.IdentityKey(worker)
	if id, ok := t.owners[key]; ok {
		return id, nil
	}
	id, err := t.s.findOwner(t.c, key, func(id int64) { t.owners[key] = id })
	if err != nil || id != 0 {
		return id, err
	}
	row, err := t.c.One("INSERT INTO owner (key, identity) VALUES (?, ?) RETURNING id", key, worker)
	if err != nil {
		return 0, err
	}
	id = row[0].(int64)
	t.owners[key] = id
	return id, nil
}
