package postgres

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// A connector makes connections that take the SQL of the stores.
type connector struct {
	driver.Connector // of pgx
	server           *server
	begin            string // the statements that begin a transaction
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := c.server.away(); err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	raw, err := c.Connector.Connect(limited)
	if err == nil || ctx.Err() == nil {
		c.server.tried(err)
	}
	if err != nil {
		return nil, err
	}
	return &conn{Conn: raw.(*stdlib.Conn), begin: c.begin}, nil
}

// conn is a connection of pgx which takes the SQL of the stores, and behaves as one of SQLite:
// booleans are 0 and 1, no bytes are nil, and statements may run while the rows of others are read.
type conn struct {
	*stdlib.Conn
	begin string
	open  *rows // whose rest the server still sends, nil when there are none
	// queued statements are to be sent; the results of those in sent are not yet received.
	queued *pgx.Batch
	sent   pgx.BatchResults
}

// maxQueued is how many statements are sent together.
const maxQueued = 100

// Queue implements sqldb.Queuer. Statements without arguments begin and end transactions, and
// are run at once.
func (c *conn) Queue(sql string, args []driver.Value) error {
	switch sql {
	case "BEGIN":
		return c.run(context.Background(), c.begin)
	case "ROLLBACK":
		return c.rollback()
	case "COMMIT":
		return c.run(context.Background(), sql)
	}
	if c.queued == nil {
		c.queued = &pgx.Batch{}
	}
	values := make([]any, len(args))
	for i, v := range args {
		if b, ok := v.([]byte); ok {
			v = bytes.Clone(b) // the caller may use its own again
		}
		values[i] = storable(v)
	}
	c.queued.Queue(translate(sql), values...)
	if c.queued.Len() < maxQueued {
		return nil
	}
	return c.send()
}

// send sends what is queued, while the server may still be running what was sent before.
func (c *conn) send() error {
	err := c.receive()
	if c.queued != nil && err == nil {
		c.sent = c.Conn.Conn().SendBatch(context.Background(), c.queued)
	}
	c.queued = nil
	return err
}

// finish makes way for a statement: what is queued has run then.
func (c *conn) finish() error {
	if c.queued == nil {
		return c.receive()
	}
	return errors.Join(c.send(), c.receive())
}

// rollback forgets what is queued.
func (c *conn) rollback() error {
	c.queued = nil
	_ = c.receive() // its error is why the transaction ends
	return c.run(context.Background(), "ROLLBACK")
}

// Prepare implements driver.Conn. Pgx prepares a statement when it is first run.
func (c *conn) Prepare(sql string) (driver.Stmt, error) { return stmt{c, translate(sql)}, nil }

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(_ context.Context, sql string) (driver.Stmt, error) {
	return c.Prepare(sql)
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	return tx{c}, orEnded(ctx, c.run(ctx, c.begin))
}

// IsValid implements driver.Validator, without which database/sql drops the connection when the
// context of a transaction ends.
func (c *conn) IsValid() bool { return !c.Conn.Conn().IsClosed() }

// errRolledBack is the error of a COMMIT after a statement that failed.
var errRolledBack = errors.New("the transaction was rolled back, since a statement in it failed")

// run runs statements without parameters in one round trip.
func (c *conn) run(ctx context.Context, sql string) error {
	if err := c.finish(); err != nil {
		return err
	}
	results, err := c.Conn.Conn().PgConn().Exec(ctx, sql).ReadAll()
	if err == nil && sql == "COMMIT" && results[0].CommandTag.String() == "ROLLBACK" {
		err = errRolledBack
	}
	return err
}

// CheckNamedValue implements driver.NamedValueChecker.
func (c *conn) CheckNamedValue(v *driver.NamedValue) (err error) {
	v.Value, err = driver.DefaultParameterConverter.ConvertValue(v.Value)
	if b, ok := v.Value.(bool); ok {
		v.Value = numberOf(b)
	}
	return err
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, sql string, args []driver.NamedValue) (driver.Result, error) {
	return stmt{c, translate(sql)}.ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, sql string, args []driver.NamedValue) (driver.Rows, error) {
	return stmt{c, translate(sql)}.QueryContext(ctx, args)
}

type tx struct{ c *conn }

// Commit implements driver.Tx.
func (t tx) Commit() error { return t.c.run(context.Background(), "COMMIT") }

// Rollback implements driver.Tx.
func (t tx) Rollback() error { return t.c.rollback() }

// stmt is a statement that pgx keeps prepared.
type stmt struct {
	c   *conn
	sql string
}

// Close implements driver.Stmt.
func (s stmt) Close() error { return nil }

// NumInput implements driver.Stmt: the server checks.
func (s stmt) NumInput() int { return -1 }

// Exec implements driver.Stmt.
func (s stmt) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }

// Query implements driver.Stmt.
func (s stmt) Query([]driver.Value) (driver.Rows, error) { return nil, driver.ErrSkip }

// ExecContext implements driver.StmtExecContext.
func (s stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.c.finish(); err != nil {
		return nil, err
	}
	result, err := s.c.Conn.ExecContext(ctx, s.sql, allStorable(args))
	return result, orEnded(ctx, err)
}

// QueryContext implements driver.StmtQueryContext.
func (s stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.c.finish(); err != nil {
		return nil, err
	}
	found, err := s.c.Conn.QueryContext(ctx, s.sql, allStorable(args))
	if err != nil {
		return nil, orEnded(ctx, err)
	}
	s.c.open = &rows{Rows: found, c: s.c, ctx: ctx}
	return s.c.open, nil
}

// receive receives the results of what was sent, and the rest of the rows that are being read.
func (c *conn) receive() error {
	if c.sent != nil {
		sent := c.sent
		c.sent = nil
		return sent.Close()
	}
	r := c.open
	if r == nil {
		return nil
	}
	width := len(r.Columns())
	for {
		row := make([]driver.Value, width)
		if r.err = orEnded(r.ctx, r.Rows.Next(row)); r.err != nil {
			break
		}
		r.received = append(r.received, row)
	}
	c.open = nil
	if r.err != io.EOF {
		return r.err
	}
	return r.Rows.Close()
}

// orEnded returns an error as that of ctx when ctx has ended: pgx has several for it, one of them
// driver.ErrBadConn.
func orEnded(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

type rows struct {
	driver.Rows
	c        *conn
	ctx      context.Context // of the query
	received [][]driver.Value
	err      error // after them
}

// Next implements driver.Rows.
func (r *rows) Next(dest []driver.Value) error {
	switch {
	case len(r.received) > 0:
		copy(dest, r.received[0])
		r.received = r.received[1:]
	case r.err != nil:
		return r.err
	default:
		if err := r.Rows.Next(dest); err != nil {
			return orEnded(r.ctx, err)
		}
	}
	for i, v := range dest {
		switch v := v.(type) {
		case bool:
			dest[i] = numberOf(v)
		case []byte:
			if len(v) == 0 {
				dest[i] = []byte(nil)
			}
		}
	}
	return nil
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	if r.c.open == r {
		r.c.open = nil
		return r.Rows.Close()
	}
	return nil
}

func numberOf(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
