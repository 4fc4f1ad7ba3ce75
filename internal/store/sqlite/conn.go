package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// conn is a connection of the driver with its prepared statements. The customers
// are read and written through it rather than through database/sql, which for
// rows as small as ours costs more than SQLite itself. Not safe for concurrent
// use; no statement may be run from inside each with the same SQL.
type conn struct {
	raw   driver.Conn
	stmts map[string]*stmt
}

// stmt is a prepared statement with the buffers of its one run at a time.
type stmt struct {
	driver.Stmt
	query driver.StmtQueryContext
	exec  driver.StmtExecContext
	args  []driver.NamedValue
	dest  []driver.Value
}

func newConn(raw driver.Conn) *conn { return &conn{raw: raw, stmts: map[string]*stmt{}} }

// prepare makes sql ready with args. The statements mark parameters with a plain
// "?": the driver looks up numbered ones by name each time.
func (c *conn) prepare(sql string, args []driver.Value) (*stmt, error) {
	s := c.stmts[sql]
	if s == nil {
		raw, err := c.raw.Prepare(sql)
		if err != nil {
			return nil, err
		}
		query, ok := raw.(driver.StmtQueryContext)
		exec, ok2 := raw.(driver.StmtExecContext)
		if !ok || !ok2 {
			return nil, errors.New("the driver's statements take no context")
		}
		s = &stmt{Stmt: raw, query: query, exec: exec}
		c.stmts[sql] = s
	}
	s.args = s.args[:0]
	for i, v := range args {
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return s, nil
}

// exec runs a statement that answers nothing.
func (c *conn) exec(sql string, args ...driver.Value) error {
	s, err := c.prepare(sql, args)
	if err != nil {
		return err
	}
	// Never with the caller's context: the driver would start a goroutine for each
	// statement, and ours are short. Callers look at their context in between.
	_, err = s.exec.ExecContext(context.Background(), s.args)
	return err
}

// each calls row for every row of the answer until it returns an error; errStop
// ends it without one. Bytes and strings of a row may be kept, the slice not.
func (c *conn) each(row func(v []driver.Value) error, sql string, args ...driver.Value) (err error) {
	s, err := c.prepare(sql, args)
	if err != nil {
		return err
	}
	rows, err := s.query.QueryContext(context.Background(), s.args)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := rows.Close(); err == nil {
			err = cerr
		}
	}()
	if s.dest == nil {
		s.dest = make([]driver.Value, len(rows.Columns()))
	}
	for {
		switch err := rows.Next(s.dest); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
		if err := row(s.dest); err == errStop {
			return nil
		} else if err != nil {
			return err
		}
	}
}

var errStop = errors.New("enough rows")

// one answers the first row, or nil when there is none. It is good until the
// statement runs again.
func (c *conn) one(sql string, args ...driver.Value) ([]driver.Value, error) {
	var found []driver.Value
	err := c.each(func(v []driver.Value) error { found = v; return errStop }, sql, args...)
	return found, err
}

// begin starts a transaction that sees one moment; the function that it returns
// ends it.
func (c *conn) begin() (end func(), err error) {
	if err := c.exec("BEGIN"); err != nil {
		return nil, err
	}
	return c.rollback, nil
}

// rollback cannot fail in a way that matters: without a transaction it is an
// error to begin with.
func (c *conn) rollback() { _ = c.exec("ROLLBACK") }

// finalize gives up the prepared statements.
func (c *conn) finalize() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	clear(c.stmts)
	return errors.Join(errs...)
}

func (c *conn) close() error { return errors.Join(c.finalize(), c.raw.Close()) }
