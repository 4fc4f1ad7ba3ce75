// Package records has what any database keeps beside customers: accounts, settings, the audit,
// activity, the index of conversations, and blobs.
package records

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

// Accounts is the account.Store of a DB.
type Accounts struct {
	db          *sqldb.DB
	deactivated *sqldb.Cache[string, bool] // by identity key
	sessions    *sqldb.Cache[[32]byte, signedIn]
}

var _ account.Store = Accounts{}

// How many people IsDeactivated remembers, of about 60 bytes each, and how many sessions
// SessionByHash, of about a kilobyte.
const (
	maxDeactivated = 20_000
	maxSessions    = 2_000
)

// NewAccounts returns the accounts in a database.
func NewAccounts(db *sqldb.DB) Accounts {
	return Accounts{db, sqldb.NewCache[string, bool](db, maxDeactivated), sqldb.NewCache[[32]byte, signedIn](db, maxSessions)}
}

const personColumns = `p.identity, p.role, p.password_hash, p.password_expires, p.issuer, p.subject, p.may_export, p.available,
	p.theme, p.language, p.time_zone, p.created, p.deactivated, p.last_seen`

type scanner interface{ Scan(into ...any) error }

// scanPerson reads personColumns, and then more.
func scanPerson(row scanner, more ...any) (p account.Person, err error) {
	var created int64
	var expires, deactivated, lastSeen sql.NullInt64
	err = row.Scan(append([]any{&p.Identity, (*string)(&p.Role), &p.PasswordHash, &expires, &p.Issuer, &p.Subject, &p.MayExport, &p.Available,
		&p.Preferences.Theme, &p.Preferences.Language, &p.Preferences.TimeZone, &created, &deactivated, &lastSeen}, more...)...)
	p.PasswordExpires, p.Created, p.Deactivated, p.LastSeen = timeOrZero(expires), time.UnixMilli(created), timeOrZero(deactivated), timeOrZero(lastSeen)
	return p, err
}

// timeOrZero returns the zero time for NULL.
func timeOrZero(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64)
}

// addPerson leaves out temporary, which only migration 9 reads: password_expires says it.
const addPerson = `INSERT INTO person (key, identity, role, password_hash, password_expires, issuer, subject, may_export, available,
	theme, language, time_zone, created, deactivated, last_seen)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// AddPerson implements account.Store.
func (a Accounts) AddPerson(ctx context.Context, p account.Person) error {
	err := insertPerson(ctx, a.db, p)
	if a.db.IsDuplicate(err) {
		return account.ErrExists
	}
	return a.db.DomainError(err, account.ErrUnavailable)
}

func insertPerson(ctx context.Context, db execer, p account.Person) error {
	_, err := db.ExecContext(ctx, addPerson, text.IdentityKey(p.Identity), p.Identity, p.Role,
		p.PasswordHash, nullableTime(p.PasswordExpires), p.Issuer, p.Subject, p.MayExport, p.Available,
		p.Preferences.Theme, p.Preferences.Language, p.Preferences.TimeZone,
		p.Created.UnixMilli(), nullableTime(p.Deactivated), nullableTime(p.LastSeen))
	return err
}

// nullableTime reverses timeOrZero.
func nullableTime(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

const onePerson = `SELECT ` + personColumns + ` FROM person p WHERE p.key = ?`

// Person implements account.Store.
func (a Accounts) Person(ctx context.Context, identity string) (account.Person, error) {
	p, err := scanPerson(a.db.QueryRowContext(ctx, onePerson, text.IdentityKey(identity)))
	if errors.Is(err, sql.ErrNoRows) {
		return account.Person{}, account.ErrNotFound
	}
	return p, a.db.DomainError(err, account.ErrUnavailable)
}

const isDeactivated = `SELECT EXISTS (SELECT 1 FROM person WHERE key = ? AND deactivated IS NOT NULL)`

// IsDeactivated reports whether the person with this identity is deactivated; someone
// unknown is not. Every callback asks.
func (a Accounts) IsDeactivated(ctx context.Context, identity string) (bool, error) {
	key := text.IdentityKey(identity)
	return a.deactivated.Get(ctx, key, func() (is bool, err error) {
		row, err := a.db.Row(ctx, isDeactivated, key)
		if err == nil {
			err = row.Scan(&is)
		}
		return is, a.db.DomainError(err, account.ErrUnavailable)
	})
}

const allPeople = `SELECT ` + personColumns + ` FROM person p ORDER BY p.key`

// People implements account.Store.
func (a Accounts) People(ctx context.Context) ([]account.Person, error) {
	people, err := sqldb.Query(ctx, a.db.Readers, func(rows *sql.Rows) (account.Person, error) { return scanPerson(rows) }, allPeople)
	return people, a.db.DomainError(err, account.ErrUnavailable)
}

const hasPeople = `SELECT EXISTS (SELECT 1 FROM person)`

// HasPeople implements account.Store.
func (a Accounts) HasPeople(ctx context.Context) (has bool, err error) {
	err = a.db.QueryRowContext(ctx, hasPeople).Scan(&has)
	return has, a.db.DomainError(err, account.ErrUnavailable)
}

const setPreferences = `UPDATE person SET theme = ?, language = ?, time_zone = ? WHERE key = ?`

// SetPreferences implements account.Store.
func (a Accounts) SetPreferences(ctx context.Context, identity string, p account.Preferences) error {
	return a.change(ctx, a.db, account.ErrNotFound, setPreferences, p.Theme, p.Language, p.TimeZone, text.IdentityKey(identity))
}

const setPassword = `UPDATE person SET password_hash = ?, password_expires = ? WHERE key = ?`

// SetPassword implements account.Store.
func (a Accounts) SetPassword(ctx context.Context, identity, hash string, expires time.Time, keepID string) error {
	key := text.IdentityKey(identity)
	return a.changePassword(ctx, key, keepID, setPassword, hash, nullableTime(expires), key)
}

const replacePassword = `UPDATE person SET password_hash = ?, password_expires = NULL
	WHERE key = ? AND password_hash = ? AND deactivated IS NULL`

// ReplacePassword implements account.Store.
func (a Accounts) ReplacePassword(ctx context.Context, identity, was, hash, keepID string) error {
	key := text.IdentityKey(identity)
	return a.changePassword(ctx, key, keepID, replacePassword, hash, key, was)
}

// changePassword runs a statement that changes a person's password, and removes the
// person's sessions except keepID.
func (a Accounts) changePassword(ctx context.Context, key, keepID, statement string, args ...any) error {
	return a.write(ctx, func(tx *sql.Tx) error {
		if err := a.change(ctx, tx, account.ErrNotFound, statement, args...); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, removeSessions, key, keepID)
		return err
	})
}

func (a Accounts) write(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return a.db.DomainError(a.db.WriteTx(ctx, fn), account.ErrUnavailable)
}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// change runs a statement that must change a row; it returns none when there was no
// such row.
func (a Accounts) change(ctx context.Context, db execer, none error, statement string, args ...any) error {
	result, err := db.ExecContext(ctx, statement, args...)
	if err != nil {
		return a.db.DomainError(err, account.ErrUnavailable)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return none
	}
	return err
}
