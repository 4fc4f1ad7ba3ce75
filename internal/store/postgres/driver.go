package postgres

import (
	"context"
	"database/sql/driver"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/clientele-project/clientele/internal/storage"
)

// A connector makes connections that take the SQL of the stores.
type connector struct {
	driver.Connector // of pgx
	server           *server
	begin            string // the statements that begin a transaction
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	if c.server.away() {
		return nil, storage.ErrUnreachable
	}
	limited, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	raw, err := c.Connector.Connect(limited)
	if err == nil || ctx.Err() == nil {
		c.server.tried(err == nil)
	}
	if err != nil {
		return nil, err
	}
	return &conn{Conn: raw.(*stdlib.Conn), begin: c.begin}, nil
}

// conn is a connection of pgx which takes the SQL of the stores, and behaves as one of SQLite:
// booleans are 0 and 1, and statements may run while the rows of others are read.
type conn struct {
	*stdlib.Conn
	begin string
	open  *rows // whose rest the server still sends, nil when there are none
}

// Prepare implements driver.Conn. Pgx prepares a statement when it is first run.
func (c *conn) Prepare(sql string) (driver.Stmt, error) { return stmt{c, translate(sql)}, nil }

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(_ context.Context, sql string) (driver.Stmt, error) {
	return c.Prepare(sql)
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	return tx{c}, c.run(ctx, c.begin)
}

// run runs statements without parameters in one round trip.
func (c *conn) run(ctx context.Context, sql string) error {
	if err := c.receive(); err != nil {
		return err
	}
	return c.Conn.Conn().PgConn().Exec(ctx, sql).Close()
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
func (t tx) Rollback() error { return t.c.run(context.Background(), "ROLLBACK") }

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
	if s.sql == "BEGIN" {
		return driver.ResultNoRows, s.c.run(ctx, s.c.begin)
	}
	if err := s.c.receive(); err != nil {
		return nil, err
	}
	return s.c.Conn.ExecContext(ctx, s.sql, args)
}

// QueryContext implements driver.StmtQueryContext.
func (s stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.c.receive(); err != nil {
		return nil, err
	}
	found, err := s.c.Conn.QueryContext(ctx, s.sql, args)
	if err != nil {
		return nil, err
	}
	s.c.open = &rows{Rows: found, c: s.c}
	return s.c.open, nil
}

// receive receives the rest of the rows that are being read, to make way for a statement.
func (c *conn) receive() error {
	r := c.open
	if r == nil {
		return nil
	}
	width := len(r.Columns())
	for {
		row := make([]driver.Value, width)
		if r.err = r.Rows.Next(row); r.err != nil {
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

type rows struct {
	driver.Rows
	c        *conn
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
			return err
		}
	}
	for i, v := range dest {
		if b, ok := v.(bool); ok {
			dest[i] = numberOf(b)
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

// What SQLite and PostgreSQL write differently, outside of strings: parameters, bytes, columns
// in which ASCII letters of either case are alike, which index SQLite is to use, and the name
// of a function.
var differences = regexp.MustCompile(`'[^']*'|\w+ = \? COLLATE NOCASE|\?[0-9]*|\b[xX]'[0-9A-Fa-f]*'|\bINDEXED BY \w+|\bgroup_concat\(`)

var translated sync.Map // of string by string

// translate returns the SQL of the stores as PostgreSQL has it.
func translate(sql string) string {
	if known, ok := translated.Load(sql); ok {
		return known.(string)
	}
	n := 0
	result := differences.ReplaceAllStringFunc(sql, func(s string) string {
		switch {
		case s == "?":
			n++
			return "$" + strconv.Itoa(n)
		case strings.HasSuffix(s, "NOCASE"):
			n++
			column, _, _ := strings.Cut(s, " ")
			return "lower(" + column + ") = lower($" + strconv.Itoa(n) + ")"
		case s[0] == '?':
			return "$" + s[1:]
		case s[0] == 'x', s[0] == 'X':
			return `'\x` + s[2:len(s)-1] + `'::bytea`
		case strings.HasPrefix(s, "INDEXED"):
			return ""
		case s == "group_concat(":
			return "string_agg("
		}
		return s
	})
	translated.Store(sql, result)
	return result
}
