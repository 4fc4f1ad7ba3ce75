package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
)

// Row is a row of a result.
type Row []driver.Value

// Row returns the first row of a query, or sql.ErrNoRows. The statement is prepared once for
// each connection: it costs a fifth of QueryRowContext, for what every request reads.
func (d *DB) Row(ctx context.Context, query string, args ...driver.Value) (row Row, err error) {
	read := func(c *Conn) error {
		found, err := c.One(query, args...)
		if err == nil && found == nil {
			err = sql.ErrNoRows
		}
		row = slices.Clone(found)
		return err
	}
	if a := d.joined(ctx); a != nil && a.conn != nil {
		err = d.withConn(a.conn, read)
		return row, err
	}
	err = d.Read(ctx, read)
	return row, err
}

// Scan copies the values into what into points to, as sql.Row does: strings, numbers, bools
// and Scanners.
func (r Row) Scan(into ...any) error {
	for i, to := range into {
		ok := false
		switch to := to.(type) {
		case *string:
			*to, ok = r[i].(string)
		case *int64:
			*to, ok = r[i].(int64)
		case *bool:
			var n int64
			n, ok = r[i].(int64)
			*to = n != 0
		case sql.Scanner:
			if err := to.Scan(r[i]); err != nil {
				return fmt.Errorf("column %d: %w", i+1, err)
			}
			ok = true
		}
		if !ok {
			return fmt.Errorf("column %d: cannot copy a %T to a %T", i+1, r[i], to)
		}
	}
	return nil
}
