package customers

import (
	"context"
	"database/sql/driver"
	"iter"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

// Customer returns one of the worker's customers.
func (s *Store) Customer(ctx context.Context, worker, id string) (customer.Customer, error) {
	c, err := s.db.GetConn(ctx)
	if err != nil {
		return customer.Customer{}, s.readError(err)
	}
	defer s.db.PutConn(c)
	found, ok, err := getByID(c, id)
	if err != nil {
		return customer.Customer{}, s.readError(err)
	}
	if !ok || !belongsTo(found, worker) {
		return customer.Customer{}, customer.ErrNotFound
	}
	return found, nil
}

// belongsTo reports whether c is the worker's, by its own list of workers: that
// saves reading the assignment.
func belongsTo(c customer.Customer, worker string) bool {
	return slices.Contains(c.Workers, customer.Everyone) || text.ContainsIdentity(c.Workers, worker)
}

// Get returns a customer of any owner.
func (s *Store) Get(ctx context.Context, id string) (found customer.Customer, err error) {
	err = s.view(ctx, func(c *sqldb.Conn) error {
		var ok bool
		if found, ok, err = getByID(c, id); err == nil && !ok {
			err = customer.ErrNotFound
		}
		return err
	})
	return found, err
}

func getByID(c *sqldb.Conn, id string) (found customer.Customer, ok bool, err error) {
	row, err := c.One("SELECT place, avatar, body FROM customer WHERE id = ? AND deleted_at IS NULL", id)
	if err != nil || row == nil {
		return found, false, err
	}
	found, err = decodeRow(row)
	return found, err == nil, err
}

// documentOf makes the search document of a customer, nil when there is none.
func documentOf(c *sqldb.Conn, pk int64) ([]byte, error) {
	row, err := c.One("SELECT place, avatar, body FROM customer WHERE pk = ? AND deleted_at IS NULL", pk)
	if err != nil || row == nil {
		return nil, err
	}
	found, err := decodeRow(row)
	if err != nil {
		return nil, err
	}
	return customer.Document(found), nil
}

// All yields every customer in order of ID, as of one snapshot. It reads on a
// connection of its own, so that a slow caller keeps no other reader waiting.
func (s *Store) All(ctx context.Context) iter.Seq2[customer.Customer, error] {
	return func(yield func(customer.Customer, error) bool) {
		stopped := false
		err := s.fullScan(ctx, func(c customer.Customer) bool {
			stopped = !yield(c, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(customer.Customer{}, s.readError(err))
		}
	}
}

func (s *Store) fullScan(ctx context.Context, yield func(customer.Customer) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := s.db.Connect()
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Each(func(v []driver.Value) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		found, err := decodeRow(v)
		if err != nil {
			return err
		}
		if !yield(found) {
			return sqldb.ErrStop
		}
		return nil
	}, "SELECT place, avatar, body FROM customer WHERE deleted_at IS NULL ORDER BY id")
}
