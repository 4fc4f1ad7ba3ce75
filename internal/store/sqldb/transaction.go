package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// WriteTx runs fn in a write transaction, which is committed when fn returns nil
// and rolled back otherwise.
func (d *DB) WriteTx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	if a := d.joined(ctx); a != nil {
		return a.write(ctx, func() error { return fn(a.tx) })
	}
	return d.transact(ctx, d.Writer, fn)
}

// WriteTxUnsynced is WriteTx without waiting for the disk: a kill loses nothing of it, a
// power failure may, unless a later WriteTx has succeeded.
func (d *DB) WriteTxUnsynced(ctx context.Context, fn func(tx *sql.Tx) error) (err error) {
	if d.joined(ctx) != nil {
		return d.WriteTx(ctx, fn)
	}
	conn, err := d.lendWriter(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if d.Synced == "" {
		return d.transact(ctx, conn, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, d.Unsynced); err != nil {
				return err
			}
			return fn(tx)
		})
	}
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), d.Unsynced); err != nil {
		return err
	}
	defer func() {
		_, serr := conn.ExecContext(context.WithoutCancel(ctx), d.Synced)
		err = errors.Join(err, serr)
	}()
	return d.transact(ctx, conn, fn)
}

// transact runs fn in a writing transaction.
func (d *DB) transact(ctx context.Context, db beginner, fn func(tx *sql.Tx) error) error {
	var tx *sql.Tx
	err := d.Engine.Begin(ctx, func() (err error) {
		tx, err = db.BeginTx(ctx, nil)
		return err
	})
	if err != nil {
		return err
	}
	defer tx.Rollback() // even if fn panics; does nothing after Commit
	if err := fn(tx); err != nil {
		return err
	}
	return d.Engine.Commit(tx.Commit)
}

type beginner interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

// ExecContext runs a statement in a transaction of its own: after an error, nothing was changed.
// Without one, the driver may report the end of ctx for a statement that succeeded.
func (d *DB) ExecContext(ctx context.Context, query string, args ...any) (result sql.Result, err error) {
	err = d.WriteTx(ctx, func(tx *sql.Tx) error {
		result, err = tx.ExecContext(ctx, query, args...)
		return err
	})
	return result, err
}

// ReadTx runs fn in a read transaction, which sees one snapshot.
func (d *DB) ReadTx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	if a := d.joined(ctx); a != nil && a.conn != nil {
		return fn(a.tx)
	}
	tx, err := d.Readers.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return fn(tx)
}

// QueryRowContext runs a query for one row.
func (d *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if a := d.joined(ctx); a != nil && a.conn != nil {
		return a.tx.QueryRowContext(ctx, query, args...)
	}
	return d.Readers.QueryRowContext(ctx, query, args...)
}

// Query returns what scan makes of the rows of a query.
func Query[T any](ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, scan func(rows *sql.Rows) (T, error), query string, args ...any) (all []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// Read runs fn on a reading connection. Each statement sees a snapshot of its own.
func (d *DB) Read(ctx context.Context, fn func(c *Conn) error) error {
	c, err := d.conns.get(ctx)
	if err != nil {
		return err
	}
	defer d.conns.put(c)
	return fn(c)
}

// View runs fn on a reading connection, in a transaction that sees one snapshot.
func (d *DB) View(ctx context.Context, fn func(c *Conn) error) error {
	return d.Read(ctx, func(c *Conn) error { return c.view(fn) })
}

// ViewApart is View on a connection of its own: a long read keeps no other reader waiting.
func (d *DB) ViewApart(ctx context.Context, fn func(c *Conn) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := d.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	return c.view(fn)
}

// TryView lends another reading connection, in a transaction that sees one snapshot, until
// end. It returns nil when all connections are lent.
func (d *DB) TryView() (c *Conn, end func(), err error) {
	c, err = d.conns.tryGet(context.Background())
	if err != nil || c == nil {
		return nil, nil, err
	}
	rollback, err := c.Begin()
	if err != nil {
		d.conns.put(c)
		return nil, nil, err
	}
	return c, func() {
		rollback()
		d.conns.put(c)
	}, nil
}

// Update runs fn on the connection that writes, in a transaction that is committed
// when fn returns nil and rolled back otherwise. After a commit of a bulk import
// it pauses.
func (d *DB) Update(ctx context.Context, fn func(c *Conn) error) error {
	if a := d.joined(ctx); a != nil {
		return a.write(ctx, func() error { return d.withConn(a.conn, fn) })
	}
	return d.WithWriter(ctx, func(c *Conn) error {
		if err := d.Engine.Begin(ctx, func() error { return c.Exec(d.BeginWrite) }); err != nil {
			return err
		}
		committed := false
		defer func() { // even if fn panics
			if !committed {
				c.rollback()
			}
		}()
		if err := fn(c); err != nil {
			return err
		}
		err := d.Engine.Commit(func() error {
			err := c.Exec("COMMIT")
			committed = err == nil
			return err
		})
		if committed && d.Bulk {
			Sleep(ctx, d.Pause) // when ctx has ended, the next transaction fails
		}
		return err
	})
}

// UpdateInSteps calls Update with step until that is done, and pauses in between.
func (d *DB) UpdateInSteps(ctx context.Context, step func(c *Conn) (done bool, err error)) error {
	for {
		done := false
		err := d.Update(ctx, func(c *Conn) (err error) {
			done, err = step(c)
			return err
		})
		if err != nil || done {
			return err
		}
		if err := d.Rest(ctx); err != nil {
			return err
		}
	}
}

// Rest lets other processes write between two calls of Update. Bulk imports have
// paused in Update already.
func (d *DB) Rest(ctx context.Context) error {
	if d.Bulk {
		return Sleep(ctx, 0)
	}
	return Sleep(ctx, d.Pause)
}

// WithWriter runs fn with the connection that writes, which is also that of Writer.
func (d *DB) WithWriter(ctx context.Context, fn func(c *Conn) error) error {
	lent, err := d.lendWriter(ctx)
	if err != nil {
		return err
	}
	defer lent.Close()
	return d.withConn(lent, fn)
}

// lendWriter waits for the connection that writes. The caller closes it.
func (d *DB) lendWriter(ctx context.Context) (*sql.Conn, error) {
	lent, err := d.Writer.Conn(ctx)
	switch {
	case err == nil:
		return lent, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, &connError{err}
}

// withConn runs fn with the connection that writes, once it is lent.
func (d *DB) withConn(lent *sql.Conn, fn func(c *Conn) error) error {
	return lent.Raw(func(raw any) error {
		if d.write == nil || d.write.raw != raw.(driver.Conn) {
			d.write = newConn(raw.(driver.Conn))
		}
		return fn(d.write)
	})
}

// finalizeWriter closes the prepared statements of the connection that writes. A server needs
// no such thing, and might not respond.
func (d *DB) finalizeWriter() error {
	if d.Server {
		return nil
	}
	return d.WithWriter(context.Background(), func(c *Conn) error {
		d.write = nil
		return c.finalize()
	})
}
