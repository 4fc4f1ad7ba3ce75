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
		if err := t.c.exec("INSERT OR IGNORE INTO contact_recent (hash, id) VALUES (?, ?)", contactHash(key), next.ID); err != nil {
			return err
		}
	}
	for _, key := range had {
		if slices.Contains(has, key) {
			continue
		}
		for _, sql := range []string{
			"DELETE FROM contact WHERE hash = ? AND id = ?",
			"DELETE FROM contact_recent WHERE hash = ? AND id = ?",
		} {
			if err := t.c.exec(sql, contactHash(key), old.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// mostRecent is how many rows may be in contact_recent.
const mostRecent = 50_000

// settleContacts moves what is in contact_recent to where it stays.
func (t *tx) settleContacts() error {
	t.recent = 0
	if err := t.c.exec("INSERT OR IGNORE INTO contact (hash, id) SELECT hash, id FROM contact_recent ORDER BY hash, id"); err != nil {
		return err
	}
	return t.c.exec("DELETE FROM contact_recent")
}

// FindByContact answers the customers that can be reached at one of the keys.
func (t *tx) FindByContact(ctx context.Context, keys []string) (found []string, err error) {
	err = t.run(ctx, func() error {
		for _, key := range keys {
			ids, err := t.atContact(key)
			if err != nil {
				return err
			}
			found = append(found, ids...)
		}
		slices.Sort(found)
		found = slices.Compact(found)
		found = found[:min(len(found), customer.MaxFound)]
		return nil
	})
	return found, err
}

func (t *tx) atContact(key string) (ids []string, err error) {
	// A few more than needed, for hashes that meet by chance.
	var all []string
	err = t.c.each(func(v []driver.Value) error {
		all = append(all, v[0].(string))
		return nil
	}, `SELECT id FROM contact WHERE hash = ? UNION SELECT id FROM contact_recent WHERE hash = ?
		ORDER BY id LIMIT ? + 0`, contactHash(key), contactHash(key), int64(2*customer.MaxFound))
	if err != nil {
		return nil, err
	}
	for _, id := range all {
		r, err := t.find(id)
		if err != nil {
			return nil, err
		}
		if r != nil && !r.deleted && slices.Contains(customer.ContactKeys(r.Customer), key) {
			if ids = append(ids, id); len(ids) == customer.MaxFound {
				break
			}
		}
	}
	return ids, nil
}
