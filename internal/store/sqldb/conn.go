package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
)

// Conn is a connection of the driver with its prepared statements. Customers are
// read and written through it rather than through database/sql, which for such
// small rows costs more than SQLite itself. It is not safe for concurrent use, and
// a statement must not run inside Each of the same SQL.
type Conn struct {
	raw   driver.Conn
	queue Queuer // nil without one
	stmts map[string]*stmt
}

// A Queuer is a connection to a server, which need not answer each statement before the next.
type Queuer interface {
	// Queue has a statement run before the next that is not queued. That returns its error.
	Queue(sql string, args []driver.Value) error
}

// stmt is a prepared statement with the buffers of its one run at a time.
type stmt struct {
	driver.Stmt
	query driver.StmtQueryContext
	exec  driver.StmtExecContext
	args  []driver.NamedValue
	dest  []driver.Value
}

func newConn(raw driver.Conn) *Conn {
	queue, _ := raw.(Queuer)
	return &Conn{raw: raw, queue: queue, stmts: map[string]*stmt{}}
}

// prepare returns the statement of sql with its arguments set. Statements mark
// parameters with a plain "?": the driver looks up numbered ones by name each time.
// They write "LIMIT ? + 0": SQLite would plan a statement again when a plain LIMIT changes.
func (c *Conn) prepare(sql string, args []driver.Value) (*stmt, error) {
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

// Exec runs a statement that returns no rows. On a connection with a queue, its error may be
// that of a later statement, at the latest of the end of the transaction.
func (c *Conn) Exec(sql string, args ...driver.Value) error {
	if c.queue != nil {
		return c.queue.Queue(sql, args)
	}
	s, err := c.prepare(sql, args)
	if err != nil {
		return err
	}
	// Never with the caller's context: the driver would start a goroutine for each
	// statement, and ours are short. Callers check their context in between.
	_, err = s.exec.ExecContext(context.Background(), s.args)
	return err
}

// ErrStop ends Each without an error.
var ErrStop = errors.New("enough rows")

// Each calls row for every row of the result until it returns an error; ErrStop
// ends it without one. Bytes and strings of a row may be kept, the slice not.
func (c *Conn) Each(row func(v []driver.Value) error, sql string, args ...driver.Value) (err error) {
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
		if err := row(s.dest); err == ErrStop {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// keysAtOnce is how many keys EachOf gives to one statement.
const keysAtOnce = 64

// EachOf calls row for the rows of a statement with "IN (%s)", for some keys at a time. It
// calls it for each row once if the keys differ. args are the arguments that follow the keys.
func EachOf[K int64 | string](c *Conn, keys []K, row func(v []driver.Value) error, sql string, args ...driver.Value) error {
	for len(keys) > 0 {
		n := min(len(keys), keysAtOnce)
		places := 1 // a power of two, so that there are few different statements
		for places < n {
			places *= 2
		}
		all := make([]driver.Value, 0, places+len(args))
		for i := range places {
			all = append(all, keys[min(i, n-1)])
		}
		statement := strings.Replace(sql, "%s", "?"+strings.Repeat(", ?", places-1), 1)
		if err := c.Each(row, statement, append(all, args...)...); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// One returns the first row, nil when there is none. The row is valid until the
// statement runs again.
func (c *Conn) One(sql string, args ...driver.Value) ([]driver.Value, error) {
	var found []driver.Value
	err := c.Each(func(v []driver.Value) error { found = v; return ErrStop }, sql, args...)
	return found, err
}

// Column returns the first column of the rows.
func Column[T any](c *Conn, sql string, args ...driver.Value) (values []T, err error) {
	err = c.Each(func(v []driver.Value) error {
		values = append(values, v[0].(T))
		return nil
	}, sql, args...)
	return values, err
}

// Count returns the number that a query of one column and one row returns.
func (c *Conn) Count(sql string, args ...driver.Value) (int64, error) {
	row, err := c.One(sql, args...)
	if err != nil {
		return 0, err
	}
	return row[0].(int64), nil
}

// Bytes returns the first column of the first row, nil when that is NULL or there is no row.
func (c *Conn) Bytes(sql string, args ...driver.Value) ([]byte, error) {
	row, err := c.One(sql, args...)
	if err != nil || row == nil {
		return nil, err
	}
	return BytesOf(row[0]), nil
}

// BytesOf returns the bytes of a value: nil for NULL, and not for none.
func BytesOf(v driver.Value) []byte {
	b, ok := v.([]byte)
	if ok && b == nil {
		return []byte{}
	}
	return b
}

// Begin starts a read transaction, which sees one snapshot. The returned function
// ends it.
func (c *Conn) Begin() (end func(), err error) {
	if err := c.Exec("BEGIN"); err != nil {
		return nil, err
	}
	return c.rollback, nil
}

// view runs fn in a read transaction.
func (c *Conn) view(fn func(c *Conn) error) error {
	end, err := c.Begin()
	if err != nil {
		return err
	}
	defer end()
	return fn(c)
}

// rollback ignores the error: there is one only when no transaction is open.
func (c *Conn) rollback() { _ = c.Exec("ROLLBACK") }

// works reports whether a connection that was idle still works, as its driver knows.
func (c *Conn) works(ctx context.Context) bool {
	r, ok := c.raw.(driver.SessionResetter)
	return !ok || r.ResetSession(ctx) == nil
}

// finalize closes the prepared statements.
func (c *Conn) finalize() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	clear(c.stmts)
	return errors.Join(errs...)
}

// Close closes a connection of DB.Connect.
func (c *Conn) Close() error { return errors.Join(c.finalize(), c.raw.Close()) }
