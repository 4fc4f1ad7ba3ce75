// Package store keeps everything in one database: customers, their owners, the search index,
// accounts, settings, audit, activity, the index of conversations and blobs.
//
// A DB is one open database; several processes may have the same one open. The stores of the
// domain packages are views of a DB, made by its methods. They are in packages customers and
// records, whose SQL runs through sqldb on a file of package sqlite, or on a server of package
// postgres.
package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/store/customers"
	"github.com/clientele-project/clientele/internal/store/move"
	"github.com/clientele-project/clientele/internal/store/postgres"
	"github.com/clientele-project/clientele/internal/store/records"
	"github.com/clientele-project/clientele/internal/store/sqldb"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// Options configure Open; the zero value is right for serving.
type Options struct {
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Readers is how many connections may read customers at the same time; 4 when 0, or 8 of a
	// server.
	Readers int
	// Scale returns how much of a page cache's size fits into memory; nil keeps sizes.
	Scale func(size int) int
	// Bulk is for a program that writes very many customers and then calls
	// Customers.Compact. Until then searches in large lists are right, but slow.
	Bulk bool
	// NoSync commits without waiting for the disk: a power failure may take the last
	// moments, but never what was there before.
	NoSync bool
	// AsIs leaves the schema as it is, to check or copy the database.
	AsIs bool
	// ReadDatabase is the address of a replica of the server, "" without one: lists, searches
	// and details are read there, unless it has not received the latest changes.
	ReadDatabase string
	// Incomplete also opens a database into which another was not copied completely, to go on
	// with that.
	Incomplete bool
}

// A database is a file of SQLite or a server.
type database interface {
	// Condition returns why the database takes no writes now, as an error of package
	// storage, or nil.
	Condition() error
	// Ping reports whether the database can be read and written now, and looks whether what
	// Condition told is over.
	Ping(ctx context.Context) error
	// Close waits for the running reads and writes, and closes the database.
	Close() error
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	database
	name      string       // as Open was given it
	file      *sqlite.DB   // nil for a server
	replica   *postgres.DB // nil without one
	sql       *sqldb.DB
	customers *Customers
	accounts  records.Accounts
}

// Customers is the customer.Store of a DB.
type Customers = customers.Store

// File returns the absolute path of the database, "" for a server.
func (d *DB) File() string {
	if d.file == nil {
		return ""
	}
	return d.file.File()
}

// IsServer reports whether the name of a database is the address of a server rather than a file.
func IsServer(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

// Redacted returns the name of a database without a password.
func Redacted(database string) string {
	if !IsServer(database) {
		return database
	}
	u, err := url.Parse(database)
	if err != nil {
		return "postgres://..." // where the password is, is not known
	}
	values := u.Query()
	for _, name := range []string{"password", "sslpassword"} {
		if values.Has(name) {
			values.Set(name, "xxxxx")
		}
	}
	u.RawQuery = values.Encode()
	return u.Redacted()
}

// IsServer reports whether the database is on a server.
func (d *DB) IsServer() bool { return d.file == nil }

// Open opens a database, the file or the server of that name, and brings its schema up to
// date. It creates a file that does not exist, with mode 0600; its directory must exist.
// Errors say what is wrong and what to do. If nothing can be written, the database is opened
// all the same, and Condition says so.
func Open(ctx context.Context, database string, opts Options) (*DB, error) {
	if scheme, _, ok := strings.Cut(database, "://"); ok && !IsServer(database) {
		return nil, fmt.Errorf("a database is a file, or the URL of PostgreSQL (postgres://...), not %s://", scheme)
	}
	if !IsServer(database) {
		db, err := sqlite.Open(ctx, database, opts.file())
		if err != nil {
			return nil, err
		}
		return newDB(&DB{database: db, name: database, file: db, sql: db.DB}, opts)
	}
	options := postgres.Options{Readers: opts.Readers, Bulk: opts.Bulk, NoSync: opts.NoSync, AsIs: opts.AsIs}
	db, err := postgres.Open(ctx, database, options)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", Redacted(database), err)
	}
	d := &DB{database: db, name: database, sql: db.DB}
	if opts.ReadDatabase != "" {
		options.Replica = true
		if d.replica, err = postgres.Open(ctx, opts.ReadDatabase, options); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return newDB(d, opts)
}

// OpenAgain opens the database of d once more; see sqlite.DB.OpenAgain.
func (d *DB) OpenAgain(ctx context.Context, opts Options) (*DB, error) {
	if d.file == nil {
		return Open(ctx, d.name, opts)
	}
	db, err := d.file.OpenAgain(ctx, opts.file())
	if err != nil {
		return nil, err
	}
	return newDB(&DB{database: db, name: d.name, file: db, sql: db.DB}, opts)
}

func (o Options) file() sqlite.Options {
	opts := sqlite.Options{Readers: o.Readers, Scale: o.Scale, Bulk: o.Bulk, NoSync: o.NoSync, AsIs: o.AsIs}
	if o.Incomplete {
		opts.WriterPause = -1 // no one else can write
	}
	return opts
}

func newDB(d *DB, opts Options) (_ *DB, err error) {
	options := customers.Options{Now: opts.Now, Scale: opts.Scale}
	if d.replica != nil {
		options.Replica = d.replica.DB
	}
	d.customers, err = customers.New(d.sql, options)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.accounts = records.NewAccounts(d.sql)
	if opts.Incomplete {
		return d, nil
	}
	incomplete, err := move.Unfinished(context.Background(), d.side())
	if err == nil && incomplete {
		err = fmt.Errorf("database %s %w", Redacted(d.name), move.ErrUnfinished)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close waits for the running reads and writes, and closes the database and its replica.
func (d *DB) Close() error {
	err := d.database.Close()
	if d.replica != nil {
		err = errors.Join(err, d.replica.Close())
	}
	return err
}

// Customers returns the customers in the database.
func (d *DB) Customers() *Customers { return d.customers }

// Accounts returns the people and sessions in the database.
func (d *DB) Accounts() records.Accounts { return d.accounts }

// Settings returns the settings in the database.
func (d *DB) Settings() records.Settings { return records.NewSettings(d.sql) }

// Changes returns what changed last in the database.
func (d *DB) Changes() records.Changes { return records.NewChanges(d.sql) }

// Limits returns the attempts at passwords in the database.
func (d *DB) Limits() records.Limits { return records.NewLimits(d.sql) }

// NumberSearches returns what workers searched for while numbers are masked.
func (d *DB) NumberSearches() records.NumberSearches { return records.NewNumberSearches(d.sql) }

// Processes returns the processes that serve the database.
func (d *DB) Processes() records.Processes { return records.NewProcesses(d.sql) }

// Jobs returns the imports and reassignments of all processes.
func (d *DB) Jobs() records.Jobs { return records.NewJobs(d.sql) }

// Audit returns the audit in the database.
func (d *DB) Audit() records.Audit { return records.NewAudit(d.sql) }

// Conversations returns the index of conversations in the database.
func (d *DB) Conversations() records.Conversations { return records.NewConversations(d.sql) }

// Activity returns the activity in the database.
func (d *DB) Activity() records.Activity { return records.NewActivity(d.sql) }

// Blobs returns the blobs in the database.
func (d *DB) Blobs() records.Blobs { return records.NewBlobs(d.sql) }

// MoveTo copies the whole database into another one, which was opened with Options.Incomplete:
// see move.Run.
func (d *DB) MoveTo(ctx context.Context, to *DB, opts move.Options) ([]move.Result, error) {
	return move.Run(ctx, d.side(), to.side(), opts)
}

// side returns the database as package move has it.
func (d *DB) side() move.Database { return move.Database{DB: d.sql, Server: d.IsServer()} }

// Verify checks the whole file, and returns what is wrong with it. A damaged file takes no
// writes from now on. full also compares tables with their indexes, and lists with what
// searches find: where only those differ, writes go on, since they lose nothing. Others can
// read and write meanwhile. A server checks its own files: of it, only lists are compared.
func (d *DB) Verify(ctx context.Context, full bool) (problems []string, err error) {
	if d.file != nil {
		problems, err = d.file.Verify(ctx, full)
		if err != nil || len(problems) > 0 || !full {
			return problems, err
		}
		if current, err := d.file.IsCurrent(ctx); err != nil || !current {
			return nil, err // an older schema has no such lists
		}
	}
	if !full {
		return nil, d.Ping(ctx)
	}
	return d.customers.Verify(ctx)
}

// VerifySlowly is Verify of one table of a file after the other, which takes a tenth of a
// processor.
func (d *DB) VerifySlowly(ctx context.Context) (problems []string, err error) {
	if d.file == nil {
		return nil, nil
	}
	return d.file.VerifySlowly(ctx)
}

// ErrServer is the error of Backup and Restore for a server.
var ErrServer = errors.New("a PostgreSQL database is backed up and restored with PostgreSQL's own tools, such as pg_dump or pgBackRest: see docs/scaling.md")

// Backup replaces file by a copy of the database as it is at one moment; others can read
// and write meanwhile. The copy was checked and is on the disk, or file is as it was. Only
// its owner can read it.
func (d *DB) Backup(ctx context.Context, file string) error {
	if d.file == nil {
		return ErrServer
	}
	return d.file.Backup(ctx, file)
}

// Restore puts a copy of a backup in the place of a database that no program has open.
// The database that was there, if any, stays as aside.
func Restore(ctx context.Context, backup, database string, now time.Time) (aside string, err error) {
	if IsServer(database) {
		return "", ErrServer
	}
	return sqlite.Restore(ctx, backup, database, now)
}
