// Package postgres keeps a database in PostgreSQL, for several processes and machines. It opens
// the database, puts its errors in plain words, and knows the schema's migrations, but none of
// its tables.
//
// Transactions that write run one after the other, as in SQLite: each begins with a lock that
// the server keeps for all processes.
package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/store/postgres/migrations"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// Options configure Open; the zero value is right for serving.
type Options struct {
	// Readers is how many connections View may use at the same time; 8 when 0.
	Readers int
	// Bulk is for programs that write very many customers.
	Bulk bool
	// NoSync commits without waiting for the disk: a failure of the server may take the last
	// moments, but never what was there before.
	NoSync bool
	// AsIs leaves the schema as it is, to check or copy the database.
	AsIs bool
	// Replica is for a copy that only reads. It need not respond yet.
	Replica bool
}

const (
	defaultReaders = 8
	generalReaders = 4
	// connectTimeout is for all servers of a URL, of which each gets its share: one that hangs
	// must leave time for the next.
	connectTimeout = 5 * time.Second
	// cancelDelay is how long a statement may go on when its context has ended, before the
	// server is told to cancel it. Most end by themselves, and the connection stays good.
	cancelDelay = 50 * time.Millisecond
	// writeLock is the advisory lock of transactions that write: "CLNT".
	writeLock = 0x434c4e54
	// lockTimeout is how long a writer waits for others.
	lockTimeout = 5 * time.Second
	// versionLife is how long what was read counts as current.
	versionLife = 250 * time.Millisecond
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	*sqldb.DB
	engine    *engine
	condition atomic.Pointer[error] // why the last Ping failed, of package storage
}

// engine is the sqldb.Engine of a server.
type engine struct {
	server  server
	readers connector
	commits atomic.Int64 // of this process, and those of others that were seen
	full    atomic.Bool  // whether a write found the disk full, until Ping finds space
}

var _ sqldb.Engine = (*engine)(nil)

// Open opens the database at a URL, or connection string, and brings its schema up to date.
func Open(ctx context.Context, url string, opts Options) (*DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the address of the database is not understood: %w", err)
	}
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, CancelRequestDelay: cancelDelay, DeadlineDelay: maxSilence}
	}
	share := connectTimeout / time.Duration(1+len(config.Fallbacks))
	config.ConnectTimeout = min(cmp.Or(config.ConnectTimeout, share), share)
	if config.ValidateConnect == nil && !opts.Replica { // unless the URL has target_session_attrs
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	begin := []string{
		"BEGIN", fmt.Sprintf("SET LOCAL lock_timeout = '%ds'", lockTimeout/time.Second), fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", writeLock),
	}
	if opts.NoSync {
		begin = append(begin, "SET LOCAL synchronous_commit = off")
	}
	e := &engine{}
	e.server.watch(config)
	plain := stdlib.GetConnector(*config)
	e.readers = connector{plain, &e.server, []string{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}, false}
	writing := connector{plain, &e.server, begin, true}
	d := &DB{engine: e, DB: sqldb.New(sqldb.Config{
		Engine: e, Writer: openPool(writing, 1), Readers: openPool(e.readers, generalReaders), Conns: cmp.Or(opts.Readers, defaultReaders),
		BeginWrite: "BEGIN", Unsynced: "SET LOCAL synchronous_commit = off", Bulk: opts.Bulk,
		Analyze: "ANALYZE", Server: true,
	})}
	switch {
	case opts.Replica:
	case opts.AsIs:
		err = d.Ping(ctx)
	default:
		err = migrate(ctx, d)
	}
	if err != nil {
		plain, _ := e.Explain(err)
		return nil, errors.Join(plain, d.Close())
	}
	return d, nil
}

func openPool(c driver.Connector, conns int) *sql.DB {
	p := sql.OpenDB(c)
	p.SetMaxOpenConns(conns)
	p.SetMaxIdleConns(conns)
	return p
}

const schemaVersion = "SELECT count(*) FROM migration"

// migrate brings the schema up to date.
func migrate(ctx context.Context, d *DB) error {
	names, err := fs.Glob(migrations.Files, "*.sql") // sorted
	if err != nil {
		return err
	}
	// A current schema needs no write, which would wait for other writers.
	var version int
	var server *pgconn.PgError
	err = d.Readers.QueryRowContext(ctx, schemaVersion).Scan(&version)
	if err == nil && version == len(names) || err != nil && !(errors.As(err, &server) && server.Code == "42P01") { // undefined_table
		return err
	}
	return d.WriteTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY)"); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, schemaVersion).Scan(&version); err != nil {
			return err
		}
		if version > len(names) {
			return fmt.Errorf("the database was made by a newer version of Clientele (schema %d, this program knows %d): update this program", version, len(names))
		}
		for i, name := range names[version:] {
			text, err := fs.ReadFile(migrations.Files, name)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, string(text)); err != nil {
				return fmt.Errorf("migration %s: %w", name, err)
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO migration (version) VALUES (?)", version+i+1); err != nil {
				return err
			}
		}
		return nil
	})
}

// Connect implements sqldb.Engine.
func (e *engine) Connect(ctx context.Context) (driver.Conn, error) { return e.readers.Connect(ctx) }

// Begin implements sqldb.Engine.
func (e *engine) Begin(_ context.Context, begin func() error) error { return begin() }

// Commit implements sqldb.Engine.
func (e *engine) Commit(commit func() error) error {
	err := commit()
	e.commits.Add(1)
	return err
}

// Version implements sqldb.Engine: what was read is read again after a commit of this process,
// and after a moment, since other processes commit too.
func (e *engine) Version() (v sqldb.Version, ok bool) {
	copy(v[:], fmt.Appendf(nil, "%d %d", time.Now().UnixNano()/int64(versionLife), e.commits.Load()))
	return v, true
}

// Outdate implements sqldb.Engine.
func (e *engine) Outdate() { e.commits.Add(1) }

// Condition returns why the last Ping failed, or that a write found the disk full since, as an
// error of package storage, or nil.
func (d *DB) Condition() error {
	if reason := d.condition.Load(); reason != nil {
		return *reason
	}
	if d.engine.full.Load() {
		return storage.ErrFull
	}
	return nil
}

// Ping reports whether the database can be read and written now. It looks whether a disk that
// was full has space again.
func (d *DB) Ping(ctx context.Context) error {
	var standby bool
	err := d.Readers.QueryRowContext(ctx, "SELECT pg_is_in_recovery()").Scan(&standby)
	if err == nil && standby {
		err = storage.ErrStandby
	}
	if err == nil && d.engine.full.Load() {
		if err = d.trySpace(ctx); err == nil {
			d.engine.full.Store(false)
		}
	}
	err = d.Explain(err)
	if reason := storage.Reason(err); reason != nil {
		d.condition.Store(&reason)
	} else {
		d.condition.Store(nil)
	}
	return err
}

// trySpace writes some hundred kilobytes, and drops them again.
func (d *DB) trySpace(ctx context.Context) error {
	return d.WriteTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE TEMPORARY TABLE space ON COMMIT DROP AS SELECT generate_series(1, 10000)")
		return err
	})
}

// Close waits for the running reads and writes, and closes the connections.
func (d *DB) Close() error { return errors.Join(d.CloseReaders(), d.Writer.Close()) }
