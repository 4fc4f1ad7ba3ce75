package customers

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

const (
	// maxBulkContacts is for how many contacts a transaction of a bulk import updates
	// the groups itself; with more, Compact rebuilds all groups after the import.
	maxBulkContacts = 500
	// rebuildRows is about how many rows of table `contact` one transaction of a
	// rebuild reads.
	rebuildRows = 20_000
)

// contactChanged records that the customers with a contact hash have changed.
func (t *tx) contactChanged(hash int64) {
	if t.s.db.Bulk() && len(t.contacts) > maxBulkContacts {
		return
	}
	t.contacts[hash] = true
}

// updateGroups updates table `shared` for the changed contacts.
func (t *tx) updateGroups() error {
	if t.s.db.Bulk() && len(t.contacts) > maxBulkContacts {
		t.groupsFrom = int64(math.MinInt64)
		return nil
	}
	for hash := range t.contacts {
		ids, err := idsWithHash(t.c, hash, customer.MaxSharing+1)
		if err != nil {
			return err
		}
		opened, err := updateGroup(t.c, hash, ids)
		if err != nil {
			return err
		}
		t.duplicates += opened
	}
	clear(t.contacts)
	return nil
}

// updateGroup updates table `shared` for the customers with a contact hash, and
// returns by how many the number of open groups has grown.
func updateGroup(c *sqldb.Conn, hash int64, ids []string) (opened int64, err error) {
	row, err := c.One("SELECT members FROM shared WHERE hash = ?", hash)
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
		members = groupDigest(ids)
		if row != nil && groups[0] == members {
			return 0, nil
		}
		groups = append(groups, members)
	}
	countOpen := func() (n int64, err error) {
		for _, g := range groups {
			open, err := countOpenGroup(c, g)
			if err != nil {
				return 0, err
			}
			n += open
		}
		return n, nil
	}
	before, err := countOpen()
	if err != nil || len(groups) == 0 {
		return 0, err
	}
	if isGroup {
		err = c.Exec(`INSERT OR REPLACE INTO shared (hash, members, open)
			VALUES (?, ?, NOT EXISTS (SELECT 1 FROM apart WHERE members = ?))`, hash, members, members)
	} else {
		err = c.Exec("DELETE FROM shared WHERE hash = ?", hash)
	}
	if err != nil {
		return 0, err
	}
	after, err := countOpen()
	return after - before, err
}

// countOpenGroup returns 1 for an open group, else 0.
func countOpenGroup(c *sqldb.Conn, members int64) (int64, error) {
	return c.Count("SELECT EXISTS (SELECT 1 FROM shared WHERE open = 1 AND members = ?)", members)
}

// groupDigest shortens the ids of a group.
func groupDigest(ids []string) int64 {
	sum := sha256.Sum256([]byte(strings.Join(ids, "\x00"))) // no id holds a NUL
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// rebuildGroups updates table `shared` for all contacts, some at a time, if a bulk
// import or an older version has left that to do.
func (s *Store) rebuildGroups(ctx context.Context) error {
	err := s.db.UpdateInSteps(ctx, func(c *sqldb.Conn) (done bool, err error) {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		row, err := c.One("SELECT shared_from FROM state WHERE id = 1")
		if err != nil {
			return false, err
		}
		from, ok := row[0].(int64)
		if !ok {
			return true, nil
		}
		next, opened, err := rebuildGroupsFrom(c, from)
		if err != nil {
			return false, err
		}
		return false, c.Exec("UPDATE state SET duplicates = duplicates + ?, shared_from = ? WHERE id = 1", opened, next)
	})
	return s.unavailable(err)
}

// rebuildGroupsFrom updates table `shared` for some contacts, from a hash on, and
// returns where to continue, nil at the end.
func rebuildGroupsFrom(c *sqldb.Conn, from int64) (next driver.Value, opened int64, err error) {
	to := int64(math.MaxInt64) // the last one
	row, err := c.One("SELECT hash FROM contact WHERE hash >= ? ORDER BY hash LIMIT 1 OFFSET ? + 0", from, int64(rebuildRows))
	if err != nil {
		return nil, 0, err
	}
	if row != nil && row[0].(int64) < math.MaxInt64 {
		to = row[0].(int64)
		next = to + 1
	}
	// A hash in shared that is not in contact has no group any more, unless it is in
	// contact_recent, whose hashes are read one by one.
	groups := map[int64][]string{}
	if err := c.Each(func(v []driver.Value) error {
		groups[v[0].(int64)] = nil
		return nil
	}, "SELECT hash FROM shared WHERE hash BETWEEN ? AND ?", from, to); err != nil {
		return nil, 0, err
	}
	if err := c.Each(func(v []driver.Value) error {
		groups[v[0].(int64)] = strings.Split(v[1].(string), "\x00")
		return nil
	}, `SELECT hash, group_concat(id, x'00') FROM contact WHERE hash BETWEEN ? AND ?
		GROUP BY hash HAVING count(*) BETWEEN 2 AND ? + 0`, from, to, int64(customer.MaxSharing)); err != nil {
		return nil, 0, err
	}
	recent, err := sqldb.Column[int64](c, "SELECT DISTINCT hash FROM contact_recent WHERE hash BETWEEN ? AND ?", from, to)
	if err != nil {
		return nil, 0, err
	}
	for _, hash := range recent {
		if groups[hash], err = idsWithHash(c, hash, customer.MaxSharing+1); err != nil {
			return nil, 0, err
		}
	}
	for hash, ids := range groups {
		slices.Sort(ids)
		n, err := updateGroup(c, hash, ids)
		if err != nil {
			return nil, 0, err
		}
		opened += n
	}
	return next, opened, nil
}
