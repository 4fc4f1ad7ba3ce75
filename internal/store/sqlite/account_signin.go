package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

const boundPerson = `SELECT ` + personColumns + ` FROM person p WHERE p.issuer = ? AND p.subject = ? AND p.subject <> ''`

// SaveAssertion implements account.Store.
func (a Accounts) SaveAssertion(ctx context.Context, proof account.Assertion, provision bool, now time.Time) (p account.Person, changed account.SignInResult, err error) {
	err = a.db.WriteTx(ctx, func(tx *sql.Tx) error {
		p, err = scanPerson(tx.QueryRowContext(ctx, boundPerson, proof.Issuer, proof.Subject))
		if errors.Is(err, sql.ErrNoRows) {
			p, err = claim(ctx, tx, proof, provision, now, &changed)
		}
		if err != nil {
			return err
		}
		if !p.Active() {
			return account.ErrDeactivated
		}
		return applyRole(ctx, tx, &p, proof.Role, &changed)
	})
	if err != nil {
		return account.Person{}, account.SignInResult{}, sqldb.DomainError(err, account.ErrUnavailable)
	}
	return p, changed, nil
}

const bind = `UPDATE person SET issuer = ?, subject = ? WHERE key = ?`

// claim binds the person with the identity of proof, who must not be bound yet, to
// its subject. With provision, it adds the person if there is none.
func claim(ctx context.Context, tx *sql.Tx, proof account.Assertion, provision bool, now time.Time, changed *account.SignInResult) (account.Person, error) {
	if proof.Identity == "" {
		return account.Person{}, account.ErrUnverified
	}
	key := text.IdentityKey(proof.Identity)
	p, err := scanPerson(tx.QueryRowContext(ctx, onePerson, key))
	switch {
	case errors.Is(err, sql.ErrNoRows) && !provision:
		return account.Person{}, account.ErrNotFound
	case errors.Is(err, sql.ErrNoRows):
		if err := account.ValidateIdentity(proof.Identity); err != nil {
			return account.Person{}, err
		}
		p = account.Person{Identity: proof.Identity, Role: account.RoleWorker, Issuer: proof.Issuer, Subject: proof.Subject,
			Created: time.UnixMilli(now.UnixMilli())}
		if proof.Role != "" {
			p.Role = proof.Role
		}
		changed.Added, changed.Bound = true, true
		return p, insertPerson(ctx, tx, p)
	case err != nil:
		return account.Person{}, err
	case p.Bound():
		return account.Person{}, account.ErrBound
	case !p.Active():
		return account.Person{}, account.ErrDeactivated
	}
	if _, err := tx.ExecContext(ctx, bind, proof.Issuer, proof.Subject, key); err != nil {
		return account.Person{}, err
	}
	p.Issuer, p.Subject = proof.Issuer, proof.Subject
	changed.Bound = true
	return p, nil
}

// applyRole sets the role of a claim, unless it is "". The last active administrator
// stays one.
func applyRole(ctx context.Context, tx *sql.Tx, p *account.Person, role account.Role, changed *account.SignInResult) error {
	if role == "" || role == p.Role {
		return nil
	}
	key := text.IdentityKey(p.Identity)
	if role != account.RoleAdmin {
		err := checkNotLastAdmin(ctx, tx, key, *p)
		if errors.Is(err, account.ErrLastAdmin) {
			changed.KeptAdmin = true
			return nil
		}
		if err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, setRole, role, key); err != nil {
		return err
	}
	changed.PreviousRole, p.Role, p.MayExport = p.Role, role, p.MayExport && role == account.RoleAdmin
	return nil
}

const unbind = `UPDATE person SET issuer = '', subject = '' WHERE key = ?`

// Unbind implements account.Store.
func (a Accounts) Unbind(ctx context.Context, identity string) error {
	return a.updatePerson(ctx, identity, func(tx *sql.Tx, key string, _ account.Person) error {
		return execAll(ctx, tx, key, unbind, endAllSessions)
	})
}
