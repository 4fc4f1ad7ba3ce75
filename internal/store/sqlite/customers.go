package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// keep is how long tombstones, former names and former assignments are kept, so
// that an anchor or a token in the hands of a phone stays good.
const keep = 30 * 24 * time.Hour

// The owners that are no workers.
const (
	everyone   = 1  // stands for all workers
	register   = -1 // has every customer
	unassigned = -2 // has those who are nobody's
)

// Customers is the customer.Store in a DB.
type Customers struct {
	db     *DB
	owners ownerIDs
	blocks blockSizes

	// The connection that writes, with its statements; used inside Update only.
	writer *conn
}

var (
	_ customer.Store       = (*Customers)(nil)
	_ customer.AdminReader = (*Customers)(nil)
)

// view runs fn on a reading connection, in a transaction that sees one moment.
func (s *Customers) view(ctx context.Context, fn func(c *conn) error) error {
	c, err := s.db.conns.get(ctx)
	if err != nil {
		return failed(err)
	}
	defer s.db.conns.put(c)
	end, err := c.begin()
	if err != nil {
		return failed(err)
	}
	defer end()
	return failed(fn(c))
}

// failed makes an error of reading the domain's: whatever is not about the
// question that was asked is the store's own trouble.
func failed(err error) error {
	for _, known := range []error{customer.ErrNotFound, customer.ErrUnknownAnchor, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return err
		}
	}
	err = kind(err, customer.ErrUnavailable)
	if err == nil || errors.Is(err, customer.ErrUnavailable) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: %w", customer.ErrUnavailable, err)
}

// ownerIDs remembers the ids of owners, which never change.
type ownerIDs struct {
	mu  sync.RWMutex
	ids map[string]int64
}

// maxOwners bounds what is remembered; workers beyond it cost a look-up each.
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

// owner finds the id of a worker, 0 when nobody ever assigned anything to it.
func (s *Customers) owner(c *conn, worker string) (int64, error) {
	key := text.IdentityKey(worker)
	if id, ok := s.owners.get(key); ok {
		return id, nil
	}
	if strings.IndexByte(key, 0) >= 0 {
		return 0, nil // no identity holds a NUL, but the keys of register and unassigned do
	}
	row, err := c.one("SELECT id FROM owner WHERE key = ?", key)
	if err != nil || row == nil {
		return 0, err
	}
	id := row[0].(int64)
	s.owners.put(key, id)
	return id, nil
}

// resolve finds the place of a cursor's row as it was under the name that it had.
func resolve(c *conn, at customer.Cursor) ([]byte, error) {
	row, err := c.one("SELECT rev, place FROM customer WHERE pk = ?", at.Row)
	if err != nil {
		return nil, err
	}
	if row != nil && row[0].(int64) == at.Rev {
		return row[1].([]byte), nil
	}
	row, err = c.one("SELECT place FROM renamed WHERE pk = ? AND rev = ?", at.Row, at.Rev)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, fmt.Errorf("cursor is too old: %w", customer.ErrUnknownAnchor)
	}
	return row[0].([]byte), nil
}

// Customer answers one of the worker's customers.
func (s *Customers) Customer(ctx context.Context, worker, id string) (found customer.Customer, err error) {
	c, err := s.db.conns.get(ctx)
	if err != nil {
		return found, failed(err)
	}
	defer s.db.conns.put(c)
	row, err := c.one("SELECT place, avatar, body FROM customer WHERE id = ? AND deleted_at IS NULL", id)
	if err != nil {
		return found, failed(err)
	}
	if row == nil {
		return found, customer.ErrNotFound
	}
	found, err = decodeCustomer(row[0].([]byte), row[1].(string), row[2].(string))
	if err != nil {
		return customer.Customer{}, failed(err)
	}
	if !belongs(found, worker) {
		return customer.Customer{}, customer.ErrNotFound
	}
	return found, nil
}

// belongs tells whether c is the worker's, by what the customer itself says: it
// spares a look-up of the assignment.
func belongs(c customer.Customer, worker string) bool {
	key := text.IdentityKey(worker)
	for _, w := range c.Workers {
		if w == customer.Everyone || text.IdentityKey(w) == key {
			return true
		}
	}
	return false
}
