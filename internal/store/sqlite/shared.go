package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
)

const (
	// touchedInBulk is how many addresses a transaction of a bulk import looks at
	// itself; if more have changed, all are looked at when the import has ended.
	touchedInBulk = 500
	// sharedStep is about how many rows of table contact are looked at in one
	// transaction.
	sharedStep = 20_000
)

// touchContact notes that the customers at a hash are others now.
func (t *tx) touchContact(hash int64) {
	if t.s.db.bulk && len(t.hashes) > touchedInBulk {
		return
	}
	t.hashes[hash] = true
}

// shareTouched brings table shared up to date.
func (t *tx) shareTouched() error {
	if t.s.db.bulk && len(t.hashes) > touchedInBulk {
		t.sharedFrom = int64(math.MinInt64)
		return nil
	}
	for hash := range t.hashes {
		ids, err := atHash(t.c, hash, customer.MaxSharing+1)
		if err != nil {
			return err
		}
		more, err := share(t.c, hash, ids)
		if err != nil {
			return err
		}
		t.duplicates += more
	}
	clear(t.hashes)
	return nil
}

// share keeps in table shared who is at a hash, and answers how many open groups
// there are more than before.
func share(c *conn, hash int64, ids []string) (more int64, err error) {
	row, err := c.one("SELECT members FROM shared WHERE hash = ?", hash)
	if err != nil {
		return 0, err
	}
	var groups []int64
	if row != nil {
		groups = append(groups, row[0].(int64))
	}
	isGroup := len(ids) >= 2 && len(ids) <= customer.MaxSharing
	var members int64
	if isGroup {
		members = digest(ids)
		if row != nil && groups[0] == members {
			return 0, nil
		}
		groups = append(groups, members)
	}
	open := func() (n int64, err error) {
		for _, g := range groups {
			is, err := isOpen(c, g)
			if err != nil {
				return 0, err
			}
			n += is
		}
		return n, nil
	}
	before, err := open()
	if err != nil || len(groups) == 0 {
		return 0, err
	}
	if isGroup {
		err = c.exec(`INSERT OR REPLACE INTO shared (hash, members, open)
			VALUES (?, ?, NOT EXISTS (SELECT 1 FROM apart WHERE members = ?))`, hash, members, members)
	} else {
		err = c.exec("DELETE FROM shared WHERE hash = ?", hash)
	}
	if err != nil {
		return 0, err
	}
	after, err := open()
	return after - before, err
}

// isOpen is 1 for an open group, and 0 for none.
func isOpen(c *conn, members int64) (int64, error) {
	return count(c, "SELECT EXISTS (SELECT 1 FROM shared WHERE open = 1 AND members = ?)", members)
}

// digest shortens the ids of a group.
func digest(ids []string) int64 {
	sum := sha256.Sum256([]byte(strings.Join(ids, "\x00"))) // no id holds a NUL
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// shareAll looks at all addresses, if a bulk import or an older program left that
// to be done, some at a time.
func (s *Customers) shareAll(ctx context.Context) error {
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.writing(ctx, func(c *conn) error {
			row, err := c.one("SELECT shared_from FROM state WHERE id = 1")
			if err != nil {
				return err
			}
			from, ok := row[0].(int64)
			if done = !ok; done {
				return nil
			}
			next, more, err := shareFrom(c, from)
			if err != nil {
				return err
			}
			return c.exec("UPDATE state SET duplicates = duplicates + ?, shared_from = ? WHERE id = 1", more, next)
		})
		if err != nil {
			return err
		}
		if !done {
			if err := pause(ctx, s.between()); err != nil {
				return err
			}
		}
	}
	return nil
}

// shareFrom looks at some addresses, those of a hash and its followers, and answers
// where to go on, nil at the end.
func shareFrom(c *conn, from int64) (next driver.Value, more int64, err error) {
	to := int64(math.MaxInt64) // the last one
	row, err := c.one("SELECT hash FROM contact WHERE hash >= ? ORDER BY hash LIMIT 1 OFFSET ? + 0", from, int64(sharedStep))
	if err != nil {
		return nil, 0, err
	}
	if row != nil && row[0].(int64) < math.MaxInt64 {
		to = row[0].(int64)
		next = to + 1
	}
	// What is in shared and not in contact is no group any more, unless it is in
	// contact_recent; whatever is in there is looked at by itself.
	groups := map[int64][]string{}
	if err := c.each(func(v []driver.Value) error {
		groups[v[0].(int64)] = nil
		return nil
	}, "SELECT hash FROM shared WHERE hash BETWEEN ? AND ?", from, to); err != nil {
		return nil, 0, err
	}
	if err := c.each(func(v []driver.Value) error {
		groups[v[0].(int64)] = strings.Split(v[1].(string), "\x00")
		return nil
	}, `SELECT hash, group_concat(id, x'00') FROM contact WHERE hash BETWEEN ? AND ?
		GROUP BY hash HAVING count(*) BETWEEN 2 AND ? + 0`, from, to, int64(customer.MaxSharing)); err != nil {
		return nil, 0, err
	}
	var recent []int64
	if err := c.each(func(v []driver.Value) error {
		recent = append(recent, v[0].(int64))
		return nil
	}, "SELECT DISTINCT hash FROM contact_recent WHERE hash BETWEEN ? AND ?", from, to); err != nil {
		return nil, 0, err
	}
	for _, hash := range recent {
		if groups[hash], err = atHash(c, hash, customer.MaxSharing+1); err != nil {
			return nil, 0, err
		}
	}
	for hash, ids := range groups {
		slices.Sort(ids)
		opened, err := share(c, hash, ids)
		if err != nil {
			return nil, 0, err
		}
		more += opened
	}
	return next, more, nil
}
