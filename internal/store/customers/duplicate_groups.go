package customers

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

const (
	// maxBulkContacts is for how many contacts a transaction of a bulk import updates
	// the groups itself; with more, Compact rebuilds all groups after the import.
	maxBulkContacts = 500
	// rebuildRows is about how many rows of table `contact` one transaction of a
	// rebuild reads.
	rebuildRows = 20_000
)

// updateGroups updates table `shared` for the changed contacts.
func (t *tx) updateGroups() error {
	if t.s.db.Bulk && len(t.contacts) > maxBulkContacts {
		t.groupsFrom = int64(math.MinInt64)
		return nil
	}
	opened, err := updateGroups(t.c, slices.Sorted(maps.Keys(t.contacts)))
	t.duplicates += opened
	clear(t.contacts)
	return err
}

// updateGroups updates table `shared` for contact hashes, and returns by how many the
// number of open groups has grown.
func updateGroups(c *sqldb.Conn, hashes []int64) (opened int64, err error) {
	for _, hash := range hashes {
		ids, err := idsWithHash(c, hash, customer.MaxSharing+1)
		if err != nil {
			return 0, err
		}
		n, err := updateGroup(c, hash, ids)
		if err != nil {
			return 0, err
		}
		opened += n
	}
	return opened, nil
}

// updateGroup is updateGroups for the customers with one hash.
func updateGroup(c *sqldb.Conn, hash int64, ids []string) (opened int64, err error) {
	var was, is driver.Value // members, nil when there is no group
	row, err := c.One("SELECT members FROM shared WHERE hash = ?", hash)
	if err != nil {
		return 0, err
	}
	if row != nil {
		was = row[0]
	}
	if len(ids) >= 2 && len(ids) <= customer.MaxSharing {
		is = groupDigest(ids)
	}
	if was == is {
		return 0, nil
	}
	const countOpen = "SELECT count(DISTINCT members) FROM shared WHERE open = 1 AND members IN (?, ?)"
	before, err := c.Count(countOpen, was, is)
	if err != nil {
		return 0, err
	}
	if is == nil {
		err = c.Exec("DELETE FROM shared WHERE hash = ?", hash)
	} else {
		err = c.Exec(`INSERT OR REPLACE INTO shared (hash, members, open)
			VALUES (?, ?, NOT EXISTS (SELECT 1 FROM apart WHERE members = ?))`, hash, is, is)
	}
	if err != nil {
		return 0, err
	}
	after, err := c.Count(countOpen, was, is)
	return after - before, err
}

// groupDigest shortens the ids of a group.
func groupDigest(ids []string) int64 {
	sum := sha256.Sum256([]byte(strings.Join(ids, "\x00"))) // no id holds a NUL
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// rebuildGroups updates table `shared` for all contacts, some at a time, if a bulk
// import or an older version has left that to do.
func (s *Store) rebuildGroups(ctx context.Context) error {
	return s.unavailable(s.db.UpdateInSteps(ctx, func(c *sqldb.Conn) (done bool, err error) {
		row, err := c.One("SELECT shared_from FROM state WHERE id = 1")
		if err != nil || row[0] == nil {
			return true, err
		}
		next, opened, err := rebuildGroupsFrom(c, row[0].(int64))
		if err != nil {
			return false, err
		}
		return false, c.Exec("UPDATE state SET duplicates = duplicates + ?, shared_from = ? WHERE id = 1", opened, next)
	}))
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
	hashes, err := sqldb.Column[int64](c, `SELECT hash FROM contact WHERE hash BETWEEN ? AND ? GROUP BY hash HAVING count(*) > 1
		UNION SELECT hash FROM shared WHERE hash BETWEEN ? AND ?`, from, to, from, to)
	if err != nil {
		return nil, 0, err
	}
	opened, err = updateGroups(c, hashes)
	return next, opened, err
}
