package customers

import (
	"context"
	"database/sql/driver"
	"errors"
	"iter"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

// Customer returns one of the worker's customers. A row that is known saves looking for the id.
func (s *Store) Customer(ctx context.Context, worker, id string) (customer.Customer, error) {
	wanted := func(c customer.Customer) bool {
		// By its own list of workers: that saves reading the assignment.
		return c.ID == id && (slices.Contains(c.Workers, customer.Everyone) || text.ContainsIdentity(c.Workers, worker))
	}
	if row, ok := s.knownRow(worker, id); ok {
		if found, err := s.get(ctx, byPK, row, wanted); !errors.Is(err, customer.ErrNotFound) {
			return found, err
		}
	}
	return s.get(ctx, byID, id, wanted)
}

// Get returns a customer of any owner.
func (s *Store) Get(ctx context.Context, id string) (customer.Customer, error) {
	return s.get(ctx, byID, id, func(customer.Customer) bool { return true })
}

// get returns the customer of an id (byID) or a row (byPK), if it is a wanted one.
func (s *Store) get(ctx context.Context, sql string, key driver.Value, wanted func(c customer.Customer) bool) (found customer.Customer, err error) {
	err = s.read(ctx, (*sqldb.DB).Read, func(_ *sqldb.DB, c *sqldb.Conn) error {
		read, ok, err := readCustomer(c, sql, key)
		if err != nil {
			return err
		}
		if !ok || !wanted(read) {
			return customer.ErrNotFound
		}
		found = read
		return nil
	})
	return found, s.readError(err)
}

// GetAll returns those of these customers that exist.
func (s *Store) GetAll(ctx context.Context, ids []string) (found []customer.Customer, err error) {
	err = s.view(ctx, func(c *sqldb.Conn) error {
		return sqldb.EachOf(c, ids, func(v []driver.Value) error {
			read, err := decodeRow(v)
			found = append(found, read)
			return err
		}, allCustomers+" AND id IN (%s)")
	})
	return found, err
}

const (
	allCustomers = "SELECT place, avatar, body FROM customer WHERE deleted_at IS NULL"
	byID         = allCustomers + " AND id = ?"
	byPK         = allCustomers + " AND pk = ?"
)

// readCustomer returns the customer of an id (byID) or a row (byPK), if there is one.
func readCustomer(c *sqldb.Conn, sql string, key driver.Value) (found customer.Customer, ok bool, err error) {
	row, err := c.One(sql, key)
	if err != nil || row == nil {
		return found, false, err
	}
	found, err = decodeRow(row)
	return found, err == nil, err
}

// All yields every customer in order of ID, as of one snapshot. It reads on a
// connection of its own, so that a slow caller keeps no other reader waiting.
func (s *Store) All(ctx context.Context) iter.Seq2[customer.Customer, error] {
	return func(yield func(customer.Customer, error) bool) {
		stopped := false
		err := s.db.ViewApart(ctx, func(c *sqldb.Conn) error {
			return c.Each(func(v []driver.Value) error {
				if err := ctx.Err(); err != nil {
					return err
				}
				found, err := decodeRow(v)
				if err != nil {
					return err
				}
				if stopped = !yield(found, nil); stopped {
					return sqldb.ErrStop
				}
				return nil
			}, allCustomers+" ORDER BY id")
		})
		if err != nil && !stopped {
			yield(customer.Customer{}, s.readError(err))
		}
	}
}
