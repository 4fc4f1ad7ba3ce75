package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
)

// Options are the choices of Open; the zero value is right for serving.
type Options struct {
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Readers is how many connections may read at once; 4 when 0.
	Readers int
	// WriterCacheKiB bounds the page cache of the connection that writes, in KiB;
	// 16 MiB when 0, and at least 40 MiB for a bulk import.
	WriterCacheKiB int
	// Bulk is for a program that writes very many customers and then calls
	// Customers.Compact: until then nothing is done for the speed of searches in
	// large lists. They answer rightly all the same.
	Bulk bool
}

const (
	defaultReaders     = 4
	readerCacheKiB     = 4 << 10
	generalReaders     = 2
	generalCacheKiB    = 1 << 10
	defaultWriterCache = 16 << 10
	leastBulkCache     = 40 << 10
	pageSize           = 8192

	// How long the write-ahead log may grow before it is moved into the file. A
	// bulk import changes the same pages again and again: a longer log spares
	// writing them to the file each time.
	checkpointPages     = 1000
	bulkCheckpointPages = 32_000 // 256 MiB
)

// DB is an open database file. It is safe for concurrent use.
type DB struct {
	file    string
	now     func() time.Time
	bulk    bool
	giveWay time.Duration // after each transaction of one that writes many
	writer  writerPool    // one connection; its transactions begin immediate
	readers *sql.DB       // query-only connections, for accounts and settings

	customers *Customers
	conns     *connPool // query-only connections, for customers
	scans     *blockScans
	connect   func() (*conn, error) // makes another of those
}

// Open opens the database in file, making the file when it does not exist (mode
// 0600; its directory must exist), and brings its schema up to date. The errors
// say in plain words what is wrong with the file and what to do.
func Open(ctx context.Context, file string, opts Options) (*DB, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("find the place of database %s: %w", file, err)
	}
	if err := prepareFile(abs); err != nil {
		return nil, err
	}
	d := &DB{file: abs, now: opts.Now, giveWay: giveWayFor}
	if d.now == nil {
		d.now = time.Now
	}
	if opts.Readers <= 0 {
		opts.Readers = defaultReaders
	}
	if opts.WriterCacheKiB <= 0 {
		opts.WriterCacheKiB = defaultWriterCache
	}
	d.bulk = opts.Bulk
	pages := checkpointPages
	if opts.Bulk {
		opts.WriterCacheKiB = max(opts.WriterCacheKiB, leastBulkCache)
		pages = bulkCheckpointPages
	}
	// The second cuts the log of a bulk import back when somebody else writes next.
	log := []string{fmt.Sprintf("wal_autocheckpoint(%d)", pages), fmt.Sprintf("journal_size_limit(%d)", 2*pages*pageSize)}
	if d.writer.DB, err = pool(dsn(abs, "immediate", 0, opts.WriterCacheKiB, log...), 1); err != nil {
		return nil, err
	}
	if err := migrate(ctx, d.writer); err != nil {
		d.writer.Close()
		return nil, explain(abs, err)
	}
	if d.readers, err = pool(dsn(abs, "deferred", busyTimeout, generalCacheKiB, "query_only(1)"), generalReaders); err != nil {
		d.writer.Close()
		return nil, err
	}
	var private *sqlite.Driver
	if d.scans, private, err = newBlockScans(); err != nil {
		d.writer.Close()
		d.readers.Close()
		return nil, err
	}
	reading := dsn(abs, "deferred", busyTimeout, readerCacheKiB, "query_only(1)")
	d.connect = func() (*conn, error) {
		raw, err := private.Open(reading)
		if err != nil {
			return nil, err
		}
		return newConn(raw), nil
	}
	d.conns = newConnPool(d.connect, opts.Readers)
	d.customers = &Customers{db: d, blocks: usualBlocks}
	return d, nil
}

// File is where the database is, as an absolute path.
func (d *DB) File() string { return d.file }

// Customers is the store of customers in this file.
func (d *DB) Customers() *Customers { return d.customers }

// dsn puts the pragmas where every connection of a pool gets them. page_size
// only matters while the file is still empty, and must come before WAL.
func dsn(abs, txlock string, wait time.Duration, cacheKiB int, more ...string) string {
	pragmas := append([]string{
		fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds()),
		fmt.Sprintf("page_size(%d)", pageSize),
		"journal_mode(WAL)",
		"synchronous(NORMAL)",
		"foreign_keys(1)",
		"temp_store(MEMORY)",
		fmt.Sprintf("cache_size(-%d)", cacheKiB),
	}, more...)
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: url.Values{
		"_pragma": pragmas,
		"_txlock": {txlock},
	}.Encode()}
	return u.String()
}

func pool(dsn string, conns int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	p := sql.OpenDB(connector)
	p.SetMaxOpenConns(conns)
	p.SetMaxIdleConns(conns)
	return p, nil
}

// prepareFile refuses what can never work before SQLite words it its own way,
// and makes a new file unreadable for others: it will hold customers.
func prepareFile(abs string) error {
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the directory of database %s does not exist: make it first, or name another place", abs)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("database %s cannot be read and written by this user: change its owner or permissions", abs)
	case err != nil:
		if info, serr := os.Stat(abs); serr == nil && info.IsDir() {
			return fmt.Errorf("database %s is a directory: name a file in it", abs)
		}
		return fmt.Errorf("open database: %w", err)
	}
	defer f.Close()
	head := make([]byte, 100) // the header of every SQLite file
	n, err := io.ReadFull(f, head)
	if n == 0 {
		return nil // new
	}
	if err != nil || !bytes.HasPrefix(head, []byte("SQLite format 3\x00")) {
		return fmt.Errorf("%s is not a database of Clientele: name another file, or move this one away", abs)
	}
	// Told from the header, so that nothing of another program's file is touched.
	// Our own file has neither number yet when its start was cut short.
	schema, id := binary.BigEndian.Uint32(head[40:]), binary.BigEndian.Uint32(head[68:])
	if id != applicationID && (id != 0 || schema != 0) {
		return fmt.Errorf("database %s: %w", abs, errForeign)
	}
	return nil
}

// Ping tells whether the database can be read just now.
func (d *DB) Ping(ctx context.Context) error {
	var n int
	if err := d.readers.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'customer'").Scan(&n); err != nil {
		return explain(d.file, err)
	}
	if n != 1 {
		return fmt.Errorf("database %s has lost its tables: restore it from a backup", d.file)
	}
	return nil
}

// Close waits for what is being read or written, moves what is still in the
// write-ahead log into the file, unless another process needs it there, and
// closes the file.
func (d *DB) Close() error {
	// SQLite keeps a connection open for as long as it has prepared statements.
	err := errors.Join(d.conns.close(), d.readers.Close(), d.customers.finalize())
	// As much as can be moved without waiting for other processes. The last one to
	// close the file moves the rest and removes the log.
	_, cerr := d.writer.Exec("PRAGMA wal_checkpoint(PASSIVE)")
	if busy(cerr) {
		cerr = nil
	}
	return errors.Join(err, cerr, d.writer.Close())
}

// write runs fn in a transaction of the one connection that writes: all of it is
// kept when fn returns nil, nothing otherwise.
func (d *DB) write(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return transact(ctx, d.writer, fn)
}

// beginner is a pool of connections.
type beginner interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

func transact(ctx context.Context, db beginner, fn func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // also when fn panics; does nothing after Commit
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}
