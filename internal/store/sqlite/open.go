// Package sqlite keeps a database in one SQLite file, the default. It opens, checks, backs up
// and restores the file, and knows the schema's migrations, but none of its tables.
package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/store/sqldb"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Options configure Open; the zero value is right for serving.
type Options struct {
	// Readers is how many connections View may use at the same time; 4 when 0.
	Readers int
	// WriterCacheKiB bounds the page cache of the writer, in KiB; 4 MiB when 0,
	// or 16 MiB when Bulk is set.
	WriterCacheKiB int
	// Scale returns how much of a page cache's size fits into memory; nil keeps sizes.
	Scale func(size int) int
	// Bulk is for programs that write very many customers. What they write is on the
	// disk when Close returns.
	Bulk bool
	// NoSync commits without waiting for the disk: a power failure may take the last
	// moments, but never what was there before.
	NoSync bool
	// AsIs leaves the schema as it is, to check or copy the database.
	AsIs bool
	// WriterPause is the pause after each of many transactions in a row, which lets
	// other processes write: 25 ms when 0, none when negative.
	WriterPause time.Duration
}

const (
	defaultReaders = 4
	// In memory, a page takes twice its size. The connections of a process evict each
	// other's pages in this build of SQLite: larger caches gain nothing.
	readerCacheKiB     = 1 << 10
	generalReaders     = 2
	generalCacheKiB    = 1 << 10
	defaultWriterCache = 4 << 10
	bulkWriterCache    = 16 << 10
	pageSize           = 8192

	// How long the write-ahead log may grow before it is moved into the file. A
	// bulk import changes the same pages again and again: with a longer log they
	// are written to the file less often.
	checkpointPages     = 1000
	bulkCheckpointPages = 32_000 // 256 MiB
)

// DB is an open database file. It is safe for concurrent use.
type DB struct {
	*sqldb.DB
	condition *condition
	access    access
}

// engine is the sqldb.Engine of a file.
type engine struct {
	condition *condition
	access    access
	driver    *sqlite.Driver // of the connections that only read
	scale     func(int) int
}

var _ sqldb.Engine = (*engine)(nil)

// Open opens the database in file and brings its schema up to date. It creates
// the file if it does not exist, with mode 0600; its directory must exist. Errors
// say what is wrong with the file and what to do. If nothing can be written, the
// database is opened all the same, and Condition says so.
func Open(ctx context.Context, file string, opts Options) (*DB, error) {
	abs, err := absolute(file)
	if err != nil {
		return nil, err
	}
	access, err := prepareFile(abs)
	if err != nil {
		return nil, err
	}
	d, err := open(ctx, newCondition(abs, access), access, opts)
	if isFull(err) && access == shared {
		d, err = open(ctx, newCondition(abs, exclusive), exclusive, opts)
		if err == nil {
			d.condition.full.Store(true)
		}
	}
	if code(err) == lib.SQLITE_CANTOPEN && !hasSpace(filepath.Dir(abs)) { // for one more file
		return nil, fmt.Errorf("database %s cannot be opened: %w", abs, storage.ErrFull)
	}
	if err != nil {
		return nil, explainFile(abs, err)
	}
	return d, nil
}

// OpenAgain opens the file once more, for a bulk import for example. A process must open a
// file that it has open in no other way: closing any other descriptor of it, as Open does
// after it has read the header, drops the locks that SQLite holds, and another process would
// take the file for unused. What one of the two DBs learns about the file's condition, the
// other knows too.
func (d *DB) OpenAgain(ctx context.Context, opts Options) (*DB, error) {
	again, err := open(ctx, d.condition, d.access, opts)
	if err != nil {
		return nil, explainFile(d.File(), err)
	}
	return again, nil
}

func open(ctx context.Context, condition *condition, access access, opts Options) (*DB, error) {
	e := &engine{condition, access, &sqlite.Driver{}, opts.Scale}
	if e.scale == nil {
		e.scale = func(size int) int { return size }
	}
	pages, cache := checkpointPages, defaultWriterCache
	if opts.Bulk {
		pages, cache = bulkCheckpointPages, bulkWriterCache
	}
	synchronous := "FULL"
	if opts.Bulk || opts.NoSync {
		synchronous = "NORMAL"
	}
	// The size limit truncates the log of a bulk import at the next write of
	// another process.
	abs := condition.path
	writing := access.dsn(abs, "immediate", 0, e.scale(cmp.Or(opts.WriterCacheKiB, cache)), "synchronous("+synchronous+")",
		fmt.Sprintf("wal_autocheckpoint(%d)", pages), fmt.Sprintf("journal_size_limit(%d)", 2*pages*pageSize))
	writer, err := openPool(writing, 1, condition)
	if err != nil {
		return nil, err
	}
	general := access.dsn(abs, "deferred", busyTimeout, e.scale(generalCacheKiB), "query_only(1)")
	readers, err := openPool(general, generalReaders, condition)
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	d := &DB{sqldb.New(sqldb.Config{
		Engine: e, Writer: writer, Readers: readers, Conns: cmp.Or(opts.Readers, defaultReaders),
		BeginWrite: "BEGIN IMMEDIATE",
		Unsynced:   "PRAGMA synchronous = NORMAL", Synced: "PRAGMA synchronous = " + synchronous,
		Checkpoint: "PRAGMA wal_checkpoint(PASSIVE)",
		Pause:      cmp.Or(opts.WriterPause, writerPause), Bulk: opts.Bulk,
	}), condition, access}
	if opts.AsIs {
		_, err = schemaVersion(ctx, writer)
	} else {
		err = migrate(ctx, d)
	}
	if err == nil {
		err = condition.remember()
	}
	if err != nil {
		readers.Close()
		writer.Close()
		return nil, err
	}
	condition.header.users.Add(1)
	return d, nil
}

// connector makes the connections of a pool, unless another file has the name now.
type connector struct {
	driver.Connector
	condition *condition
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := c.condition.replaced(); err != nil {
		return nil, err
	}
	return c.Connector.Connect(ctx)
}

func openPool(dsn string, conns int, condition *condition) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	p := sql.OpenDB(connector{c, condition})
	p.SetMaxOpenConns(conns)
	p.SetMaxIdleConns(conns)
	return p, nil
}

// Connect implements sqldb.Engine.
func (e *engine) Connect(context.Context) (driver.Conn, error) {
	if err := e.condition.replaced(); err != nil {
		return nil, err
	}
	return e.driver.Open(e.access.dsn(e.condition.path, "deferred", busyTimeout, e.scale(readerCacheKiB), "query_only(1)"))
}

// File returns the absolute path of the database.
func (d *DB) File() string { return d.condition.path }

// RegisterFunction implements sqldb.FunctionEngine.
func (e *engine) RegisterFunction(name string, args int32, fn func(args []driver.Value) (driver.Value, error)) error {
	return e.driver.RegisterFunction(name, &sqlite.FunctionImpl{
		NArgs:        args,
		Scalar:       func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) { return fn(args) },
		VolatileArgs: true,
	})
}

// Close waits for the running reads and writes, checkpoints the write-ahead log,
// and closes the file.
func (d *DB) Close() error {
	// SQLite keeps a connection open for as long as it has prepared statements.
	err := errors.Join(d.syncBulk(), d.CloseReaders())
	if d.condition.isUnlocked() {
		return err // the end of the process closes the writer: SQLite would move the log
	}
	// The last process to close the file moves the rest of the log, and removes it,
	// unless the file was replaced.
	checkpoint := "PRAGMA wal_checkpoint(PASSIVE)"
	if d.condition.replaced() != nil {
		checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)"
	}
	var cerr error
	if !d.condition.readOnly && !d.condition.damaged.Load() {
		_, cerr = d.Writer.Exec(checkpoint)
	}
	if isBusy(cerr) || isFull(cerr) { // the log stays, and the next start has it
		cerr = nil
	}
	err = errors.Join(err, d.Explain(cerr), d.Writer.Close())
	d.condition.header.release()
	return err
}

// syncBulk makes what a bulk import wrote durable: a commit that waits for the disk waits
// for those before it too.
func (d *DB) syncBulk() error {
	if !d.Bulk || !d.condition.written.Load() {
		return nil
	}
	if _, err := d.Writer.Exec("PRAGMA synchronous = FULL"); err != nil {
		return err
	}
	return d.Explain(d.Update(context.Background(), func(c *sqldb.Conn) error {
		version, err := c.Count("PRAGMA user_version")
		if err != nil {
			return err
		}
		return c.Exec(setVersion(int(version))) // writes what is there already
	}))
}
