package customers

import (
	"database/sql/driver"
	"strings"

	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqldb"
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

// readOwner returns the id of a worker, 0 when it never had a customer.
func readOwner(c *sqldb.Conn, worker string) (int64, error) {
	key := text.IdentityKey(worker)
	if strings.ContainsAny(key, "\x00\x01") {
		// No identity has these. The keys of owners that are no workers begin so, with \x01 on
		// PostgreSQL, which takes no \x00 at all.
		return 0, nil
	}
	row, err := c.One("SELECT id FROM owner WHERE key = ?", key)
	if err != nil || row == nil {
		return 0, err
	}
	return row[0].(int64), nil
}

// maxOwners is how many ids of owners are kept in memory; they never change.
const maxOwners = 10_000

// owner is readOwner on a reading connection, which sees no id that may be rolled back.
func (s *Store) owner(c *sqldb.Conn, worker string) (int64, error) {
	key := text.IdentityKey(worker)
	if id, ok := s.owners.Get(key); ok {
		return id, nil
	}
	id, err := readOwner(c, worker)
	if err == nil && id != 0 {
		s.owners.Put(key, id, 1)
	}
	return id, err
}

// owner returns the id of a worker, inserting it when it is new.
func (t *tx) owner(worker string) (int64, error) {
	key := text.IdentityKey(worker)
	if id, ok := t.owners[key]; ok {
		return id, nil
	}
	id, err := readOwner(t.c, worker)
	if err == nil && id == 0 {
		var row []driver.Value
		if row, err = t.c.One("INSERT INTO owner (key, identity) VALUES (?, ?) RETURNING id", key, worker); err == nil {
			id = row[0].(int64)
		}
	}
	t.owners[key] = id
	return id, err
}
