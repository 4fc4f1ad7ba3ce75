package customers

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// contactHash shortens a key: the table is a third of the size, and a million rows
// are inserted faster. It is cryptographic, so that collisions cannot be produced;
// customers found by a hash are still compared with the key itself.
func contactHash(key string) int64 {
	sum := sha256.Sum256([]byte(key))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// contactRow is a row of table contact.
type contactRow struct {
	hash int64
	id   string
}

var contactInserter = sqldb.NewInserter("INSERT INTO contact (hash, id) VALUES", "ON CONFLICT DO NOTHING", 2,
	func(a, b contactRow) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.id, b.id)) },
	func(args []driver.Value, r contactRow) []driver.Value { return append(args, r.hash, r.id) })

// updateContacts updates the table of contacts; old or next may be nil.
func (t *tx) updateContacts(old, next *customerRow) error {
	had, has := contactsOf(old), contactsOf(next)
	for _, key := range has {
		if slices.Contains(had, key) {
			continue
		}
		hash := contactHash(key)
		t.contacts[hash] = true
		t.newContacts = append(t.newContacts, contactRow{hash, next.ID})
	}
	for _, key := range had {
		if slices.Contains(has, key) {
			continue
		}
		hash := contactHash(key)
		t.contacts[hash] = true
		if err := t.c.Exec("DELETE FROM contact WHERE hash = ? AND id = ?", hash, old.ID); err != nil {
			return err
		}
	}
	return nil
}

func contactsOf(r *customerRow) []string {
	if r == nil {
		return nil
	}
	return customer.ContactKeys(r.Customer)
}

// addOtherForms stores the contacts of numbers that have several forms in a database of an
// earlier version, which stored one of them.
func (s *Store) addOtherForms(ctx context.Context) error {
	const rows = 2000
	next := int64(0)
	return s.unavailable(s.db.UpdateInSteps(ctx, func(c *sqldb.Conn) (done bool, err error) {
		if earlier, err := c.Count("SELECT one_form FROM state WHERE id = 1"); err != nil || earlier == 0 {
			return true, err
		}
		read := 0
		var contacts []contactRow
		err = c.Each(func(v []driver.Value) error {
			read++
			next = v[0].(int64) + 1
			found, err := decodeRow(v[1:])
			if err != nil {
				return err
			}
			for _, key := range customer.ContactKeys(found) {
				contacts = append(contacts, contactRow{contactHash(key), found.ID})
			}
			return nil
		}, `SELECT pk, place, avatar, body FROM customer WHERE pk >= ? AND deleted_at IS NULL
			AND (instr(body, '+52') > 0 OR instr(body, '+54') > 0 OR instr(body, '+55') > 0) ORDER BY pk LIMIT ? + 0`, next, int64(rows))
		if err = errors.Join(err, contactInserter.Insert(c, contacts)); err != nil || read == rows {
			return false, err
		}
		return true, c.Exec("UPDATE state SET one_form = 0, shared_from = ? WHERE id = 1", int64(math.MinInt64))
	}))
}

// FindByContact implements customer.Tx.
func (t *tx) FindByContact(ctx context.Context, keys []string) (found []string, err error) {
	err = t.runWritten(ctx, func() error {
		found, err = findByContact(t.c, keys)
		return err
	})
	return found, err
}

// FindByContact returns the ids of the customers with one of the contact keys.
func (s *Store) FindByContact(ctx context.Context, keys []string) (found []string, err error) {
	err = s.view(ctx, func(c *sqldb.Conn) error {
		found, err = findByContact(c, keys)
		return err
	})
	return found, err
}

func findByContact(c *sqldb.Conn, keys []string) (found []string, err error) {
	for _, key := range keys {
		ids, err := idsWithContact(c, key)
		if err != nil {
			return nil, err
		}
		found = append(found, ids...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	return found[:min(len(found), customer.MaxFound)], nil
}

// idsWithContact returns the ids of the customers with a contact key, in byte order.
func idsWithContact(c *sqldb.Conn, key string) (ids []string, err error) {
	// More than needed, for hash collisions.
	candidates, err := idsWithHash(c, contactHash(key), 2*customer.MaxFound)
	if err != nil {
		return nil, err
	}
	for _, id := range candidates {
		found, ok, err := readCustomer(c, byID, id)
		if err != nil {
			return nil, err
		}
		if ok && slices.Contains(customer.ContactKeys(found), key) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// idsWithHash returns the ids stored with a contact hash, at most n, in byte order.
func idsWithHash(c *sqldb.Conn, hash int64, n int) ([]string, error) {
	return sqldb.Column[string](c, "SELECT id FROM contact WHERE hash = ? ORDER BY id LIMIT ? + 0", hash, int64(n))
}
