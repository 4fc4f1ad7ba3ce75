package records

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// NumberSearches stores for each worker, sealed, which numbers they searched for.
type NumberSearches struct{ db *sqldb.DB }

// NewNumberSearches returns the searches in a database.
func NewNumberSearches(db *sqldb.DB) NumberSearches { return NumberSearches{db} }

const (
	oneNumberSearch       = `SELECT sealed FROM number_search WHERE worker = ?`
	putNumberSearch       = `INSERT INTO number_search (worker, sealed, expires) VALUES (?, ?, ?) ON CONFLICT (worker) DO UPDATE SET sealed = excluded.sealed, expires = excluded.expires`
	expiredNumberSearches = `DELETE FROM number_search WHERE expires <= ?`
)

// Update stores what change makes of the searches of a worker, nil at first, until they
// expire. If change returns nil, it stores nothing.
func (s NumberSearches) Update(ctx context.Context, worker string, change func(sealed []byte) (changed []byte, expires time.Time)) error {
	err := s.db.WriteTxUnsynced(ctx, func(tx *sql.Tx) error {
		var sealed []byte
		if err := tx.QueryRowContext(ctx, oneNumberSearch, worker).Scan(&sealed); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		changed, expires := change(sealed)
		if changed == nil {
			return nil
		}
		_, err := tx.ExecContext(ctx, putNumberSearch, worker, changed, expires.UnixMilli())
		return err
	})
	return s.db.Explain(err)
}

// DeleteExpired deletes what has expired at now.
func (s NumberSearches) DeleteExpired(ctx context.Context, now time.Time) error {
	_, err := s.db.ExecContext(ctx, expiredNumberSearches, now.UnixMilli())
	return s.db.Explain(err)
}
