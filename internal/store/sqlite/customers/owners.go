package customers

import (
	"strings"
	"sync"

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

// ownerIDs caches the ids of owners, which never change.
type ownerIDs struct {
	mu  sync.RWMutex
	ids map[string]int64
}

// maxOwners bounds the cache; workers beyond it cost a query each.
const maxOwners = 10_000

func (o *ownerIDs) get(key string) (int64, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	id, ok := o.ids[key]
	return id, ok
}

func (o *ownerIDs) put(key string, id int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ids == nil {
		o.ids = map[string]int64{}
	}
	if len(o.ids) < maxOwners {
		o.ids[key] = id
	}
}

// owner returns the id of a worker, 0 when it never had a customer.
func (s *Store) owner(c *sqldb.Conn, worker string) (int64, error) {
	key := text.IdentityKey(worker)
	if id, ok := s.owners.get(key); ok {
		return id, nil
	}
	id, err := readOwner(c, key)
	if err == nil && id != 0 {
		s.owners.put(key, id)
	}
	return id, err
}

func readOwner(c *sqldb.Conn, key string) (int64, error) {
	if strings.IndexByte(key, 0) >= 0 {
		return 0, nil // no identity holds a NUL, but the keys of owners that are no workers do
	}
	row, err := c.One("SELECT id FROM owner WHERE key = ?", key)
	if err != nil || row == nil {
		return 0, err
	}
	return row[0].(int64), nil
}

// owner returns the id of a worker, inserting it when it is new. Other
// transactions see the new id after the commit only.
func (t *tx) owner(worker string) (int64, error) {
	id, err := t.knownOwner(worker)
	if err != nil || id != 0 {
		return id, err
	}
	key := text.IdentityKey(worker)
	row, err := t.c.One("INSERT INTO owner (key, identity) VALUES (?, ?) RETURNING id", key, worker)
	if err != nil {
		return 0, err
	}
	id = row[0].(int64)
	t.owners[key] = id
	return id, nil
}

// knownOwner returns the id of a worker, 0 when it never had a customer.
func (t *tx) knownOwner(worker string) (int64, error) {
	key := text.IdentityKey(worker)
	if id, ok := t.s.owners.get(key); ok {
		return id, nil
	}
	if id, ok := t.owners[key]; ok {
		return id, nil
	}
	id, err := readOwner(t.c, key)
	if err == nil && id != 0 {
		t.owners[key] = id
	}
	return id, err
}
