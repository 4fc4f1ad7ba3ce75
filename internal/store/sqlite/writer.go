package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/clientele-project/clientele/internal/customer"
)

// withWriter runs fn with the connection that writes, which the customers share
// with the other stores of the file.
func (s *Customers) withWriter(ctx context.Context, fn func(c *conn) error) error {
	lent, err := s.db.writer.Conn(ctx)
	if err != nil {
		return failed(err)
	}
	defer lent.Close()
	err = lent.Raw(func(raw any) error {
		if s.writer == nil || s.writer.raw != raw.(driver.Conn) {
			s.writer = newConn(raw.(driver.Conn))
		}
		return fn(s.writer)
	})
	return kind(err, customer.ErrUnavailable) // what the caller's fn returned, as it is
}

// finalize gives up the prepared statements of the connection that writes.
func (s *Customers) finalize() error {
	return s.withWriter(context.Background(), func(c *conn) error {
		s.writer = nil
		return c.finalize()
	})
}

// writing runs fn in a transaction of the connection that writes.
func (s *Customers) writing(ctx context.Context, fn func(c *conn) error) error {
	return s.withWriter(ctx, func(c *conn) error {
		if err := patiently(ctx, func() error { return c.exec("BEGIN IMMEDIATE") }); err != nil {
			return err
		}
		kept := false
		defer func() { // also when fn panics
			if !kept {
				c.rollback()
			}
		}()
		if err := fn(c); err != nil {
			return err
		}
		err := c.exec("COMMIT")
		kept = err == nil
		if kept && s.db.bulk {
			pause(ctx, s.db.giveWay) // when ctx has ended, the next transaction will tell
		}
		return err
	})
}
