package customers

import (
	"context"
	"database/sql/driver"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// DeleteAndBlock implements customer.Tx.
func (t *tx) DeleteAndBlock(ctx context.Context, id, by string) error {
	return t.runWritten(ctx, func() error {
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
			if err := t.c.Exec("INSERT INTO removal_contact (hash, n) VALUES (?, ?) ON CONFLICT DO NOTHING", contactHash(key), n); err != nil {
				return err
			}
		}
		return nil
	})
}

// AllowImport implements customer.Tx.
func (t *tx) AllowImport(ctx context.Context, id string) error {
	return t.runWritten(ctx, func() error {
		before := t.removed
		if err := t.forgetDeletion(id); err != nil {
			return err
		}
		if t.removed == before {
			return customer.ErrNotFound
		}
		t.changed = true
		return nil
	})
}

// forgetDeletion deletes the record of the deletion of an id, if there is one.
func (t *tx) forgetDeletion(id string) error {
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

// FindDeletion implements customer.Tx.
func (t *tx) FindDeletion(ctx context.Context, id string, keys []string) (found customer.Deletion, ok bool, err error) {
	if t.removed == 0 {
		return found, false, t.run(ctx, func() error { return nil })
	}
	err = t.runWritten(ctx, func() error {
		found, ok, err = findDeletion(t.c, id, keys)
		return err
	})
	return found, ok, err
}

// FindDeletion is that of a transaction, on a reading connection.
func (s *Store) FindDeletion(ctx context.Context, id string, keys []string) (found customer.Deletion, ok bool, err error) {
	err = s.view(ctx, func(c *sqldb.Conn) error {
		found, ok, err = findDeletion(c, id, keys)
		return err
	})
	return found, ok, err
}

func findDeletion(c *sqldb.Conn, id string, keys []string) (found customer.Deletion, ok bool, err error) {
	row, err := c.One("SELECT id, at, by FROM removal WHERE id = ?", id)
	if err != nil {
		return found, false, err
	}
	if row != nil {
		return decodeDeletion(row), true, nil
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
		// A contact that another customer has now is not that of the deleted one.
		deleted := decodeDeletion(row)
		others, err := idsWithContact(c, key)
		if err != nil {
			return found, false, err
		}
		if len(others) == 0 {
			return deleted, true, nil
		}
	}
	return found, false, nil
}

func decodeDeletion(v []driver.Value) customer.Deletion {
	return customer.Deletion{ID: v[0].(string), At: time.Unix(v[1].(int64), 0), By: v[2].(string)}
}

// Deletions returns a page of the recorded deletions, newest first.
func (s *Store) Deletions(ctx context.Context, q customer.DeletionQuery) (page customer.DeletionPage, err error) {
	before := int64(1<<63 - 1)
	if q.After != "" {
		if before, err = strconv.ParseInt(q.After, 10, 64); err != nil {
			return page, nil // an unknown cursor: nothing follows it
		}
	}
	err = s.view(ctx, func(c *sqldb.Conn) error {
		var last int64
		return c.Each(func(v []driver.Value) error {
			if len(page.Deletions) == q.Limit {
				page.Next = strconv.FormatInt(last, 10)
				return sqldb.ErrStop
			}
			page.Deletions = append(page.Deletions, decodeDeletion(v))
			last = v[3].(int64)
			return nil
		}, "SELECT id, at, by, n FROM removal WHERE n < ? ORDER BY n DESC LIMIT ? + 0", before, int64(q.Limit+1))
	})
	return page, err
}
