package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
)

// contactHash shortens a key: the table is a third of the size, and a million
// rows go in faster. Cryptographic, so that nobody can make two keys meet; and
// what is found is compared with the key itself all the same.
func contactHash(key string) int64 {
	sum := sha256.Sum256([]byte(key))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// putContacts makes the table of contacts agree; old or next may be nil.
func (t *tx) putContacts(old, next *stored) error {
	var had, has []string
	if old != nil {
		had = customer.ContactKeys(old.Customer)
	}
	if next != nil {
		has = customer.ContactKeys(next.Customer)
	}
	for _, key := range has {
		if slices.Contains(had, key) {
			continue
		}
		t.recent++
		hash := contactHash(key)
		t.touchContact(hash)
		if err := t.c.exec("INSERT OR IGNORE INTO contact_recent (hash, id) VALUES (?, ?)", hash, next.ID); err != nil {
			return err
		}
	}
	for _, key := range had {
		if slices.Contains(has, key) {
			continue
		}
		hash := contactHash(key)
		t.touchContact(hash)
		for _, sql := range []string{
			"DELETE FROM contact WHERE hash = ? AND id = ?",
			"DELETE FROM contact_recent WHERE hash = ? AND id = ?",
		} {
			if err := t.c.exec(sql, hash, old.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// mostRecent is how many rows may be in contact_recent.
const mostRecent = 50_000

// settleContacts moves what is in contact_recent to where it stays.
func settleContacts(c *conn) error {
	if err := c.exec("INSERT OR IGNORE INTO contact (hash, id) SELECT hash, id FROM contact_recent ORDER BY hash, id"); err != nil {
		return err
	}
	return c.exec("DELETE FROM contact_recent")
}

// FindByContact answers the customers that can be reached at one of the keys.
func (t *tx) FindByContact(ctx context.Context, keys []string) (found []string, err error) {
	err = t.run(ctx, func() error {
		found, err = findByContact(t.c, keys, t.live)
		return err
	})
	return found, err
}

// FindByContact answers the customers that can be reached at one of the keys.
func (s *Customers) FindByContact(ctx context.Context, keys []string) (found []string, err error) {
	err = s.view(ctx, func(c *conn) error {
		found, err = findByContact(c, keys, func(id string) (customer.Customer, bool, error) { return getByID(c, id) })
		return err
	})
	return found, err
}

// a getter answers the customer of an id, if there is one.
type getter func(id string) (customer.Customer, bool, error)

// live is a getter.
func (t *tx) live(id string) (customer.Customer, bool, error) {
	r, err := t.find(id)
	if err != nil || r == nil || r.deleted {
		return customer.Customer{}, false, err
	}
	return r.Customer, true, nil
}

func findByContact(c *conn, keys []string, get getter) (found []string, err error) {
	for _, key := range keys {
		ids, err := atContact(c, key, get)
		if err != nil {
			return nil, err
		}
		found = append(found, ids...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	return found[:min(len(found), customer.MaxFound)], nil
}

// atContact answers who can be reached at a key, in byte order of their ids.
func atContact(c *conn, key string, get getter) (ids []string, err error) {
	// A few more than needed, for hashes that meet by chance.
	all, err := atHash(c, contactHash(key), 2*customer.MaxFound)
	if err != nil {
		return nil, err
	}
	for _, id := range all {
		found, ok, err := get(id)
		if err != nil {
			return nil, err
		}
		if ok && slices.Contains(customer.ContactKeys(found), key) {
			if ids = append(ids, id); len(ids) == customer.MaxFound {
				break
			}
		}
	}
	return ids, nil
}

// atHash answers the ids that are kept with a hash, at most n, in byte order.
func atHash(c *conn, hash int64, n int) (ids []string, err error) {
	err = c.each(func(v []driver.Value) error {
		ids = append(ids, v[0].(string))
		return nil
	}, `SELECT id FROM contact WHERE hash = ? UNION SELECT id FROM contact_recent WHERE hash = ?
		ORDER BY id LIMIT ? + 0`, hash, hash, int64(n))
	return ids, err
}
