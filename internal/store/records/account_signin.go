package records

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/text"
)

const linkedPerson = `SELECT ` + personColumns + ` FROM person p WHERE p.issuer = ? AND p.subject = ? AND p.subject <> ''`

// SaveAssertion implements account.Store.
func (a Accounts) SaveAssertion(ctx context.Context, assertion account.Assertion, provision bool, now time.Time) (p account.Person, changed account.SignInResult, err error) {
	err = a.db.WriteTx(ctx, func(tx *sql.Tx) error {
		p, err = scanPerson(tx.QueryRowContext(ctx, linkedPerson, assertion.Issuer, assertion.Subject))
		if errors.Is(err, sql.ErrNoRows) {
			p, err = linkPerson(ctx, tx, assertion, provision, now, &changed)
		}
		if err != nil {
			return err
		}
		if !p.Active() {
			return account.ErrDeactivated
		}
		return applyRole(ctx, tx, &p, assertion.Role, &changed)
	})
	if err != nil {
		return account.Person{}, account.SignInResult{}, a.db.DomainError(err, account.ErrUnavailable)
	}
	return p, changed, nil
}

const linkSQL = `UPDATE person SET issuer = ?, subject = ? WHERE key = ?`

// linkPerson links the person with the asserted identity, who must not be linked yet, to
// its subject. With provision, it adds the person if there is none.
func linkPerson(ctx context.Context, tx *sql.Tx, assertion account.Assertion, provision bool, now time.Time, changed *account.SignInResult) (account.Person, error) {
	if assertion.Identity == "" {
		return account.Person{}, account.ErrUnverified
	}
	key := text.IdentityKey(assertion.Identity)
	p, err := scanPerson(tx.QueryRowContext(ctx, onePerson, key))
	switch {
	case errors.Is(err, sql.ErrNoRows) && !provision:
		return account.Person{}, account.ErrNotFound
	case errors.Is(err, sql.ErrNoRows):
		if err := account.ValidateIdentity(assertion.Identity); err != nil {
			return account.Person{}, err
		}
		p = account.Person{Identity: assertion.Identity, Role: account.RoleWorker, Issuer: assertion.Issuer, Subject: assertion.Subject,
			Available: true, Created: time.UnixMilli(now.UnixMilli())}
		if assertion.Role != "" {
			p.Role = assertion.Role
		}
		changed.Added, changed.Linked = true, true
		return p, insertPerson(ctx, tx, p)
	case err != nil:
		return account.Person{}, err
	case p.Linked():
		return account.Person{}, account.ErrLinked
	case !p.Active():
		return account.Person{}, account.ErrDeactivated
	}
	if _, err := tx.ExecContext(ctx, linkSQL, assertion.Issuer, assertion.Subject, key); err != nil {
		return account.Person{}, err
	}
	p.Issuer, p.Subject = assertion.Issuer, assertion.Subject
	changed.Linked = true
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

const (
	personOfSession = `SELECT ` + personColumns + ` FROM person p WHERE p.issuer = ? AND p.key IN
	(SELECT person_key FROM session WHERE by_provider AND provider_session = ? AND provider_session <> '')`
	// Sessions that the provider gave no name may be the one that it ended.
	removeProviderSession = `DELETE FROM session WHERE person_key = ? AND by_provider AND provider_session IN (?, '')`
)

// RemoveProviderSessions implements account.Store.
func (a Accounts) RemoveProviderSessions(ctx context.Context, issuer, subject, session string) (p account.Person, err error) {
	err = a.write(ctx, func(tx *sql.Tx) error {
		if subject != "" {
			p, err = scanPerson(tx.QueryRowContext(ctx, linkedPerson, issuer, subject))
		} else {
			p, err = scanPerson(tx.QueryRowContext(ctx, personOfSession, issuer, session))
		}
		if errors.Is(err, sql.ErrNoRows) {
			return account.ErrNotFound
		}
		if err != nil {
			return err
		}
		key := text.IdentityKey(p.Identity)
		if session == "" {
			return execAll(ctx, tx, key, endAllSessions)
		}
		return a.change(ctx, tx, account.ErrNotFound, removeProviderSession, key, session)
	})
	return p, err
}

const unlink = `UPDATE person SET issuer = '', subject = '' WHERE key = ?`

// Unlink implements account.Store.
func (a Accounts) Unlink(ctx context.Context, identity string) error {
	return a.updatePerson(ctx, identity, func(tx *sql.Tx, key string, p account.Person) error {
		if !p.Linked() {
			return nil
		}
		return execAll(ctx, tx, key, unlink, endAllSessions)
	})
}
