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

const sessionColumns = `s.id, s.created, s.last_seen, s.expires, s.agent, s.by_provider, s.provider_session, s.confirmed_until`

// sessionRow scans sessionColumns.
type sessionRow struct {
	account.Session
	created, lastSeen, expires, confirmedUntil int64
}

func (r *sessionRow) dest() []any {
	return []any{&r.ID, &r.created, &r.lastSeen, &r.expires, &r.Agent, &r.ByProvider, &r.ProviderSession, &r.confirmedUntil}
}

func (r *sessionRow) session(identity string) account.Session {
	s := r.Session
	s.Identity = identity
	s.Created, s.LastSeen, s.Expires = time.UnixMilli(r.created), time.UnixMilli(r.lastSeen), time.UnixMilli(r.expires)
	if r.confirmedUntil > 0 {
		s.ConfirmedUntil = time.UnixMilli(r.confirmedUntil)
	}
	return s
}

// addSession inserts nothing when the person was removed, deactivated, linked or given
// a new password during the sign-in.
const (
	addSession = `INSERT INTO session (secret_hash, id, person_key, created, last_seen, expires, agent, by_provider, provider_session, confirmed_until)
	SELECT ?, ?, key, ?, ?, ?, ?, ?, ?, ? FROM person
	WHERE key = ? AND password_hash = ? AND issuer = ? AND subject = ? AND deactivated IS NULL`
	removeUnused = `DELETE FROM session WHERE secret_hash IN (SELECT secret_hash FROM session WHERE person_key = ?
	ORDER BY last_seen DESC, created DESC LIMIT -1 OFFSET ?)`
	seePerson = `UPDATE person SET last_seen = max(ifnull(last_seen, 0), ?) WHERE key = ?`
)

// AddSession implements account.Store.
func (a Accounts) AddSession(ctx context.Context, hash [32]byte, s account.Session, p account.Person) (ended int, err error) {
	key := text.IdentityKey(p.Identity)
	err = a.write(ctx, func(tx *sql.Tx) error {
		err := a.change(ctx, tx, account.ErrNotFound, addSession,
			hash[:], s.ID, s.Created.UnixMilli(), s.LastSeen.UnixMilli(), s.Expires.UnixMilli(), s.Agent,
			s.ByProvider, s.ProviderSession, max(0, s.ConfirmedUntil.UnixMilli()), key, p.PasswordHash, p.Issuer, p.Subject)
		if err != nil {
			return err
		}
		removed, err := tx.ExecContext(ctx, removeUnused, key, account.MaxSessions)
		if err != nil {
			return err
		}
		n, err := removed.RowsAffected()
		if err != nil {
			return err
		}
		ended = int(n)
		return a.change(ctx, tx, account.ErrNotFound, seePerson, s.LastSeen.UnixMilli(), key)
	})
	return ended, err
}

const sessionByHash = `SELECT ` + personColumns + `, ` + sessionColumns + `
	FROM session s JOIN person p ON p.key = s.person_key
	WHERE s.secret_hash = ? AND p.deactivated IS NULL`

// signedIn is a session with its person.
type signedIn struct {
	session account.Session
	person  account.Person
}

// SessionByHash implements account.Store. Every page asks.
func (a Accounts) SessionByHash(ctx context.Context, hash [32]byte, now time.Time) (account.Session, account.Person, error) {
	found, err := a.sessions.Get(ctx, hash, func() (signedIn, error) {
		row, err := a.db.Row(ctx, sessionByHash, hash[:])
		if err != nil {
			return signedIn{}, err
		}
		var r sessionRow
		p, err := scanPerson(row, r.dest()...)
		return signedIn{r.session(p.Identity), p}, err
	})
	switch {
	case errors.Is(err, sql.ErrNoRows) || err == nil && found.session.Expires.UnixMilli() <= now.UnixMilli():
		return account.Session{}, account.Person{}, account.ErrNoSession
	case err != nil:
		return account.Session{}, account.Person{}, a.db.DomainError(err, account.ErrUnavailable)
	}
	return found.session, found.person, nil
}

const (
	touchSession = `UPDATE session SET last_seen = max(last_seen, ?), expires = max(expires, ?) WHERE id = ?`
	touchPerson  = `UPDATE person SET last_seen = max(ifnull(last_seen, 0), ?)
	WHERE key = (SELECT person_key FROM session WHERE id = ?)`
)

// TouchSession implements account.Store.
func (a Accounts) TouchSession(ctx context.Context, id string, seen, expires time.Time) error {
	return a.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, touchSession, seen.UnixMilli(), expires.UnixMilli(), id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, touchPerson, seen.UnixMilli(), id)
		return err
	})
}

const confirmSession = `UPDATE session SET confirmed_until = ? WHERE id = ?`

// ConfirmSession implements account.Store.
func (a Accounts) ConfirmSession(ctx context.Context, id string, until time.Time) error {
	return a.change(ctx, a.db, account.ErrNoSession, confirmSession, until.UnixMilli(), id)
}

const sessionsOf = `SELECT p.identity, ` + sessionColumns + `
	FROM session s JOIN person p ON p.key = s.person_key
	WHERE s.person_key = ? AND s.expires > ? ORDER BY s.created DESC, s.id`

// Sessions implements account.Store.
func (a Accounts) Sessions(ctx context.Context, identity string, now time.Time) ([]account.Session, error) {
	sessions, err := sqldb.Query(ctx, a.db.Readers, func(rows *sql.Rows) (account.Session, error) {
		var r sessionRow
		var identity string
		err := rows.Scan(append([]any{&identity}, r.dest()...)...)
		return r.session(identity), err
	}, sessionsOf, text.IdentityKey(identity), now.UnixMilli())
	return sessions, a.db.DomainError(err, account.ErrUnavailable)
}

const removeSession = `DELETE FROM session WHERE person_key = ? AND id = ?`

// RemoveSession implements account.Store.
func (a Accounts) RemoveSession(ctx context.Context, identity, id string) error {
	return a.change(ctx, a.db, account.ErrNoSession, removeSession, text.IdentityKey(identity), id)
}

const removeSessionByHash = `DELETE FROM session WHERE secret_hash = ?`

// RemoveSessionByHash implements account.Store.
func (a Accounts) RemoveSessionByHash(ctx context.Context, hash [32]byte) error {
	return a.change(ctx, a.db, account.ErrNoSession, removeSessionByHash, hash[:])
}

const removeSessions = `DELETE FROM session WHERE person_key = ? AND id <> ?`

// RemoveSessions implements account.Store.
func (a Accounts) RemoveSessions(ctx context.Context, identity, exceptID string) error {
	_, err := a.db.ExecContext(ctx, removeSessions, text.IdentityKey(identity), exceptID)
	return a.db.DomainError(err, account.ErrUnavailable)
}

const purgeSessions = `DELETE FROM session WHERE expires <= ?`

// DeleteExpiredSessions implements account.Store.
func (a Accounts) DeleteExpiredSessions(ctx context.Context, now time.Time) error {
	_, err := a.db.ExecContext(ctx, purgeSessions, now.UnixMilli())
	return a.db.DomainError(err, account.ErrUnavailable)
}
