// Package sqldb opens the SQLite file and gives the stores their connections and
// transactions. It knows the schema's migrations, but none of its tables.
//
// A DB has one connection that writes, and several that only read. Customers and
// the search index use Conn (View, Update); the small stores use database/sql
// (ReadTx, WriteTx, QueryRowContext, ExecContext).
package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
)

// Options configure Open; the zero value is right for serving.
type Options struct {
	// Readers is how many connections View may use at the same time; 4 when 0.
	Readers int
	// WriterCacheKiB bounds the page cache of the writer, in KiB; 16 MiB when 0,
	// and at least 40 MiB when Bulk is set.
	WriterCacheKiB int
	// Bulk is for programs that write very many customers.
	Bulk bool
	// WriterPause is the pause after each of many transactions in a row, which lets
	// other processes write: 25 ms when 0, none when negative.
	WriterPause time.Duration
}

const (
	defaultReaders     = 4
	readerCacheKiB     = 4 << 10
	generalReaders     = 2
	generalCacheKiB    = 1 << 10
	defaultWriterCache = 16 << 10
	minBulkCache       = 40 << 10
	pageSize           = 8192

	// How long the write-ahead log may grow before it is moved into the file. A
	// bulk import changes the same pages again and again: with a longer log they
	// are written to the file less often.
	checkpointPages     = 1000
	bulkCheckpointPages = 32_000 // 256 MiB
)

// DB is an open database file. It is safe for concurrent use.
type DB struct {
	// Writer is the connection that writes, Readers are query-only.
	Writer  Writer
	Readers *sql.DB

	file    string
	bulk    bool
	pause   time.Duration
	write   *Conn // the writer's connection with its statements; used by withWriter only
	conns   *connPool
	connect func() (*Conn, error)
	driver  *sqlite.Driver // of conns
}

// Open opens the database in file and brings its schema up to date. It creates
// the file if it does not exist, with mode 0600; its directory must exist. Errors
// say what is wrong with the file and what to do.
func Open(ctx context.Context, file string, opts Options) (*DB, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("find the path of database %s: %w", file, err)
	}
	if err := prepareFile(abs); err != nil {
		return nil, err
	}
	d := &DB{file: abs, bulk: opts.Bulk, pause: opts.WriterPause, driver: &sqlite.Driver{}}
	if d.pause == 0 {
		d.pause = writerPause
	}
	if opts.Readers <= 0 {
		opts.Readers = defaultReaders
	}
	if opts.WriterCacheKiB <= 0 {
		opts.WriterCacheKiB = defaultWriterCache
	}
	pages := checkpointPages
	if opts.Bulk {
		opts.WriterCacheKiB = max(opts.WriterCacheKiB, minBulkCache)
		pages = bulkCheckpointPages
	}
	// The size limit truncates the log of a bulk import at the next write of
	// another process.
	log := []string{fmt.Sprintf("wal_autocheckpoint(%d)", pages), fmt.Sprintf("journal_size_limit(%d)", 2*pages*pageSize)}
	if d.Writer.DB, err = openPool(dsn(abs, "immediate", 0, opts.WriterCacheKiB, log...), 1); err != nil {
		return nil, err
	}
	if err := migrate(ctx, d.Writer); err != nil {
		d.Writer.Close()
		return nil, explainFile(abs, err)
	}
	if d.Readers, err = openPool(dsn(abs, "deferred", busyTimeout, generalCacheKiB, "query_only(1)"), generalReaders); err != nil {
		d.Writer.Close()
		return nil, err
	}
	reading := dsn(abs, "deferred", busyTimeout, readerCacheKiB, "query_only(1)")
	d.connect = func() (*Conn, error) {
		raw, err := d.driver.Open(reading)
		if err != nil {
			return nil, err
		}
		return newConn(raw), nil
	}
	d.conns = newConnPool(d.connect, opts.Readers)
	return d, nil
}

// File returns the absolute path of the database.
func (d *DB) File() string { return d.file }

// Bulk reports whether the database was opened for a bulk import.
func (d *DB) Bulk() bool { return d.bulk }

// RegisterFunction adds a function to the SQL of reading connections. It must be
// called before the first View. The bytes of args belong to SQLite and are valid
// until fn returns.
func (d *DB) RegisterFunction(name string, args int32, fn func(args []driver.Value) (driver.Value, error)) error {
	return d.driver.RegisterFunction(name, &sqlite.FunctionImpl{
		NArgs:        args,
		Scalar:       func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) { return fn(args) },
		VolatileArgs: true,
	})
}

// Ping reports whether the database can be read now.
func (d *DB) Ping(ctx context.Context) error {
	var n int
	if err := d.Readers.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'customer'").Scan(&n); err != nil {
		return explainFile(d.file, err)
	}
	if n != 1 {
		return fmt.Errorf("database %s has lost its tables: restore it from a backup", d.file)
	}
	return nil
}

// Checkpoint moves as much of the write-ahead log into the file as it can without
// waiting for other processes.
func (d *DB) Checkpoint(ctx context.Context) error {
	return d.withWriter(ctx, func(c *Conn) error {
		_, err := c.One("PRAGMA wal_checkpoint(PASSIVE)")
		return err
	})
}

// Close waits for the running reads and writes, checkpoints the write-ahead log,
// and closes the file.
func (d *DB) Close() error {
	// SQLite keeps a connection open for as long as it has prepared statements.
	err := errors.Join(d.conns.close(), d.Readers.Close(), d.finalizeWriter())
	// The last process to close the file moves the rest of the log, and removes it.
	_, cerr := d.Writer.Exec("PRAGMA wal_checkpoint(PASSIVE)")
	if isBusy(cerr) {
		cerr = nil
	}
	return errors.Join(err, cerr, d.Writer.Close())
}
