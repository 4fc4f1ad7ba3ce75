package postgres

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// A connector makes connections that take the SQL of the stores.
type connector struct {
	driver.Connector // of pgx
	server           *server
	begin            []string // the statements that begin a transaction
	writes           bool     // in transactions
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
	return &conn{Conn: raw.(*stdlib.Conn), begin: c.begin, writes: c.writes}, nil
}

// conn is a connection of pgx which takes the SQL of the stores, and behaves as one of SQLite:
// booleans are 0 and 1, no bytes are nil, and statements may run while the rows of others are read.
// A statement whose result is not needed at once is sent with the next one.
type conn struct {
	*stdlib.Conn
	begin  []string // as connector has them
	writes bool
	// queued statements are to be sent; results of those in sent are to be received, of which
	// open are the rows that are being read.
	queued *pgx.Batch
	sent   pgx.BatchResults
	open   *rows
}

// maxQueued is how many statements are sent together.
const maxQueued = 100

// Queue implements sqldb.Queuer.
func (c *conn) Queue(sql string, args []driver.Value) error {
	switch sql {
	case "BEGIN":
		return c.beginTx(context.Background())
	case "ROLLBACK":
		return c.rollback()
	case "COMMIT":
		return c.commit()
	}
	values := make([]any, len(args))
	for i, v := range args {
		if b, ok := v.([]byte); ok {
			v = bytes.Clone(b) // the caller may use its own again
		}
		values[i] = storable(v)
	}
	c.queue(translate(sql), values...)
	if c.queued.Len() < maxQueued {
		return nil
	}
	return c.send(context.Background())
}

// queue has a statement in PostgreSQL's SQL sent with the next.
func (c *conn) queue(sql string, args ...any) {
	if c.queued == nil {
		c.queued = &pgx.Batch{}
	}
	c.queued.Queue(sql, args...)
}

// send sends what is queued, while the server may still be running what was sent before.
func (c *conn) send(ctx context.Context) error {
	err := c.receive()
	if c.queued != nil && err == nil {
		c.sent = c.Conn.Conn().SendBatch(ctx, c.queued)
	}
	c.queued = nil
	return err
}

// sendWith sends a statement with what is queued before it. The results of the statement are to be
// received next.
func (c *conn) sendWith(ctx context.Context, sql string, args ...any) error {
	c.queue(sql, args...)
	before := c.queued.Len() - 1
	if err := c.send(ctx); err != nil {
		return err
	}
	for range before {
		if _, err := c.sent.Exec(); err != nil {
			_ = c.receive() // the same error
			return err
		}
	}
	return nil
}

// finish makes way for a statement: what is queued has run then.
func (c *conn) finish(ctx context.Context) error {
	if err := c.send(ctx); err != nil {
		return err
	}
	return c.receive()
}

// beginTx begins a transaction: one that writes when it has the writers' lock, one that reads with
// its first statement.
func (c *conn) beginTx(ctx context.Context) error {
	for _, statement := range c.begin {
		c.queue(statement)
	}
	if !c.writes {
		return nil
	}
	err := c.finish(ctx)
	if err != nil {
		_ = c.rollback()
	}
	return err
}

// commit ends a transaction.
func (c *conn) commit() error {
	if err := c.sendWith(context.Background(), "COMMIT"); err != nil {
		return err
	}
	tag, err := c.sent.Exec()
	if err = cmp.Or(err, c.receive()); err == nil && tag.String() == "ROLLBACK" {
		err = errRolledBack
	}
	return err
}

// errRolledBack is the error of a COMMIT after a statement that failed.
var errRolledBack = errors.New("the transaction was rolled back, since a statement in it failed")

// rollback forgets what is queued, and ends the transaction if it has begun. It does not wait for
// the server.
func (c *conn) rollback() error {
	c.queued = nil
	_ = c.receive() // its error is why the transaction ends
	if c.Conn.Conn().PgConn().TxStatus() == 'I' {
		return nil
	}
	c.queue("ROLLBACK")
	return c.send(context.Background())
}

// ResetSession implements driver.SessionResetter.
func (c *conn) ResetSession(ctx context.Context) error {
	_ = c.receive() // of a ROLLBACK: when that failed, pgx drops the connection
	return c.Conn.ResetSession(ctx)
}

// Prepare implements driver.Conn. Pgx prepares a statement when it is first run.
func (c *conn) Prepare(sql string) (driver.Stmt, error) { return stmt{c, translate(sql)}, nil }

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(_ context.Context, sql string) (driver.Stmt, error) {
	return c.Prepare(sql)
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	return tx{c}, orEnded(ctx, c.beginTx(ctx))
}

// IsValid implements driver.Validator, without which database/sql drops the connection when the
// context of a transaction ends.
func (c *conn) IsValid() bool { return !c.Conn.Conn().IsClosed() }

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
func (t tx) Commit() error { return t.c.commit() }

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
	if err := s.c.finish(ctx); err != nil {
		return nil, orEnded(ctx, err)
	}
	result, err := s.c.Conn.ExecContext(ctx, s.sql, allStorable(args))
	return result, orEnded(ctx, err)
}

// QueryContext implements driver.StmtQueryContext.
func (s stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if s.c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = storable(arg.Value)
	}
	if err := s.c.sendWith(ctx, s.sql, values...); err != nil {
		return nil, orEnded(ctx, err)
	}
	found, err := s.c.read(ctx)
	if pgconn.SafeToRetry(err) {
		err = driver.ErrBadConn
	}
	return found, orEnded(ctx, err)
}

// receive receives the results of what was sent, and the rest of the rows that are being read.
func (c *conn) receive() error {
	if r := c.open; r != nil {
		if r.keep(); r.err != io.EOF {
			return r.err
		}
	}
	if c.sent == nil {
		return nil
	}
	sent := c.sent
	c.sent = nil
	return sent.Close()
}

// orEnded returns an error as that of ctx when ctx has ended: pgx has several for it, one of them
// driver.ErrBadConn.
func orEnded(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
