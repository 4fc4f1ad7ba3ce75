package customers

import (
	"context"
	"database/sql/driver"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// ListAll returns a page of the customers in a scope.
func (s *Store) ListAll(ctx context.Context, q customer.AdminQuery) (page customer.AdminPage, err error) {
	err = s.view(ctx, func(c *sqldb.Conn) error {
		owner, err := scopeOwner(c, q.Scope)
		if err != nil {
			return err
		}
		if strings.TrimSpace(q.Query) != "" {
			page, err = s.searchPage(ctx, c, owner, q)
		} else {
			page, err = s.listPage(c, owner, q)
		}
		return err
	})
	return page, err
}

// scopeOwner returns the owner of exactly the customers in a scope; 0 has none.
func scopeOwner(c *sqldb.Conn, scope customer.Scope) (int64, error) {
	switch {
	case scope.Unassigned:
		return unassigned, nil
	case scope.Worker != "":
		return readOwner(c, scope.Worker)
	}
	return allOwner, nil
}

// listPage returns a page of an owner's list.
func (s *Store) listPage(c *sqldb.Conn, owner int64, q customer.AdminQuery) (page customer.AdminPage, err error) {
	from, err := s.startKey(c, owner, q.After, "")
	if err != nil {
		return page, err
	}
	err = c.Each(func(v []driver.Value) error {
		if len(page.Customers) == q.Limit {
			page.More = true
			return sqldb.ErrStop
		}
		found, err := decodeRow(v)
		if err != nil {
			return err
		}
		page.Customers = append(page.Customers, found)
		page.Cursors = append(page.Cursors, customer.Cursor{Row: v[3].(int64), Rev: v[4].(int64)})
		return nil
	}, `SELECT c.place, c.avatar, c.body, c.pk, c.rev FROM assignment a JOIN customer c ON c.pk = a.pk
		WHERE a.owner = ? AND a.place > ? ORDER BY a.place LIMIT ? + 0`, owner, from, int64(q.Limit+1))
	return page, err
}

// searchPage returns a page of those of an owner's customers that match, best first.
func (s *Store) searchPage(ctx context.Context, c *sqldb.Conn, owner int64, q customer.AdminQuery) (page customer.AdminPage, err error) {
	matches, err := s.search(ctx, s.searchTables.on(c), nil, customer.SearchQuery{Query: q.Query, After: q.After, Limit: q.Limit}, owner)
	if err != nil {
		return page, err
	}
	page.More = matches.More
	for _, row := range matches.Rows {
		found, _, err := readCustomer(c, byPK, row.Cursor.Row)
		if err != nil {
			return page, err
		}
		page.Customers = append(page.Customers, found)
		page.Cursors = append(page.Cursors, row.Cursor)
	}
	return page, nil
}

// Totals returns the stored totals.
func (s *Store) Totals(ctx context.Context) (totals customer.Totals, err error) {
	err = s.view(ctx, func(c *sqldb.Conn) error {
		row, err := c.One(`SELECT (SELECT customers FROM owner WHERE id = -1), (SELECT customers FROM owner WHERE id = -2),
			duplicates, removed FROM state WHERE id = 1`)
		if err != nil {
			return err
		}
		for i, n := range []*int{&totals.Customers, &totals.Unassigned, &totals.Duplicates, &totals.Deleted} {
			*n = int(row[i].(int64))
		}
		return nil
	})
	return totals, err
}

// OwnerCounts returns every identity that has customers, Everyone among them.
func (s *Store) OwnerCounts(ctx context.Context) (all []customer.OwnerCount, err error) {
	err = s.view(ctx, func(c *sqldb.Conn) error {
		return c.Each(func(v []driver.Value) error {
			all = append(all, customer.OwnerCount{Identity: v[0].(string), Customers: int(v[1].(int64))})
			return nil
		}, "SELECT identity, customers FROM owner WHERE id > 0 AND customers > 0 ORDER BY key")
	})
	return all, err
}

// OwnerCount returns how many customers an identity has.
func (s *Store) OwnerCount(ctx context.Context, worker string) (n int, err error) {
	err = s.view(ctx, func(c *sqldb.Conn) error {
		owner, err := readOwner(c, worker)
		if err != nil || owner == 0 {
			return err
		}
		count, err := c.Count("SELECT customers FROM owner WHERE id = ?", owner)
		n = int(count)
		return err
	})
	return n, err
}
