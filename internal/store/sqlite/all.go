package sqlite

import (
	"context"
	"database/sql/driver"
	"iter"

	"github.com/clientele-project/clientele/internal/customer"
)

// All yields every customer in order of ID, as of one moment. It reads through a
// connection of its own, so that whoever takes long over it keeps nobody waiting.
func (s *Customers) All(ctx context.Context) iter.Seq2[customer.Customer, error] {
	return func(yield func(customer.Customer, error) bool) {
		stopped := false
		err := s.all(ctx, func(c customer.Customer) bool {
			stopped = !yield(c, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(customer.Customer{}, failed(err))
		}
	}
}

func (s *Customers) all(ctx context.Context, yield func(customer.Customer) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := s.db.connect()
	if err != nil {
		return err
	}
	defer c.close()
	return c.each(func(v []driver.Value) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		found, err := decodeCustomer(v[0].([]byte), v[1].(string), v[2].(string))
		if err != nil {
			return err
		}
		if !yield(found) {
			return errStop
		}
		return nil
	}, "SELECT place, avatar, body FROM customer WHERE deleted_at IS NULL ORDER BY id")
}
