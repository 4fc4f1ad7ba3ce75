package customers

import (
	"context"
	"database/sql/driver"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// Remove implements customer.Tx.
func (t *tx) Remove(ctx context.Context, id, by string) error {
	return t.run(ctx, func() error {
		old, err := t.delete(id)
		if err != nil {
			return err
		}
		row, err := t.c.One("INSERT INTO removal (id, at, by) VALUES (?, ?, ?) RETURNING n", id, t.now, by)
		if err != nil {
			return err
		}
		t.removed++
		n := row[0].(int64)
		for _, key := range customer.ContactKeys(old.Customer) {
			if err := t.c.Exec("INSERT OR IGNORE INTO removal_contact (hash, n) VALUES (?, ?)", contactHash(key), n); err != nil {
				return err
			}
		}
		return nil
	})
}

// Restore implements customer.Tx.
func (t *tx) Restore(ctx context.Context, id string) error {
	return t.run(ctx, func() error {
		before := t.removed
		if err := t.deleteRemoval(id); err != nil {
			return err
		}
		if t.removed == before {
			return customer.ErrNotFound
		}
		t.changed = true
		return nil
	})
}

// deleteRemoval deletes the removal of an id, if there is one.
func (t *tx) deleteRemoval(id string) error {
	if t.removed == 0 { // saves imports a query each
		return nil
	}
	row, err := t.c.One("DELETE FROM removal WHERE id = ? RETURNING n", id)
	if err != nil || row == nil {
		return err
	}
	t.removed--
	return t.c.Exec("DELETE FROM removal_contact WHERE n = ?", row[0].(int64))
}

// Removed implements customer.Tx.
func (t *tx) Removed(ctx context.Context, id string, keys []string) (found customer.Removal, ok bool, err error) {
	err = t.run(ctx, func() error {
		if t.removed == 0 {
			return nil
		}
		found, ok, err = findRemoved(t.c, id, keys, t.live)
		return err
	})
	return found, ok, err
}

// FindRemoved is Removed of a transaction, on a reading connection.
func (s *Store) FindRemoved(ctx context.Context, id string, keys []string) (found customer.Removal, ok bool, err error) {
	err = s.view(ctx, func(c *sqldb.Conn) error {
		found, ok, err = findRemoved(c, id, keys, getFrom(c))
		return err
	})
	return found, ok, err
}

func findRemoved(c *sqldb.Conn, id string, keys []string, get getFunc) (found customer.Removal, ok bool, err error) {
	row, err := c.One("SELECT id, at, by FROM removal WHERE id = ?", id)
	if err != nil {
		return found, false, err
	}
	if row != nil {
		return removal(row), true, nil
	}
	for _, key := range keys {
		row, err := c.One(`SELECT r.id, r.at, r.by FROM removal_contact rc JOIN removal r ON r.n = rc.n
			WHERE rc.hash = ? ORDER BY rc.n DESC LIMIT 1`, contactHash(key))
		if err != nil {
			return found, false, err
		}
		if row == nil {
			continue
		}
		// A contact that another customer has now is not that of the removed one.
		removed := removal(row)
		others, err := idsWithContact(c, key, get)
		if err != nil {
			return found, false, err
		}
		if len(others) == 0 {
			return removed, true, nil
		}
	}
	return found, false, nil
}

func removal(v []driver.Value) customer.Removal {
	return customer.Removal{ID: v[0].(string), At: time.Unix(v[1].(int64), 0), By: v[2].(string)}
}

// Removed returns a page of the removals, newest first.
func (s *Store) Removed(ctx context.Context, q customer.RemovedQuery) (page customer.RemovedPage, err error) {
	before := int64(1<<63 - 1)
	if q.After != "" {
		if before, err = strconv.ParseInt(q.After, 10, 64); err != nil {
			return page, nil // not from here: nothing follows it
		}
	}
	err = s.view(ctx, func(c *sqldb.Conn) error {
		var last int64
		return c.Each(func(v []driver.Value) error {
			if len(page.Removals) == q.Limit {
				page.Next = strconv.FormatInt(last, 10)
				return sqldb.ErrStop
			}
			page.Removals = append(page.Removals, removal(v))
			last = v[3].(int64)
			return nil
		}, "SELECT id, at, by, n FROM removal WHERE n < ? ORDER BY n DESC LIMIT ? + 0", before, int64(q.Limit+1))
	})
	return page, err
}
