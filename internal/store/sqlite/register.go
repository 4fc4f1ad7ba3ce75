package sqlite

import (
	"context"
	"database/sql/driver"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
)

// ListAll answers a page of customers, whoever's they are.
func (s *Customers) ListAll(ctx context.Context, q customer.AdminQuery) (page customer.AdminPage, err error) {
	err = s.view(ctx, func(c *conn) error {
		owner, err := s.scope(c, q.Scope)
		if err != nil {
			return err
		}
		if strings.TrimSpace(q.Query) != "" {
			page, err = s.found(ctx, c, owner, q)
		} else {
			page, err = listedWhole(c, owner, q)
		}
		return err
	})
	if err != nil {
		return customer.AdminPage{}, err
	}
	return page, nil
}

// scope is the owner that has exactly the customers of a scope; 0 has none.
func (s *Customers) scope(c *conn, scope customer.Scope) (int64, error) {
	switch {
	case scope.Unassigned:
		return unassigned, nil
	case scope.Worker != "":
		return s.owner(c, scope.Worker)
	}
	return register, nil
}

// listedWhole is a page of an owner's list.
func listedWhole(c *conn, owner int64, q customer.AdminQuery) (page customer.AdminPage, err error) {
	from := []byte{}
	if !q.After.IsZero() {
		if from, err = resolve(c, q.After); err != nil {
			return page, err
		}
	}
	err = c.each(func(v []driver.Value) error {
		if len(page.Customers) == q.Limit {
			page.More = true
			return errStop
		}
		found, err := decodeCustomer(v[0].([]byte), v[1].(string), v[2].(string))
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

// found is a page of those of an owner's customers that match, best first.
func (s *Customers) found(ctx context.Context, c *conn, owner int64, q customer.AdminQuery) (page customer.AdminPage, err error) {
	sr := search{ctx: ctx, s: s, c: c, query: customer.ParseQuery(q.Query), need: q.Limit + 1}
	if err := sr.start(owner, customer.SearchQuery{After: q.After}); err != nil || sr.query.IsEmpty() || owner == 0 {
		return page, err
	}
	var found [classes][]match
	if err := sr.owned(owner, &found); err != nil {
		return page, err
	}
	rows, err := sr.rows(&found)
	if err != nil {
		return page, err
	}
	page.More = len(rows) > q.Limit
	for _, row := range rows[:min(len(rows), q.Limit)] {
		v, err := c.one("SELECT place, avatar, body FROM customer WHERE pk = ?", row.Cursor.Row)
		if err != nil {
			return page, err
		}
		whole, err := decodeCustomer(v[0].([]byte), v[1].(string), v[2].(string))
		if err != nil {
			return page, err
		}
		page.Customers = append(page.Customers, whole)
		page.Cursors = append(page.Cursors, row.Cursor)
	}
	return page, nil
}

// Get answers a customer whoever's it is.
func (s *Customers) Get(ctx context.Context, id string) (found customer.Customer, err error) {
	err = s.view(ctx, func(c *conn) error {
		var ok bool
		if found, ok, err = getByID(c, id); err == nil && !ok {
			err = customer.ErrNotFound
		}
		return err
	})
	return found, err
}

func getByID(c *conn, id string) (found customer.Customer, ok bool, err error) {
	row, err := c.one("SELECT place, avatar, body FROM customer WHERE id = ? AND deleted_at IS NULL", id)
	if err != nil || row == nil {
		return found, false, err
	}
	found, err = decodeCustomer(row[0].([]byte), row[1].(string), row[2].(string))
	return found, err == nil, err
}

// Totals answers how much there is of everything, which is kept.
func (s *Customers) Totals(ctx context.Context) (totals customer.Totals, err error) {
	err = s.view(ctx, func(c *conn) error {
		row, err := c.one(`SELECT (SELECT customers FROM owner WHERE id = -1), (SELECT customers FROM owner WHERE id = -2),
			duplicates, removed FROM state WHERE id = 1`)
		if err != nil {
			return err
		}
		for i, n := range []*int{&totals.Customers, &totals.Unassigned, &totals.Duplicates, &totals.Removed} {
			*n = int(row[i].(int64))
		}
		return nil
	})
	return totals, err
}

// OwnerCounts answers every identity that has customers, Everyone among them.
func (s *Customers) OwnerCounts(ctx context.Context) (all []customer.OwnerCount, err error) {
	err = s.view(ctx, func(c *conn) error {
		return c.each(func(v []driver.Value) error {
			all = append(all, customer.OwnerCount{Identity: v[0].(string), Customers: int(v[1].(int64))})
			return nil
		}, "SELECT identity, customers FROM owner WHERE id > 0 AND customers > 0 ORDER BY key")
	})
	return all, err
}

// OwnerCount answers how many customers an identity has.
func (s *Customers) OwnerCount(ctx context.Context, worker string) (n int, err error) {
	err = s.view(ctx, func(c *conn) error {
		owner, err := s.owner(c, worker)
		if err != nil || owner == 0 {
			return err
		}
		many, err := count(c, "SELECT customers FROM owner WHERE id = ?", owner)
		n = int(many)
		return err
	})
	return n, err
}
