package customers

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// groupKey is the key of a group in table `shared`, for callers.
func groupKey(members int64) string { return strconv.FormatUint(uint64(members)^1<<63, 36) }

// parseGroupKey reverses groupKey; other keys are not ok.
func parseGroupKey(key string) (members int64, ok bool) {
	n, err := strconv.ParseUint(key, 36, 64)
	members = int64(n ^ 1<<63)
	return members, err == nil && groupKey(members) == key
}

// Duplicates returns a page of the open groups, in order of table `shared`.
func (s *Store) Duplicates(ctx context.Context, q customer.DuplicateQuery) (page customer.DuplicatePage, err error) {
	from := int64(math.MinInt64)
	if q.After != "" {
		last, ok := parseGroupKey(q.After)
		if !ok || last == math.MaxInt64 {
			return page, nil // an unknown cursor: nothing follows it
		}
		from = last + 1
	}
	err = s.view(ctx, func(c *sqldb.Conn) error {
		groups, err := sqldb.Column[int64](c, "SELECT DISTINCT members FROM shared WHERE open = 1 AND members >= ? ORDER BY members LIMIT ? + 0", from, int64(q.Limit+1))
		if err != nil {
			return err
		}
		if len(groups) > q.Limit {
			groups = groups[:q.Limit]
			page.Next = groupKey(groups[q.Limit-1])
		}
		for _, members := range groups {
			group, ok, err := readGroup(c, members)
			if err != nil {
				return err
			}
			if ok {
				page.Groups = append(page.Groups, group)
			}
		}
		return nil
	})
	return page, err
}

// DuplicateGroup implements customer.AdminReader.
func (s *Store) DuplicateGroup(ctx context.Context, key string) (group customer.DuplicateGroup, err error) {
	members, ok := parseGroupKey(key)
	if !ok {
		return group, customer.ErrNotFound
	}
	err = s.view(ctx, func(c *sqldb.Conn) error {
		if group, ok, err = readGroup(c, members); err == nil && !ok {
			err = customer.ErrNotFound
		}
		return err
	})
	return group, err
}

// readGroup returns an open group of table `shared`; not ok when there is none, or its
// customers no longer share a contact. The table is outdated while a bulk import runs.
func readGroup(c *sqldb.Conn, members int64) (group customer.DuplicateGroup, ok bool, err error) {
	row, err := c.One("SELECT hash FROM shared WHERE open = 1 AND members = ?", members)
	if err != nil || row == nil {
		return group, false, err
	}
	ids, err := idsWithHash(c, row[0].(int64), customer.MaxSharing+1)
	if err != nil || len(ids) > customer.MaxSharing {
		return group, false, err
	}
	var common []string
	for i, id := range ids {
		found, ok, err := readCustomer(c, byID, id)
		if err != nil {
			return group, false, err
		}
		if !ok {
			continue
		}
		keys := customer.ContactKeys(found)
		if i == 0 {
			common = keys
		}
		common = slices.DeleteFunc(common, func(key string) bool { return !slices.Contains(keys, key) })
		group.Customers = append(group.Customers, found)
	}
	if len(group.Customers) < 2 || len(common) == 0 { // a hash collision
		return customer.DuplicateGroup{}, false, nil
	}
	slices.SortFunc(group.Customers, func(a, b customer.Customer) int {
		return bytes.Compare(sortKey(a.Name, a.ID), sortKey(b.Name, b.ID))
	})
	group.Key, group.Shared = groupKey(members), common[0]
	if i := slices.IndexFunc(common, func(key string) bool { return strings.Contains(key, "@") }); i >= 0 {
		group.Shared = common[i]
	}
	return group, true, nil
}

// KeepApart implements customer.Tx.
func (t *tx) KeepApart(ctx context.Context, key string) error {
	return t.runWritten(ctx, func() error {
		members, ok := parseGroupKey(key)
		if !ok {
			return customer.ErrNotFound
		}
		if err := t.updateGroups(); err != nil {
			return err
		}
		row, err := t.c.One("UPDATE shared SET open = 0 WHERE open = 1 AND members = ? RETURNING hash", members)
		if err != nil {
			return err
		}
		if row == nil {
			return customer.ErrNotFound
		}
		t.changed = true
		t.duplicates--
		return t.c.Exec("INSERT INTO apart (members, at) VALUES (?, ?) ON CONFLICT (members) DO UPDATE SET at = excluded.at", members, t.now)
	})
}
