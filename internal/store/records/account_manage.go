package records

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/text"
)

// updatePerson runs fn on a person in one transaction.
func (a Accounts) updatePerson(ctx context.Context, identity string, fn func(tx *sql.Tx, key string, p account.Person) error) error {
	key := text.IdentityKey(identity)
	return a.write(ctx, func(tx *sql.Tx) error {
		p, err := scanPerson(tx.QueryRowContext(ctx, onePerson, key))
		if errors.Is(err, sql.ErrNoRows) {
			return account.ErrNotFound
		}
		if err != nil {
			return err
		}
		return fn(tx, key, p)
	})
}

const otherAdmin = `SELECT EXISTS (SELECT 1 FROM person WHERE role = 'admin' AND deactivated IS NULL AND key <> ?)`

// checkNotLastAdmin returns account.ErrLastAdmin when p is the only active
// administrator.
func checkNotLastAdmin(ctx context.Context, tx *sql.Tx, key string, p account.Person) error {
	if p.Role != account.RoleAdmin || !p.Active() {
		return nil
	}
	var other bool
	if err := tx.QueryRowContext(ctx, otherAdmin, key).Scan(&other); err != nil {
		return err
	}
	if !other {
		return account.ErrLastAdmin
	}
	return nil
}

const removePerson = `DELETE FROM person WHERE key = ?`

// RemovePerson implements account.Store. The sessions are deleted by cascade, and
// the worker's blobs with the person.
func (a Accounts) RemovePerson(ctx context.Context, identity string) error {
	return a.updatePerson(ctx, identity, func(tx *sql.Tx, key string, p account.Person) error {
		if err := checkNotLastAdmin(ctx, tx, key, p); err != nil {
			return err
		}
		return execAll(ctx, tx, key, removePerson, deleteWorkerBlobs)
	})
}

const (
	deactivate     = `UPDATE person SET deactivated = ? WHERE key = ?`
	endAllSessions = `DELETE FROM session WHERE person_key = ?`
)

// Deactivate implements account.Store. It deletes the worker's sessions and blobs.
func (a Accounts) Deactivate(ctx context.Context, identity string, now time.Time) error {
	return a.updatePerson(ctx, identity, func(tx *sql.Tx, key string, p account.Person) error {
		if !p.Active() {
			return nil
		}
		if err := checkNotLastAdmin(ctx, tx, key, p); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, deactivate, now.UnixMilli(), key); err != nil {
			return err
		}
		return execAll(ctx, tx, key, endAllSessions, deleteWorkerBlobs)
	})
}

const reactivate = `UPDATE person SET deactivated = NULL WHERE key = ?`

// Reactivate implements account.Store.
func (a Accounts) Reactivate(ctx context.Context, identity string) error {
	return a.change(ctx, a.db, account.ErrNotFound, reactivate, text.IdentityKey(identity))
}

const setRole = `UPDATE person SET role = ?1, may_export = may_export AND ?1 = 'admin' WHERE key = ?2`

// SetRole implements account.Store.
func (a Accounts) SetRole(ctx context.Context, identity string, role account.Role) error {
	return a.updatePerson(ctx, identity, func(tx *sql.Tx, key string, p account.Person) error {
		if role != account.RoleAdmin {
			if err := checkNotLastAdmin(ctx, tx, key, p); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, setRole, role, key)
		return err
	})
}

const setMayExport = `UPDATE person SET may_export = ? WHERE key = ?`

// SetMayExport implements account.Store.
func (a Accounts) SetMayExport(ctx context.Context, identity string, may bool) error {
	return a.updatePerson(ctx, identity, func(tx *sql.Tx, key string, p account.Person) error {
		if may && p.Role != account.RoleAdmin {
			return &account.InvalidError{Reason: account.ExportIsForAdmins}
		}
		_, err := tx.ExecContext(ctx, setMayExport, may, key)
		return err
	})
}

const setAvailable = `UPDATE person SET available = ? WHERE key = ?`

// SetAvailable implements account.Store.
func (a Accounts) SetAvailable(ctx context.Context, identity string, available bool) error {
	return a.change(ctx, a.db, account.ErrNotFound, setAvailable, available, text.IdentityKey(identity))
}

const nextAvailable = `UPDATE person SET assigned = (SELECT max(assigned) FROM person) + 1
	WHERE key = (SELECT key FROM person WHERE role = 'worker' AND available AND deactivated IS NULL ORDER BY assigned, key LIMIT 1)
	RETURNING identity`

// NextAvailable implements account.Store.
func (a Accounts) NextAvailable(ctx context.Context) (identity string, err error) {
	err = a.write(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, nextAvailable).Scan(&identity)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return identity, err
}

// execAll runs statements that take only a person's key.
func execAll(ctx context.Context, tx *sql.Tx, key string, statements ...string) error {
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement, key); err != nil {
			return err
		}
	}
	return nil
}
