// Package sqldb runs the SQL of the stores, whatever the database: it lends connections, runs
// transactions, joins several writes into one, and caches what the database would say again.
//
// Statements are in what SQLite and PostgreSQL have in common; the driver of an Engine writes
// the rest as its database has it. How it is opened, when it takes writes and what its errors
// mean is asked of [Engine].
package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/clientele-project/clientele/internal/storage"
)

// An Engine is a database as its driver and its files or servers are. Its methods may be
// called by many goroutines.
type Engine interface {
	// Connect opens a connection that only reads.
	Connect(ctx context.Context) (driver.Conn, error)
	// Begin calls begin, which begins a writing transaction, as soon as the database takes one.
	Begin(ctx context.Context, begin func() error) error
	// Commit calls commit, unless what it would store must not be stored.
	Commit(commit func() error) error
	// Version returns the state of the database; every commit changes it, of any process: at
	// once, or on a server within 250 ms. It is not ok when it is not known now.
	Version() (v Version, ok bool)
	// Outdate makes Version differ from what it was: another process was seen to have committed.
	Outdate()
	// Explain puts an error of the database in plain words. Ours reports whether it was one;
	// others stay as they are. A statement that was interrupted is context.Canceled.
	Explain(err error) (plain error, ours bool)
	// IsDuplicate reports whether a unique key or a primary key existed already.
	IsDuplicate(err error) bool
}

// A FunctionEngine can call functions of this process in the SQL of reading connections.
type FunctionEngine interface {
	// RegisterFunction adds a function. It must be called before the first View. The bytes of
	// args belong to the database and are valid until fn returns.
	RegisterFunction(name string, args int32, fn func(args []driver.Value) (driver.Value, error)) error
}

// A Version stands for a state of a database.
type Version [48]byte

// Config is how a DB is connected.
type Config struct {
	Engine Engine
	// Writer is the pool of the one connection of this process that writes. Readers are for
	// what is read seldom.
	Writer, Readers *sql.DB
	// BeginWrite is the statement that begins a writing transaction.
	BeginWrite string
	// Unsynced and Synced are the statements after which the writing connection does not wait
	// for the disk when it commits, and waits for it again as usual. Without Synced, Unsynced
	// is for the transaction in which it runs.
	Unsynced, Synced string
	// Checkpoint is the statement that makes the next start fast after very many changes,
	// Analyze the one after which the database plans statements by how many rows there are; ""
	// when it needs none.
	Checkpoint, Analyze string
	// Server is for a database that other machines change too: what Version says is known a
	// moment later.
	Server bool
	// Conns is how many connections View may use at the same time.
	Conns int
	// Pause lets other processes write between two of many transactions.
	Pause time.Duration
	// Bulk is for programs that write very many customers: they pause after each transaction.
	Bulk bool
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	Config
	write *Conn // the writing connection with its statements; used by WithWriter only
	conns *connPool
}

// New returns a DB over open pools, which Close closes.
func New(c Config) *DB {
	d := &DB{Config: c}
	d.conns = newConnPool(d.Connect, c.Conns)
	return d
}

// Connect opens another reading connection, for long reads. The caller closes it.
func (d *DB) Connect(ctx context.Context) (*Conn, error) {
	raw, err := d.Engine.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return newConn(raw), nil
}

// RunCheckpoint makes the next start fast after very many changes.
func (d *DB) RunCheckpoint(ctx context.Context) error { return d.runApart(ctx, d.Checkpoint) }

// RunAnalyze has statements planned by how many rows there are after very many changes.
func (d *DB) RunAnalyze(ctx context.Context) error { return d.runApart(ctx, d.Analyze) }

// runApart runs a statement, if there is one, outside of any transaction.
func (d *DB) runApart(ctx context.Context, statement string) error {
	if statement == "" {
		return nil
	}
	return d.WithWriter(ctx, func(c *Conn) error {
		_, err := c.One(statement)
		return err
	})
}

// CloseReaders waits for the running reads, and closes the connections that read and the
// statements of the one that writes, which its database may need closed before it.
func (d *DB) CloseReaders() error {
	return errors.Join(d.conns.close(), d.Readers.Close(), d.finalizeWriter())
}

// Explain puts an error of the database in plain words, and returns others as they are.
func (d *DB) Explain(err error) error {
	plain, _ := d.Engine.Explain(err)
	return plain
}

// IsDuplicate reports whether a unique key or a primary key exists already.
func (d *DB) IsDuplicate(err error) bool { return d.Engine.IsDuplicate(err) }

// DomainError wraps errors of the database in a domain's own error for "unavailable", with
// the reason in plain words if there are any. Errors of the domain and of the context stay as
// they are. Every error of the database counts as unavailable: as long as our SQL is right,
// none is caused by the request.
func (d *DB) DomainError(err, unavailable error) error {
	if err == nil || errors.Is(err, unavailable) {
		return err
	}
	plain, ours := d.Engine.Explain(err)
	var unconnected *connError
	switch {
	case plain == context.Canceled:
		return plain
	case ours, storage.Reason(err) != nil,
		errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone), errors.Is(err, errClosed), errors.As(err, &unconnected):
		return fmt.Errorf("%w: %w", unavailable, plain)
	}
	return err
}

// connError is a failure to get the connection that writes.
type connError struct{ error }

func (e *connError) Unwrap() error { return e.error }

// Sleep waits, but not longer than ctx.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
