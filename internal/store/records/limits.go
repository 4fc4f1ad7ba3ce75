package records

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// Limits stores when the attempts under keys are available again. Keys and accounts are
// digests: what people typed may be a password. Errors are account.ErrUnavailable.
type Limits struct{ db *sqldb.DB }

// NewLimits returns the limits in a database.
func NewLimits(db *sqldb.DB) Limits { return Limits{db} }

// A LimitKey is the key of attempts on an account, "" for those on all together.
type LimitKey struct{ Account, Key string }

// FullAt returns the times of keys, the zero time for one without.
func (l Limits) FullAt(ctx context.Context, keys []LimitKey) (fullAt []time.Time, err error) {
	fullAt, err = fullAtIn(ctx, l.db.Readers, keys)
	return fullAt, l.db.DomainError(err, account.ErrUnavailable)
}

const attemptsOf = `SELECT key, full_at FROM attempt WHERE key IN (?`

func fullAtIn(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, keys []LimitKey) ([]time.Time, error) {
	args := make([]any, len(keys))
	for i, k := range keys {
		args[i] = k.Key
	}
	found := make(map[string]time.Time, len(keys))
	_, err := sqldb.Query(ctx, db, func(rows *sql.Rows) (struct{}, error) {
		var key string
		var at int64
		err := rows.Scan(&key, &at)
		found[key] = time.UnixMicro(at)
		return struct{}{}, err
	}, attemptsOf+strings.Repeat(", ?", len(keys)-1)+")", args...)
	fullAt := make([]time.Time, len(keys))
	for i, k := range keys {
		fullAt[i] = found[k.Key]
	}
	return fullAt, err
}

const (
	putAttempt     = `INSERT INTO attempt (key, account, full_at) VALUES (?, ?, ?)`
	putAttemptEnd  = ` ON CONFLICT (key) DO UPDATE SET full_at = excluded.full_at`
	deleteFull     = `DELETE FROM attempt WHERE full_at <= ?`
	deleteAttempts = `DELETE FROM attempt WHERE account = ? AND account <> ''`
)

// Update stores what change makes of the times of keys, in one transaction, unless that is nil.
// It deletes times before now.
func (l Limits) Update(ctx context.Context, keys []LimitKey, now time.Time, change func(fullAt []time.Time) []time.Time) error {
	err := l.db.WriteTxUnsynced(ctx, func(tx *sql.Tx) error {
		fullAt, err := fullAtIn(ctx, tx, keys)
		if err != nil {
			return err
		}
		changed := change(fullAt)
		if changed == nil {
			return nil
		}
		var args []any
		for i, k := range keys {
			args = append(args, k.Key, k.Account, changed[i].UnixMicro())
		}
		if _, err := tx.ExecContext(ctx, putAttempt+strings.Repeat(", (?, ?, ?)", len(keys)-1)+putAttemptEnd, args...); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, deleteFull, now.UnixMicro())
		return err
	})
	return l.db.DomainError(err, account.ErrUnavailable)
}

// Forget deletes the times of an account.
func (l Limits) Forget(ctx context.Context, of string) error {
	_, err := l.db.ExecContext(ctx, deleteAttempts, of)
	return l.db.DomainError(err, account.ErrUnavailable)
}
