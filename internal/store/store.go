// Package store keeps everything in one database: customers, their owners, the search index,
// accounts, settings, audit, activity, the index of conversations and blobs.
//
// A DB is one open database; several processes may have the same one open. The stores of the
// domain packages are views of a DB, made by its methods. They are in packages customers and
// records, whose SQL runs through sqldb on the database of package sqlite.
package store

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/internal/store/customers"
	"github.com/clientele-project/clientele/internal/store/records"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// Options configure Open; the zero value is right for serving.
type Options struct {
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Readers is how many connections may read customers at the same time; 4 when 0.
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
}

// DB is an open database file. It is safe for concurrent use.
type DB struct {
	db        *sqlite.DB
	customers *Customers
	accounts  records.Accounts
}

// Customers is the customer.Store of a DB.
type Customers = customers.Store

// Open opens the database in file and brings its schema up to date. It creates
// the file if it does not exist, with mode 0600; its directory must exist. Errors
// say what is wrong with the file and what to do. If nothing can be written, the
// database is opened all the same, and Condition says so.
func Open(ctx context.Context, file string, opts Options) (*DB, error) {
	db, err := sqlite.Open(ctx, file, opts.connection())
	if err != nil {
		return nil, err
	}
	return newDB(db, opts)
}

// OpenAgain opens the file of d once more; see sqlite.DB.OpenAgain.
func (d *DB) OpenAgain(ctx context.Context, opts Options) (*DB, error) {
	db, err := d.db.OpenAgain(ctx, opts.connection())
	if err != nil {
		return nil, err
	}
	return newDB(db, opts)
}

func (o Options) connection() sqlite.Options {
	return sqlite.Options{Readers: o.Readers, Scale: o.Scale, Bulk: o.Bulk, NoSync: o.NoSync, AsIs: o.AsIs}
}

func newDB(db *sqlite.DB, opts Options) (*DB, error) {
	store, err := customers.New(db.DB, customers.Options{Now: opts.Now, Scale: opts.Scale})
	if err != nil {
		db.Close()
		return nil, err
	}
	return &DB{db, store, records.NewAccounts(db.DB)}, nil
}

// Customers returns the customers in the database.
func (d *DB) Customers() *Customers { return d.customers }

// Accounts returns the people and sessions in the database.
func (d *DB) Accounts() records.Accounts { return d.accounts }

// Settings returns the settings in the database.
func (d *DB) Settings() records.Settings { return records.NewSettings(d.db.DB) }

// Audit returns the audit in the database.
func (d *DB) Audit() records.Audit { return records.NewAudit(d.db.DB) }

// Conversations returns the index of conversations in the database.
func (d *DB) Conversations() records.Conversations { return records.NewConversations(d.db.DB) }

// Activity returns the activity in the database.
func (d *DB) Activity() records.Activity { return records.NewActivity(d.db.DB) }

// Blobs returns the blobs in the database.
func (d *DB) Blobs() records.Blobs { return records.NewBlobs(d.db.DB) }

// File returns the absolute path of the database.
func (d *DB) File() string { return d.db.File() }

// Condition returns why the database takes no writes now, as an error of package
// storage, or nil.
func (d *DB) Condition() error { return d.db.Condition() }

// Ping reports whether the database can be read and written now. It looks whether a disk
// that was full has room again.
func (d *DB) Ping(ctx context.Context) error { return d.db.Ping(ctx) }

// Verify checks the whole file, and returns what is wrong with it. A damaged file takes no
// writes from now on. full also compares tables with their indexes, and lists with what
// searches find: where only those differ, writes go on, since they lose nothing. Others can
// read and write meanwhile.
func (d *DB) Verify(ctx context.Context, full bool) (problems []string, err error) {
	problems, err = d.db.Verify(ctx, full)
	if err != nil || len(problems) > 0 || !full {
		return problems, err
	}
	if current, err := d.db.IsCurrent(ctx); err != nil || !current {
		return nil, err // an older schema has no such lists
	}
	return d.customers.Verify(ctx)
}

// VerifySlowly is Verify of one table after the other, which takes a tenth of a processor.
func (d *DB) VerifySlowly(ctx context.Context) (problems []string, err error) {
	return d.db.VerifySlowly(ctx)
}

// Backup replaces file by a copy of the database as it is at one moment; others can read
// and write meanwhile. The copy was checked and is on the disk, or file is as it was. Only
// its owner can read it.
func (d *DB) Backup(ctx context.Context, file string) error { return d.db.Backup(ctx, file) }

// Restore puts a copy of a backup in the place of a database that no program has open.
// The database that was there, if any, stays as aside.
func Restore(ctx context.Context, backup, database string, now time.Time) (aside string, err error) {
	return sqlite.Restore(ctx, backup, database, now)
}

// Close waits for the running reads and writes, and closes the file.
func (d *DB) Close() error { return d.db.Close() }
