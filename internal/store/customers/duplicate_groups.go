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

// updateGroups updates table `shared` for contact hashes, which differ, and returns by how
// many the number of open groups has grown.
func updateGroups(c *sqldb.Conn, hashes []int64) (opened int64, err error) {
	for some := range slices.Chunk(hashes, hashesAtOnce) {
		was, is, err := readGroups(c, some)
		if err != nil {
			return 0, err
		}
		touched := map[int64]bool{}
		for _, hash := range some {
			if was[hash] == is[hash] {
				continue
			}
			touched[was[hash]], touched[is[hash]] = true, true
		}
		members := slices.Collect(maps.Keys(touched))
		before, err := countOpen(c, members)
		if err != nil {
			return 0, err
		}
		for _, hash := range some {
			if was[hash] != is[hash] {
				if err := putGroup(c, hash, is[hash]); err != nil {
					return 0, err
				}
			}
		}
		after, err := countOpen(c, members)
		if err != nil {
			return 0, err
		}
		opened += after - before
	}
	return opened, nil
}

// hashesAtOnce is how many contact hashes are read with one statement.
const hashesAtOnce = 64

// readGroups returns the members of the groups with these hashes as they are stored and as
// they should be, 0 for those without a group.
func readGroups(c *sqldb.Conn, hashes []int64) (was, is map[int64]int64, err error) {
	was, is = map[int64]int64{}, map[int64]int64{}
	ids := map[int64][]string{}
	err = sqldb.EachOf(c, hashes, func(v []driver.Value) error {
		hash := v[0].(int64)
		ids[hash] = append(ids[hash], v[1].(string))
		return nil
	}, `SELECT hash, id FROM (SELECT hash, id, row_number() OVER (PARTITION BY hash ORDER BY id) AS n FROM contact WHERE hash IN (%s)) AS c
		WHERE n <= ? ORDER BY hash, id`, int64(customer.MaxSharing+1))
	if err != nil {
		return nil, nil, err
	}
	for hash, ids := range ids {
		if len(ids) >= 2 && len(ids) <= customer.MaxSharing {
			is[hash] = groupDigest(ids)
		}
	}
	return was, is, sqldb.EachOf(c, hashes, func(v []driver.Value) error {
		was[v[0].(int64)] = v[1].(int64)
		return nil
	}, "SELECT hash, members FROM shared WHERE hash IN (%s)")
}

// putGroup stores the members of the group with a hash, or that there is none.
func putGroup(c *sqldb.Conn, hash, members int64) error {
	if members == 0 {
		return c.Exec("DELETE FROM shared WHERE hash = ?", hash)
	}
	return c.Exec(`INSERT INTO shared (hash, members, open)
		VALUES (?, ?, CASE WHEN EXISTS (SELECT 1 FROM apart WHERE members = ?) THEN 0 ELSE 1 END)
		ON CONFLICT (hash) DO UPDATE SET members = excluded.members, open = excluded.open`, hash, members, members)
}

// countOpen returns how many of these groups are open.
func countOpen(c *sqldb.Conn, members []int64) (n int64, err error) {
	err = sqldb.EachOf(c, members, func(v []driver.Value) error {
		n += v[0].(int64)
		return nil
	}, "SELECT count(DISTINCT members) FROM shared WHERE open = 1 AND members IN (%s)")
	return n, err
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
